//! `/sealed/cases/{id}`: a case.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use calendar::Instant;
use casework::Kind;
use casework::case::{self, View};
use casework::entry::{Consent, ReferralState, What};
use casework::file::Step;
use casework::kind::Course;
use casework::recommendation::{Recommendation, RecommendationState};
use casework::support::Support;

use super::Desk;
use super::acts::{self, Noun};
use super::bar::Bar;
use super::clocks::{self, ClockRow};
use super::list::deputy;
use super::moves;
use super::timeline::{self, Item, item};
use super::words::{CHANNELS, REFERRALS, SPEAKERS, STEPS, name_of, outcomes, roles, step_tone, suspicion_name};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// A danger sign that nobody has looked at.
pub(crate) struct SignRow {
    pub(crate) rule: String,
    pub(crate) why: String,
    pub(crate) at: String,
}

/// What stands above every page of a case.
pub(crate) struct Header {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) step: &'static str,
    pub(crate) step_tone: &'static str,
    pub(crate) accountable: Option<String>,
    /// Until when they answer in the place of another, if they do.
    pub(crate) deputy: Option<String>,
    pub(crate) came: String,
    pub(crate) channel: &'static str,
    pub(crate) speaker: &'static str,
    pub(crate) school: String,
    pub(crate) suspicions: Vec<&'static str>,
    pub(crate) judged: Option<bool>,
    pub(crate) outcome: &'static str,
    pub(crate) recurrences: usize,
    pub(crate) has_hold: bool,
    pub(crate) signs: Vec<SignRow>,
    pub(crate) clocks: Vec<ClockRow>,
    /// Code of the desk, and what it is called.
    pub(crate) desk: String,
    pub(crate) desk_name: String,
    /// Whether addresses name the desk.
    pub(crate) is_named: bool,
    /// Whether it opens with its readers' passphrases alone.
    pub(crate) is_sealed: bool,
    pub(crate) is_about_child: bool,
    /// What is wanted, line by line.
    pub(crate) wishes: Vec<(&'static str, String)>,
    /// How the answer about the school looks: `ok`, `bad`, or `warn` while it was not asked.
    pub(crate) school_tone: &'static str,
}

/// The signs since somebody last looked.
fn open_signs(frame: &Frame, view: &View) -> Vec<SignRow> {
    let mut open = Vec::new();
    for placed in &view.file.entries {
        match &placed.entry.what {
            What::Sign { rule, why } => {
                let at = frame.moment(&placed.entry.at);
                open.push(SignRow { rule: rule.clone(), why: why.clone(), at });
            }
            What::SignsSeen { .. } => open.clear(),
            _ => {}
        }
    }
    open
}

/// The header of a case.
pub(crate) fn header(frame: &Frame, names: &Names, kind: &Kind, view: &View, now: Instant) -> Header {
    let (file, is_about_child) = (&view.file, kind.course == Course::Bullying);
    Header {
        id: view.clear.id.clone(),
        number: file.number.clone(),
        step: name_of(&STEPS, file.step),
        step_tone: step_tone(file.step),
        accountable: view.clear.accountable.as_deref().map(|account| names.of(account)),
        deputy: deputy(frame, file.deputy_until(frame.today)),
        came: frame.moment(&file.opened_at),
        channel: name_of(&CHANNELS, file.channel),
        speaker: name_of(&SPEAKERS, file.speaker),
        school: file.school.clone(),
        suspicions: file.suspicions.iter().map(|number| suspicion_name(*number)).collect(),
        judged: file.judged,
        outcome: file.outcome.map_or("", |outcome| name_of(outcomes(kind.course), outcome)),
        recurrences: file.recurrences,
        has_hold: view.clear.has_hold,
        signs: open_signs(frame, view),
        clocks: file.clocks.iter().map(|clock| clocks::row(kind, clock, now)).collect(),
        wishes: timeline::wishes_of(kind.course, &file.wishes),
        desk: kind.desk.clone(),
        desk_name: kind.name.clone(),
        is_sealed: kind.is_sealed(),
        is_named: kind.is_named(),
        is_about_child,
        school_tone: match file.wishes.school_may_know {
            Consent::Yes => "ok",
            Consent::No => "bad",
            Consent::Unsaid => "warn",
        },
    }
}

struct PartyRow {
    role: &'static str,
    name: String,
    school: String,
    /// The member of the staff or the section that stands on the wall for it.
    walled: String,
}

