//! Rich menus (リッチメニュー): the picture with areas below a talk, made by the staff, shown by a schedule.
//!
//! - a menu is a layout with a tile for each area; its picture is drawn in the browser or sent by a person ([`draft`]);
//! - plans say which menu is shown when: the one for every day, scheduled ones, and the one for an emergency, which
//!   takes over whatever else is planned ([`plan`], [`planning`]);
//! - what is shown is made true at LINE by a job ([`job`], [`at_line`]): it can be killed at any point, and makes
//!   nothing twice.

mod at_line;
pub mod draft;
pub mod job;
pub mod layout;
pub mod plan;
pub mod planning;
mod rows;
pub mod tile;
mod trouble;

use access::{Action, Principal};
use calendar::{Clock, Instant};
use store::{Entropy, Tx, audit, ids};

pub use crate::store::menu::{events, get, image, list, plans, reflection, reflection_of};
pub(crate) use rows::Made;
pub use rows::{Event, Menu, Plan, Reflection, ReflectionState, State};
pub use trouble::sentence;

/// Longest name of a menu, in characters.
pub const MAX_NAME: usize = 60;
/// Longest text on the bar, in grapheme clusters (LINE's limit).
pub const MAX_BAR: usize = 14;
/// Longest text on the bar of a menu for emergencies: [`DRILL`] stands before it in a drill.
pub const MAX_EMERGENCY_BAR: usize = 10;
/// Longest label of a tile, in grapheme clusters (LINE's limit for an action's label).
pub const MAX_LABEL: usize = 20;
/// Longest words that a tile says, in grapheme clusters (LINE's limit).
pub const MAX_WORDS: usize = 300;
/// Longest reason, in characters.
pub const MAX_REASON: usize = 400;
/// What stands on the bar in a drill.
pub const DRILL: &str = "【訓練】";

/// What can go wrong with menus and plans.
#[derive(Debug, thiserror::Error)]
pub enum MenuError {
    /// Not there.
    #[error("there is no such menu or plan")]
    NotFound,
    /// Not allowed.
    #[error("not allowed")]
    Forbidden,
    /// Somebody else changed it meanwhile.
    #[error("somebody else changed it meanwhile")]
    Changed,
    /// What is wrong with a form.
    #[error("{} things are wrong with the form", .0.len())]
    Form(Vec<Problem>),
    /// Why it cannot be done, in a sentence for the person.
    #[error("{0}")]
    Rule(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The city cannot be read.
    #[error(transparent)]
    City(#[from] city::CityError),
    /// What a tile holds cannot be written or read.
    #[error("tiles of a menu: {0}")]
    Tiles(#[from] serde_json::Error),
}

/// Something that is wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The tile, counted from 0, if it is about one.
    pub tile: Option<usize>,
    /// Name of the field.
    pub field: &'static str,
    /// A sentence for the person: what is wrong and what to do.
    pub reason: String,
}

impl Problem {
    /// Something wrong outside of the tiles.
    pub fn new(field: &'static str, reason: impl Into<String>) -> Problem {
        Problem { tile: None, field, reason: reason.into() }
    }
}

/// Who changes something, and by which clock.
#[derive(Clone, Copy)]
pub struct Editor<'a> {
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The person.
    pub who: &'a Principal,
}

impl Editor<'_> {
    fn may(&self) -> Result<(), MenuError> {
        if self.who.may(Action::LineWrite) { Ok(()) } else { Err(MenuError::Forbidden) }
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }
}

/// Writes what was done into the history of the menus and the record of actions.
async fn note(
    tx: &mut Tx,
    editor: Editor<'_>,
    entropy: Entropy<'_>,
    act: &'static str,
    menu: &str,
    (reason, fields): (&str, &[&str]),
) -> Result<(), MenuError> {
    let actor = editor.who.actor();
    let action = format!("line_menu.{act}");
    let object = if menu.is_empty() { "all" } else { menu };
    let event = audit::Event { actor: &actor, action: &action, object_kind: "line_menu", object, fields };
    audit::record(tx, editor.clock, event).await?;
    let id = ids::new_id(editor.clock, entropy);
    let event = Event { id, at: editor.now(), actor, act: act.into(), menu: menu.into(), reason: reason.into() };
    Ok(crate::store::menu::insert_event(tx, &event).await?)
}

/// A reason that was given, or what is missing.
fn reason(typed: &str) -> Result<String, MenuError> {
    let said = typed.trim();
    let wrong = |sentence: String| Err(MenuError::Form(vec![Problem::new("reason", sentence)]));
    match said.chars().count() {
        0 => wrong("理由を書いてください。あとで、なぜ切り替えたのかをたどれるように残します。".into()),
        n if n > MAX_REASON => wrong(format!("理由は{MAX_REASON}文字までにしてください。")),
        _ => Ok(said.to_owned()),
    }
}

/// Length as a reader counts it.
fn graphemes(text: &str) -> usize {
    unicode_segmentation::UnicodeSegmentation::graphemes(text, true).count()
}
