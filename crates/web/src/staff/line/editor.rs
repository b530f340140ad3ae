//! The editor of a rich menu: what is typed, tile by tile, beside a telephone that shows it.

use askama::Template;
use contact::attachment::Sent;
use line_account::menu::draft::{Typed, TypedTile};
use line_account::menu::layout::{LARGE, LAYOUTS, Layout, SMALL, by_code};
use line_account::menu::tile::Act;
use line_account::menu::{self, MAX_BAR, MAX_EMERGENCY_BAR, MAX_LABEL, Menu, Problem, State};

use super::Picture;
use crate::colour::{Tone, palette};
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::Form;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;

/// A choice of a list.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// A tile in the form.
pub(crate) struct Slot {
    pub(crate) n: usize,
    /// Whether the layout has no area for it.
    pub(crate) is_hidden: bool,
    pub(crate) tile: TypedTile,
    pub(crate) colours: Vec<Choice>,
    pub(crate) acts: Vec<Choice>,
    pub(crate) menus: Vec<Choice>,
    errors: Vec<(&'static str, String)>,
}

impl Slot {
    pub(crate) fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

#[derive(Template)]
#[template(path = "staff/line/menu.html")]
pub(crate) struct Page {
    frame: Frame,
    tab: &'static str,
    /// The menu that is changed.
    picture: Option<Picture>,
    is_ready: bool,
    version: i64,
    typed: Typed,
    form: Form,
    slots: Vec<Slot>,
    layouts: Vec<Choice>,
    /// Areas in pixels of every layout, for the script.
    cells: String,
    /// Colours by code, for the script.
    tones: String,
    window: String,
}

/// A menu to begin with.
pub(crate) fn everyday() -> Typed {
    let tile = |label: &str, icon: &str, colour: &str, act: Act, value: &str| TypedTile {
        label: label.into(),
        icon: icon.into(),
        colour: colour.into(),
        act: act.code().into(),
        value: value.into(),
    };
    Typed {
        bar: "メニュー".into(),
        layout: "six".into(),
        is_drawn: true,
        tiles: vec![
            tile("ごみ", "♻️", "green", Act::Say, "ごみの出し方を知りたい"),
            tile("引っ越し", "🏠", "city", Act::Say, "引っ越しの手続きを知りたい"),
            tile("子育て", "👶", "amber", Act::Say, "子育ての手続きを知りたい"),
            tile("トピックを選ぶ", "📋", "soft", Act::Topics, ""),
            tile("職員と話す", "💬", "navy", Act::Person, ""),
            tile("窓口のページ", "🔎", "white", Act::Open, "/"),
        ],
        ..Typed::default()
    }
}

/// What was sent.
pub(crate) fn typed(fields: &Fields, files: Vec<Sent>) -> Typed {
    let all = |name: &str| fields.all(name);
    let (labels, icons, colours) = (all("label"), all("icon"), all("colour"));
    let (acts, values, to) = (all("act"), all("value"), all("to"));
    let nth = |list: &[&str], n: usize| list.get(n).map_or_else(String::new, |v| (*v).to_owned());
    let tile = |n: usize| {
        let act = nth(&acts, n);
        let value = if act == Act::Switch.code() { nth(&to, n) } else { nth(&values, n) };
        TypedTile { label: nth(&labels, n), icon: nth(&icons, n), colour: nth(&colours, n), act, value }
    };
    Typed {
        name: fields.raw("name").to_owned(),
        bar: fields.raw("bar").to_owned(),
        layout: fields.get("layout").to_owned(),
        is_small: fields.get("size") == "small",
        is_emergency: fields.get("emergency") == "on",
        is_drawn: fields.get("source") != "own",
        tiles: (0..labels.len().min(line_tiles())).map(tile).collect(),
        image: files.into_iter().next().map(|f| f.bytes),
        version: fields.get("version").parse().ok(),
    }
}

/// Most tiles of any layout.
fn line_tiles() -> usize {
    LAYOUTS.iter().map(|l| l.cells.len()).max().unwrap_or(0)
}

fn cells() -> String {
    let of = |layout: &Layout, height| -> Vec<[u32; 4]> {
        layout.bounds(height).into_iter().map(|b| [b.x, b.y, b.width, b.height]).collect()
    };
    let all: serde_json::Map<String, serde_json::Value> = LAYOUTS
        .iter()
        .map(|l| (l.code.to_owned(), serde_json::json!({"large": of(l, LARGE), "small": of(l, SMALL)})))
        .collect();
    serde_json::Value::Object(all).to_string()
}

fn tones(tones: &[Tone]) -> String {
    let all: serde_json::Map<String, serde_json::Value> =
        tones.iter().map(|t| (t.code.to_owned(), serde_json::json!([t.ground, t.ink]))).collect();
    serde_json::Value::Object(all).to_string()
}

fn slot(n: usize, areas: usize, tile: TypedTile, tones: &[Tone], menus: &[Menu], problems: &[Problem]) -> Slot {
    let colour = if tile.colour.is_empty() { "city" } else { &tile.colour };
    let act = if tile.act.is_empty() { Act::Say.code() } else { &tile.act };
    let is_switch = act == Act::Switch.code();
    let choice = |value: &str, label: &str, chosen: bool| Choice { value: value.into(), label: label.into(), chosen };
    Slot {
        n: n + 1,
        is_hidden: n >= areas,
        colours: tones.iter().map(|t| choice(t.code, t.name, t.code == colour)).collect(),
        acts: Act::ALL.into_iter().map(|(_, code, name)| choice(code, name, code == act)).collect(),
        menus: menus.iter().map(|m| choice(&m.id, &m.name, is_switch && m.id == tile.value)).collect(),
        errors: problems.iter().filter(|p| p.tile == Some(n)).map(|p| (p.field, p.reason.clone())).collect(),
        tile: TypedTile { value: if is_switch { String::new() } else { tile.value.clone() }, ..tile },
    }
}

impl Page {
    pub(crate) async fn new(
        staff: &Staff,
        menu: Option<&Menu>,
        typed: &Typed,
        form: Form,
        problems: Vec<Problem>,
    ) -> Result<Page, Failure> {
        let mut tx = staff.city.db.read().await?;
        let menus = menu::list(&mut tx).await?;
        drop(tx);
        let own = menu.map(|m| m.id.as_str());
        let others: Vec<Menu> =
            menus.into_iter().filter(|m| Some(m.id.as_str()) != own && m.state == State::Ready).collect();
        let organisation = staff.city.organisation();
        let palette = palette(&organisation.profile.colour);
        let areas = by_code(&typed.layout).unwrap_or(&LAYOUTS[0]).cells.len();
        let slot = |n| {
            let tile = typed.tiles.get(n).cloned().unwrap_or_default();
            slot(n, areas, tile, &palette, &others, &problems)
        };
        let layout = |l: &Layout| Choice { value: l.code.into(), label: l.name.into(), chosen: l.code == typed.layout };
        Ok(Page {
            frame: staff.frame("contacts"),
            tab: "line",
            picture: menu.map(Picture::of),
            is_ready: menu.is_some_and(|m| m.state == State::Ready),
            version: menu.map_or(0, |m| m.version),
            typed: typed.clone(),
            form,
            slots: (0..line_tiles()).map(slot).collect(),
            layouts: LAYOUTS.iter().map(layout).collect(),
            cells: cells(),
            tones: tones(&palette),
            window: organisation.profile.window.clone(),
        })
    }

    fn action(&self) -> String {
        self.picture.as_ref().map_or_else(|| "/line/menus".into(), |p| format!("/line/menus/{}", p.id))
    }

    fn most_bar(&self) -> usize {
        if self.typed.is_emergency { MAX_EMERGENCY_BAR } else { MAX_BAR }
    }

    fn most_label(&self) -> usize {
        MAX_LABEL
    }

    fn height(&self) -> u32 {
        self.typed.height()
    }
}