struct TaskRow {
    id: String,
    todo: String,
    owner: String,
    is_done: bool,
}

struct ReferralRow {
    id: String,
    to: String,
    purpose: String,
    state: &'static str,
    tone: &'static str,
    reason: String,
    next: &'static [(&'static str, &'static str)],
}

/// Money for a lawyer or a change of school.
struct SupportRow {
    id: String,
    kind: &'static str,
    state: &'static str,
    amount: String,
    reason: String,
    is_open: bool,
}

fn support_row(known: &Support) -> SupportRow {
    SupportRow {
        id: known.ask.id.clone(),
        kind: known.ask.kind.name(),
        state: known.state.name(),
        amount: timeline::yen(known.paid_yen.or(known.granted_yen).or(known.ask.amount_yen)),
        reason: known.reason.clone(),
        is_open: !known.state.next().is_empty(),
    }
}

/// Something that was said to a school by the desk's own right.
struct SaidRow {
    id: String,
    kind: &'static str,
    to: String,
    words: String,
    state: &'static str,
    tone: &'static str,
    until: String,
    answer: String,
    /// Why it was taken back.
    off: String,
    is_open: bool,
}

fn said_row(frame: &Frame, known: &Recommendation, now: Instant) -> SaidRow {
    let (state, tone) = match known.state_at(now) {
        RecommendationState::Open => ("回答待ち", "warn"),
        RecommendationState::Answered => ("回答あり", "ok"),
        RecommendationState::Overdue => ("期限すぎ", "bad"),
        RecommendationState::Off => ("取り下げ", "dim"),
    };
    SaidRow {
        id: known.said.id.clone(),
        kind: known.said.kind.name(),
        to: known.said.to.clone(),
        words: known.said.words.clone(),
        until: known.said.answer_by.as_ref().map(|day| frame.day(day)).unwrap_or_default(),
        answer: known.answer.as_ref().map(|answer| answer.words.clone()).unwrap_or_default(),
        off: known.off.as_ref().map(|(_, reason)| reason.clone()).unwrap_or_default(),
        is_open: known.is_open(),
        state,
        tone,
    }
}

/// Actions that belong together.
struct Group {
    title: &'static str,
    nouns: Vec<Noun>,
}

#[derive(Template)]
#[template(path = "staff/sealed/case.html")]
struct CasePage {
    frame: Frame,
    bar: Bar,
    head: Header,
    /// What comes next in this step.
    primary: Noun,
    groups: Vec<Group>,
    talk: usize,
    items: Vec<Item>,
    parties: Vec<PartyRow>,
    tasks: Vec<TaskRow>,
    referrals: Vec<ReferralRow>,
    said: Vec<SaidRow>,
    supports: Vec<SupportRow>,
    /// Meetings that are to come.
    conferences: Vec<(&'static str, String)>,
    /// Who takes part from outside now.
    participants: Vec<(String, &'static str)>,
    is_closed: bool,
    is_unassigned: bool,
    version: i64,
    seen: i64,
}

/// What comes next.
fn primary(view: &View) -> &'static str {
    match view.file.step {
        Step::Received => "first-actions",
        Step::Acting if view.file.course == Course::Consultation => "closings",
        Step::Acting if view.file.judged.is_none() => "judgements",
        Step::Acting if view.file.judged == Some(false) => "closings",
        Step::Acting => "stops",
        Step::Watching => "resolutions",
        Step::Resolved => "closings",
        Step::Closed => "reopenings",
    }
}

/// What cases of bullying alone have.
const OF_BULLYING: [&str; 8] =
    ["judgements", "stops", "recurrences", "resolutions", "suspicions", "mayor-reports", "recommendations", "supports"];

/// Whether something can be written in a step at all; whether it may be is the case's own matter.
fn fits(path: &str, view: &View) -> bool {
    let has_stopped = matches!(view.file.step, Step::Watching | Step::Resolved);
    let stands_still = |clock: &casework::clock::Clock| clock.deadline.pauses.iter().any(|pause| pause.to.is_none());
    if view.file.course == Course::Consultation && OF_BULLYING.contains(&path) {
        return false;
    }
    let open = || view.file.clocks.iter().filter(|clock| clock.is_open());
    match path {
        "first-actions" => view.file.step == Step::Received || view.file.recurrences > 0,
        "signs-seen" => view.file.open_signs > 0,
        "mayor-reports" => !view.file.suspicions.is_empty(),
        "stops" => matches!(view.file.step, Step::Acting),
        "recurrences" => has_stopped,
        "resolutions" => view.file.step == Step::Watching,
        "pauses" => open().any(|clock| !stands_still(clock)),
        "resumptions" => open().any(stands_still),
        "reopenings" => false,
        _ => true,
    }
}

const GROUPS: [(&str, &[&str]); 4] = [
    ("進める", &["first-actions", "actions", "judgements", "stops", "recurrences", "resolutions", "closings"]),
    ("重大事態・しるし", &["signs-seen", "suspicions", "mayor-reports"]),
    ("人とつなぐ", &["wishes", "parties", "referrals", "recommendations", "supports", "tasks"]),
    ("担当と期限", &["hand-overs", "pauses", "resumptions"]),
];

fn groups(view: &View, primary: &str) -> Vec<Group> {
    if view.file.step == Step::Closed {
        return Vec::new();
    }
    let group = |(title, paths): (&'static str, &[&str])| {
        let shown = paths.iter().filter(|path| **path != primary && fits(path, view));
        Group {
            title,
            nouns: shown.filter_map(|path| acts::of_path(path)).map(|noun| noun.in_course(view.file.course)).collect(),
        }
    };
    GROUPS.into_iter().map(group).filter(|group| !group.nouns.is_empty()).collect()
}

const fn referral_tone(state: ReferralState) -> &'static str {
    match state {
        ReferralState::InProgress => "warn",
        ReferralState::Accepted | ReferralState::Done => "ok",
        ReferralState::Rejected => "bad",
        ReferralState::Revoked => "dim",
    }
}

