//! `/line/…`: the city's account on LINE — its rich menus, when they are shown, and the menu of an emergency.

pub(crate) mod editor;
pub(crate) mod emergency;
pub(crate) mod menus;
pub(crate) mod plans;
pub(crate) mod usage;

use std::time::Duration;

use calendar::Instant;
use line_account::menu::plan::{self, Kind};
use line_account::menu::{self, Editor, Menu, MenuError, Plan, ReflectionState};

use super::form::Form;
use super::frame::Frame;
use super::gate::Staff;
use crate::errors::Failure;

/// Who acts, for the menus.
pub(crate) fn editor_of(staff: &Staff) -> Editor<'_> {
    Editor { clock: staff.app.clock.as_ref(), who: &staff.who }
}

/// What is wrong, onto the form; anything else is a failure.
fn onto(error: MenuError, form: &mut Form) -> Result<(), Failure> {
    match error {
        MenuError::Form(problems) => {
            for problem in problems {
                form.wrong(problem.field, problem.reason);
            }
            Ok(())
        }
        other => Err(other.into()),
    }
}

/// Why a menu is shown, with the colour of its tag.
fn why(plan: &Plan) -> (&'static str, &'static str) {
    match (plan.kind, plan.is_drill) {
        (Kind::Emergency, true) => ("訓練", "warn"),
        (Kind::Emergency, false) => ("緊急", "bad"),
        (Kind::Scheduled, _) => ("予定", "dim"),
        (Kind::Default, _) => ("ふだん", "ok"),
    }
}

/// Until when, in words to which まで is put: midnight is the end of the day before.
fn until(frame: &Frame, at: Instant) -> String {
    let before = at.minus(Duration::from_millis(1)).jst_date();
    if Instant::start_of(at.jst_date()) == at {
        format!("{}の終わり", frame.day(&before))
    } else {
        frame.moment(&at)
    }
}

/// From when and until when, in words.
fn span(frame: &Frame, plan: &Plan) -> String {
    let end = plan.ends_at.map_or_else(String::new, |at| format!("、{}まで", until(frame, at)));
    format!("{}から{end}", frame.moment(&plan.begins_at))
}

/// What is shown now, and how far LINE is.
pub(crate) struct Now {
    pub(crate) menu: Menu,
    pub(crate) why: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) since: String,
    /// When something else is shown.
    pub(crate) until: Option<String>,
    pub(crate) reason: String,
    pub(crate) is_emergency: bool,
}

/// How far LINE is, in words.
pub(crate) struct Told {
    pub(crate) words: &'static str,
    pub(crate) tone: &'static str,
    /// Why not, and what to do.
    pub(crate) sentence: String,
    pub(crate) can_try: bool,
}

/// All that the pages of the menus show.
pub(crate) struct Book {
    pub(crate) menus: Vec<Menu>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) now: Option<Now>,
    /// Nothing while nothing was ever planned.
    pub(crate) told: Option<Told>,
}

fn told(state: ReflectionState, frame: &Frame, found: Option<&menu::Reflection>) -> Told {
    let said = |words, tone, sentence: String, can_try| Told { words, tone, sentence, can_try };
    let at = found.map_or_else(String::new, |f| frame.moment(&f.at));
    match state {
        ReflectionState::Done => said("LINEに反映済み", "ok", format!("{at}に確かめました。"), false),
        ReflectionState::Waiting => {
            said("LINEに反映中", "warn", "数秒で終わります。このページを開き直すと、様子が分かります。".into(), false)
        }
        ReflectionState::Failed => {
            let sentence = found.map_or_else(String::new, |f| menu::sentence(&f.reason));
            said("LINEに反映できません", "bad", sentence, true)
        }
        ReflectionState::NotSetUp => said(
            "LINEに反映できません",
            "bad",
            "この市のLINE公式アカウントが、まだ設定されていません。設定されると、自動で反映します。システム管理者に伝えてください。"
                .into(),
            true,
        ),
    }
}

impl Book {
    pub(crate) async fn read(staff: &Staff, frame: &Frame) -> Result<Book, Failure> {
        let at = staff.app.now();
        let mut tx = staff.city.db.read().await?;
        let (menus, plans) = (menu::list(&mut tx).await?, menu::plans(&mut tx, at).await?);
        let found = menu::reflection(&mut tx).await?;
        drop(tx);
        let shown = plan::shown(&plans, at);
        let menu = shown.and_then(|s| menus.iter().find(|m| m.id == s.plan.menu));
        let wanted = menu.zip(shown.map(|s| s.plan.is_drill));
        let state = menu::reflection_of(found.as_ref(), wanted);
        let is_known = found.as_ref().is_some_and(|f| f.menu.is_some()) || wanted.is_some();
        let now = menu.zip(shown).map(|(menu, shown)| {
            let (words, tone) = why(shown.plan);
            Now {
                menu: menu.clone(),
                why: words,
                tone,
                since: frame.moment(&shown.plan.begins_at),
                until: shown.until.map(|at| until(frame, at)),
                reason: shown.plan.reason.clone(),
                is_emergency: shown.plan.kind == Kind::Emergency,
            }
        });
        Ok(Book { told: is_known.then(|| told(state, frame, found.as_ref())), now, menus, plans })
    }

    pub(crate) fn name_of(&self, menu: &str) -> &str {
        self.menus.iter().find(|m| m.id == menu).map_or("（消したメニュー）", |m| &m.name)
    }
}

/// A menu in the list and on the page of an emergency.
pub(crate) struct Picture {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Address of the picture; it changes with the picture.
    pub(crate) url: Option<String>,
    /// What is on it, for whoever does not see it.
    pub(crate) says: String,
    pub(crate) height: u32,
}

impl Picture {
    pub(crate) fn of(menu: &Menu) -> Picture {
        let labels: Vec<&str> = menu.tiles.iter().map(|t| t.label.as_str()).collect();
        Picture {
            id: menu.id.clone(),
            name: menu.name.clone(),
            url: menu.image_type.as_ref().map(|_| format!("/line/menus/{}/picture?v={}", menu.id, menu.version)),
            says: format!("{}の絵。ボタン: {}", menu.name, labels.join("、")),
            height: menu.height * 250 / line_account::menu::layout::WIDTH,
        }
    }
}
