//! Menus, plans and what is known of LINE, as they are stored.

use calendar::Instant;
use store::{Cell, FromCell, FromRow, Row};

use super::layout::{self, Layout};
use super::plan::Kind;
use super::tile::Tile;
use super::{DRILL, MAX_BAR};

macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// The code in the database.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }
        }

        impl FromCell for $name {
            fn from_cell(cell: &Cell) -> Result<Self, String> {
                match String::from_cell(cell)?.as_str() {
                    $($code => Ok($name::$variant),)*
                    other => Err(format!("{other:?} is no {}", stringify!($name))),
                }
            }
        }
    };
}

coded! {
    /// Whether a menu can be shown.
    State {
        /// It has no picture yet.
        Draft = "draft",
        /// It can be planned.
        Ready = "ready",
        /// It was taken away; its history stays.
        Removed = "removed",
    }
}

coded! {
    /// How far what is planned has been made true at LINE.
    ReflectionState {
        /// Something changed and LINE was not told yet.
        Waiting = "waiting",
        /// LINE shows what is planned.
        Done = "done",
        /// LINE did not take it; the reason says why.
        Failed = "failed",
        /// The city has no account on LINE.
        NotSetUp = "not_set_up",
    }
}

impl FromCell for Kind {
    fn from_cell(cell: &Cell) -> Result<Self, String> {
        let code = String::from_cell(cell)?;
        Kind::from_code(&code).ok_or_else(|| format!("{code:?} is no kind of a plan"))
    }
}

/// A rich menu, without its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// Id.
    pub id: String,
    /// What the staff calls it.
    pub name: String,
    /// On the bar that opens it.
    pub bar: String,
    /// How its areas lie.
    pub layout: &'static Layout,
    /// Height of the picture in pixels; the width is [`layout::WIDTH`].
    pub height: u32,
    /// What its areas say and do, in the order of the layout.
    pub tiles: Vec<Tile>,
    /// Whether it is kept for emergencies.
    pub is_emergency: bool,
    /// Whether its picture is drawn from the tiles.
    pub is_drawn: bool,
    /// Whether it has a picture, and of which kind: `image/png` or `image/jpeg`.
    pub image_type: Option<String>,
    /// Digest of the picture, as hexadecimal.
    pub image_sha: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// Whether it can be shown.
    pub state: State,
    /// Who changed it last.
    pub updated_by: String,
    /// When.
    pub updated_at: Instant,
}

impl Menu {
    /// What stands on the bar; in a drill with [`DRILL`] before it, cut to what LINE takes.
    pub fn bar_text(&self, is_drill: bool) -> String {
        if !is_drill {
            return self.bar.clone();
        }
        let whole = format!("{DRILL}{}", self.bar);
        unicode_segmentation::UnicodeSegmentation::graphemes(whole.as_str(), true).take(MAX_BAR).collect()
    }

    /// Ids of the menus to which its tiles lead.
    pub fn leads_to(&self) -> impl Iterator<Item = &str> {
        self.tiles.iter().filter_map(Tile::leads_to)
    }
}

fn column<T, E: std::fmt::Display>(column: &str, read: Result<T, E>) -> store::Result<T> {
    read.map_err(|e| store::StoreError::Column { column: column.into(), reason: e.to_string() })
}

impl FromRow for Menu {
    fn from_row(row: &Row) -> store::Result<Self> {
        let (code, tiles, height): (String, String, i64) = (row.get("layout")?, row.get("tiles")?, row.get("height")?);
        Ok(Menu {
            id: row.get("id")?,
            name: row.get("name")?,
            bar: row.get("bar")?,
            layout: column("layout", layout::by_code(&code).ok_or(format!("{code:?} is no layout")))?,
            height: column("height", u32::try_from(height))?,
            tiles: column("tiles", serde_json::from_str(&tiles))?,
            is_emergency: row.get("is_emergency")?,
            is_drawn: row.get("is_drawn")?,
            image_type: row.get("image_type")?,
            image_sha: row.get("image_sha")?,
            version: row.get("version")?,
            state: row.get("state")?,
            updated_by: row.get("updated_by")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

/// When a menu is shown.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Plan {
    /// Id; later ones sort behind.
    pub id: String,
    /// The menu.
    pub menu: String,
    /// What kind of plan.
    pub kind: Kind,
    /// From this instant.
    pub begins_at: Instant,
    /// Until this instant, which is not part of it; open without.
    pub ends_at: Option<Instant>,
    /// Whether it is a drill (訓練).
    pub is_drill: bool,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Instant,
    /// When somebody ended it or took it back.
    pub ended_at: Option<Instant>,
}

/// A rich menu that exists at LINE.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(crate) struct Made {
    /// LINE's id.
    pub(crate) line_id: String,
    /// The menu.
    pub(crate) menu: String,
    /// Its version.
    pub(crate) version: i64,
    /// Whether it is that of a drill.
    pub(crate) is_drill: bool,
    /// The alias that was pointed at it: people may have come to it by a tap, so LINE shows it to them before any
    /// default.
    pub(crate) alias: Option<String>,
    /// When LINE was seen to have its picture.
    pub(crate) image_at: Option<Instant>,
    /// Since when nothing needs it.
    pub(crate) unused_since: Option<Instant>,
}

/// What LINE shows as far as is known.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Reflection {
    /// The menu that LINE was last told to show.
    pub menu: Option<String>,
    /// Its version.
    pub version: Option<i64>,
    /// Whether as a drill.
    pub is_drill: bool,
    /// How far it is.
    pub state: ReflectionState,
    /// Why not, as a code with LINE's own words ([`super::sentence`]).
    pub reason: String,
    /// How often it was tried since the last success.
    pub tries: i64,
    /// Since when the state holds.
    pub at: Instant,
}

/// An entry of the history of the menus.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Event {
    /// Id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// Who: `account:ID` or `job:line.menu`.
    pub actor: String,
    /// What was done.
    pub act: String,
    /// Id of the menu; empty where there is none.
    pub menu: String,
    /// Why, or what LINE said.
    pub reason: String,
}