/// `/sealed/cases/{id}`
pub(crate) async fn get(desk: Desk, Path(id): Path<String>) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    // What the reporter wrote while the desk was locked.
    casework::triage::look_again(desk.house(), entropy.as_mut(), &desk.who, &id).await?;
    drop(entropy);
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let file = &view.file;
    let first = primary(&view);
    // A party who is nobody of the staff has no account to name.
    let name = |account: &Option<String>| account.as_deref().map(|id| names.of(id)).unwrap_or_default();
    let parties = file.parties.iter().map(|party| PartyRow {
        role: name_of(roles(file.course), party.role),
        name: if party.name.is_empty() { "（名前はわからない）".into() } else { party.name.clone() },
        school: party.school.clone(),
        walled: match (&party.account, &party.section) {
            (Some(_), _) => name(&party.account),
            (None, Some(code)) => frame.section(code),
            (None, None) => String::new(),
        },
    });
    let tasks = file.tasks.iter().map(|task| TaskRow {
        id: task.id.clone(),
        todo: task.todo.clone(),
        owner: name(&task.owner),
        is_done: task.is_done,
    });
    let referrals = file.referrals.iter().map(|referral| ReferralRow {
        id: referral.id.clone(),
        to: referral.to.clone(),
        purpose: referral.purpose.clone(),
        state: name_of(&REFERRALS, referral.state),
        tone: referral_tone(referral.state),
        reason: referral.reason.clone(),
        next: moves::next_states(referral.state),
    });
    let items: Vec<Item> = file.entries.iter().map(|placed| item(&frame, &names, file, placed)).collect();
    show(&CasePage {
        head: header(&frame, &names, &desk.kind, &view, desk.staff.visit.now),
        primary: acts::of_path(first).unwrap_or(acts::REOPENING).in_course(file.course),
        groups: groups(&view, first),
        talk: file.entries.iter().filter(|placed| placed.entry.what.is_talk()).count(),
        items,
        parties: parties.collect(),
        tasks: tasks.collect(),
        referrals: referrals.collect(),
        said: file.recommendations.iter().map(|known| said_row(&frame, known, desk.staff.visit.now)).collect(),
        supports: file.supports.iter().map(support_row).collect(),
        conferences: file
            .conferences
            .iter()
            .filter(|known| known.is_ahead())
            .map(|known| (known.conference.kind.name(), frame.moment(&known.conference.starts_at)))
            .collect(),
        participants: file
            .participants
            .iter()
            .filter(|known| known.left.is_none())
            .map(|known| (names.of(&known.account), known.invitation.kind.name()))
            .collect(),
        is_closed: file.step == Step::Closed,
        is_unassigned: view.clear.accountable.is_none(),
        version: view.clear.version,
        seen: view.clear.records,
        bar: Bar::at(&desk, "cases"),
        frame,
    })
}
