//! `/sends/{number}`: one send — where it stands, what is to be done next, what it says and to whom.

use access::Action;
use askama::Template;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use city::Lang;
use outreach::recipient::{self, Channel};
use outreach::sending::{Sending, State};
use outreach::{Plan, batch, event, ledger, planning};

use super::editor::{self, Editor};
use super::history::{self, Entry};
use super::progress::{Progress, has_begun};
use super::{LANGS, address, count, find, is_own, lang_name, may, reason, state_name, waits};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::answers::who;
use crate::staff::form::{Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::Names;

/// A step of the way.
struct Step {
    n: usize,
    name: &'static str,
    /// `past`, `now` or empty.
    state: &'static str,
    words: &'static str,
}

/// A plan in words.
struct PlanView {
    recipients: String,
    by_lang: String,
    cost: String,
    /// What is left of the month for this send, and after it.
    left: String,
    quota: String,
    finish: String,
    later: String,
    has_later: bool,
    made_at: String,
}

impl PlanView {
    fn of(frame: &Frame, sending: &Sending, plan: &Plan) -> PlanView {
        let by_lang = plan.by_lang.iter().map(|(lang, n)| format!("{} {}人", lang_name(*lang), count(*n)));
        let left = match plan.quota.free(sending.urgent) {
            None => "上限はありません。".to_owned(),
            Some(free) => {
                format!("今月の残り{}通 → 送ると{}通", count(free), count(free - plan.cost))
            }
        };
        let quota = match plan.quota.limit {
            None => "LINEの契約に、通数の上限はありません。".to_owned(),
            Some(limit) => format!(
                "今月の上限{}通、使用済み{}通、承認されたほかの配信の分{}通、緊急用の予備{}通。1人に1通と数えます。",
                count(limit),
                count(plan.quota.used),
                count(plan.quota.bound),
                if sending.urgent {
                    "（緊急なので使います）0".to_owned()
                } else {
                    count(plan.quota.reserve)
                },
            ),
        };
        PlanView {
            recipients: count(plan.recipients),
            by_lang: by_lang.collect::<Vec<_>>().join("、"),
            cost: count(plan.cost),
            left,
            quota,
            finish: frame.moment(&plan.finish_at),
            later: count(plan.later),
            has_later: plan.later > 0,
            made_at: sending.planned_at.map_or_else(String::new, |at| frame.moment(&at)),
        }
    }
}

/// The text in a language.
struct Shown {
    name: &'static str,
    html: &'static str,
    body: String,
}

/// A batch about which a person decides.
struct Doubt {
    n: i64,
    size: String,
    why: String,
    since: String,
}

#[derive(Template)]
#[template(path = "staff/sends/one.html")]
struct OnePage {
    frame: Frame,
    sending: Sending,
    url: String,
    state: &'static str,
    tone: &'static str,
    /// What is wrong with what was just asked for.
    problem: Option<String>,
    /// A reason that was typed.
    typed: String,
    steps: Vec<Step>,
    plan: Option<PlanView>,
    reach: Option<String>,
    progress: Option<Progress>,
    stands: Option<String>,
    left: String,
    doubts: Vec<Doubt>,
    can_again: bool,
    texts: Vec<Shown>,
    topic: &'static str,
    section: String,
    starts: Option<String>,
    starts_later: bool,
    author: String,
    edited_by: String,
    approver: Option<String>,
    testers: usize,
    has_line: bool,
    may_write: bool,
    may_approve: bool,
    is_own: bool,
    is_tested: bool,
    editor: Option<Editor>,
    is_open: bool,
    history: Vec<Entry>,
    left_out: usize,
}

impl OnePage {
    fn is(&self, code: &str) -> bool {
        self.sending.state.code() == code
    }

    fn is_before(&self) -> bool {
        matches!(self.sending.state, State::Draft | State::Planned | State::Approved)
    }

    fn districts(&self) -> String {
        if self.sending.districts.is_empty() { "市全体".into() } else { self.sending.districts.join("、") }
    }
}

fn steps(sending: &Sending, is_tested: bool) -> Vec<Step> {
    let at = match sending.state {
        State::Draft => 1,
        State::Planned if !waits(sending) => 2,
        State::Planned => 3,
        State::Approved | State::Running | State::Paused => 4,
        State::Stopped | State::Done => 5,
    };
    let sends = match sending.state {
        State::Running => "送っています",
        State::Paused => "止まっています",
        State::Stopped => "中止しました",
        State::Done => "送りました",
        _ => "承認の後に始めます",
    };
    let words = [
        ("書く", if at > 1 { "計画ができました" } else { "書いて、計画します" }),
        ("試し送り", if is_tested { "職員が確かめました" } else { "職員のLINEで見ます" }),
        ("承認", if at > 3 { "承認されました" } else { "ほかの人が確かめます" }),
        ("送る", sends),
    ];
    let step = |(i, (name, words)): (usize, (&'static str, &'static str))| {
        let state = match (i + 1).cmp(&at) {
            std::cmp::Ordering::Less => "past",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "",
        };
        Step { n: i + 1, name, state, words }
    };
    words.into_iter().enumerate().map(step).collect()
}

/// What came of something that was asked for on the page.
#[derive(Default)]
pub(crate) struct Said {
    /// Why it was not done.
    pub(crate) problem: Option<String>,
    /// A reason that was typed.
    pub(crate) typed: String,
    /// The form of the editor as it was sent.
    pub(crate) form: Option<Form>,
}

async fn page(staff: &Staff, number: &str, said: Said) -> Result<OnePage, Failure> {
    let sending = find(staff, number).await?;
    let frame = staff.frame("sends");
    let mut tx = staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let is_draft = sending.state == State::Draft;
    let plan = planning::of(&mut tx, &sending.id).await?.filter(|_| !is_draft);
    let reach = if is_draft { Some(planning::reach(&mut tx, &sending).await?) } else { None };
    let figures = ledger::figures(&mut tx, &sending.id).await?;
    let doubts = batch::in_doubt(&mut tx, &sending.id).await?;
    let events = event::of(&mut tx, &sending.id).await?;
    let testers = recipient::staff_test(&mut tx, Channel::Line).await?.len();
    drop(tx);
    let may_write = may(staff, Action::SendWrite, &sending);
    let can_edit = may_write && matches!(sending.state, State::Draft | State::Planned | State::Approved);
    let is_open = said.form.is_some();
    let editor = if can_edit {
        let form = said.form.unwrap_or_else(|| editor::stored(&sending));
        Some(Editor::new(staff, Some(&sending), form).await?)
    } else {
        None
    };
    let (state, tone) = state_name(&sending);
    let is_tested = sending.tested_version == Some(sending.version);
    let doubt = |b: batch::SentBatch| Doubt {
        n: b.n,
        size: count(b.size),
        why: b.reason.as_deref().map(reason).unwrap_or_default(),
        since: b.first_attempt_at.map_or_else(|| "—".into(), |at| frame.moment(&at)),
    };
    let text = |(lang, name): (Lang, &'static str)| {
        let body = sending.texts.get(lang)?.to_owned();
        Some(Shown { name, html: lang.html(), body })
    };
    let (history, left_out) = history::entries(&frame, &names, events);
    Ok(OnePage {
        url: address(&sending),
        state,
        tone,
        problem: said.problem,
        typed: said.typed,
        steps: steps(&sending, is_tested),
        plan: plan.map(|p| PlanView::of(&frame, &sending, &p)),
        reach: reach.map(count),
        progress: has_begun(&sending).then(|| Progress::of(&sending, &figures)),
        stands: sending
            .reason
            .as_deref()
            .filter(|_| matches!(sending.state, State::Paused | State::Stopped))
            .map(reason),
        left: count(figures.waiting),
        can_again: sending.state != State::Stopped,
        doubts: doubts.into_iter().map(doubt).collect(),
        texts: LANGS.into_iter().filter_map(text).collect(),
        topic: city::topic(&sending.topic).map_or("—", |t| t.name(Lang::Ja)),
        section: frame.section(&sending.section),
        starts: sending.starts_at.map(|at| frame.moment(&at)),
        starts_later: sending.starts_at.is_some_and(|at| at > staff.app.now()),
        author: who(&names, &sending.author),
        edited_by: who(&names, &sending.edited_by),
        approver: sending.approver.as_deref().map(|a| who(&names, a)),
        testers,
        has_line: staff.city.line.is_some(),
        may_write,
        may_approve: may(staff, Action::SendApprove, &sending),
        is_own: is_own(staff, &sending),
        is_tested,
        editor,
        is_open,
        history,
        left_out,
        frame,
        sending,
    })
}

/// `/sends/{number}`
pub(crate) async fn get(Path(number): Path<String>, staff: Staff) -> Result<Response, Failure> {
    show(&page(&staff, &number, Said::default()).await?)
}

/// The page with a sentence that says why something was not done.
pub(crate) async fn show_problem(staff: &Staff, number: &str, said: Said) -> Result<Response, Failure> {
    show_wrong(&page(staff, number, said).await?)
}

/// The page with the form as it was sent.
pub(crate) async fn show_form(staff: &Staff, number: &str, form: Form) -> Result<Response, Failure> {
    show_wrong(&page(staff, number, Said { form: Some(form), ..Said::default() }).await?)
}

/// `/sends/{number}/progress`: the figures alone, for the script of the page.
pub(crate) async fn progress(Path(number): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let sending = find(&staff, &number).await?;
    let mut tx = staff.city.db.read().await?;
    let figures = ledger::figures(&mut tx, &sending.id).await?;
    drop(tx);
    Ok(Html(Progress::of(&sending, &figures).render()?).into_response())
}
