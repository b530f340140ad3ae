//! Making and changing a menu: what is typed, what is wrong with it, what is stored.

use line::rich_menu::{MOST_IMAGE_BYTES, Size};
use sha2::{Digest, Sha256};
use store::{Entropy, Tx, ids, secret::hex};

use super::layout::{self, Layout};
use super::plan::Kind;
use super::rows::{Menu, State};
use super::tile::{Act, COLOURS, Tile};
use super::{
    Editor, MAX_BAR, MAX_EMERGENCY_BAR, MAX_LABEL, MAX_NAME, MAX_WORDS, MenuError, Problem, graphemes, note, planning,
};
use crate::store::menu as rows;

/// A tile as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedTile {
    /// Label.
    pub label: String,
    /// Emoji or letter.
    pub icon: String,
    /// Code of a colour.
    pub colour: String,
    /// Code of what a tap does.
    pub act: String,
    /// Words, address, number or menu.
    pub value: String,
}

/// A menu as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What the staff calls it.
    pub name: String,
    /// On the bar.
    pub bar: String,
    /// Code of the layout.
    pub layout: String,
    /// Whether the picture is half as high.
    pub is_small: bool,
    /// Whether it is kept for emergencies.
    pub is_emergency: bool,
    /// Whether the picture is drawn from the tiles.
    pub is_drawn: bool,
    /// The tiles; those behind the layout's last area are passed over.
    pub tiles: Vec<TypedTile>,
    /// A new picture.
    pub image: Option<Vec<u8>>,
    /// The version on which a change is based.
    pub version: Option<i64>,
}

impl Typed {
    /// Height of the picture in pixels.
    pub const fn height(&self) -> u32 {
        if self.is_small { layout::SMALL } else { layout::LARGE }
    }
}

/// A menu for an emergency to begin with: shelters, warnings, safety of people, telephone.
pub fn emergency_template(phone: &str) -> Typed {
    let tile = |label: &str, icon: &str, colour: &str, act: Act, value: &str| TypedTile {
        label: label.into(),
        icon: icon.into(),
        colour: colour.into(),
        act: act.code().into(),
        value: value.into(),
    };
    Typed {
        name: "緊急メニュー".into(),
        bar: "災害のとき".into(),
        layout: "four".into(),
        is_emergency: true,
        is_drawn: true,
        tiles: vec![
            tile("避難所", "🏫", "red", Act::Say, "いま開いている避難所を知りたい"),
            tile("警報・避難情報", "📢", "amber", Act::Say, "いま出ている警報や避難情報を知りたい"),
            tile("安否の確認", "🙋", "navy", Act::Say, "家族の安否を確かめたい"),
            tile("電話をかける", "📞", "white", Act::Call, phone),
        ],
        ..Typed::default()
    }
}

/// What is stored, as it is typed in a form.
impl From<&Menu> for Typed {
    fn from(menu: &Menu) -> Self {
        let tile = |t: &Tile| TypedTile {
            label: t.label.clone(),
            icon: t.icon.clone(),
            colour: t.colour.clone(),
            act: t.act.code().into(),
            value: t.value.clone(),
        };
        Typed {
            name: menu.name.clone(),
            bar: menu.bar.clone(),
            layout: menu.layout.code.into(),
            is_small: menu.height == layout::SMALL,
            is_emergency: menu.is_emergency,
            is_drawn: menu.is_drawn,
            tiles: menu.tiles.iter().map(tile).collect(),
            image: None,
            version: Some(menu.version),
        }
    }
}

/// Whether a picture is one that LINE takes at a size; `Err` holds the sentence for the person.
pub fn check_image(bytes: &[u8], wanted: Size) -> Result<&'static str, String> {
    if bytes.len() > MOST_IMAGE_BYTES {
        return Err("絵のファイルが1MBより大きいです。JPEGにするか、画質を下げて、1MBまでにしてください。".into());
    }
    match line::image::measure(bytes) {
        None => Err("絵のファイルは、JPEGかPNGにしてください。".into()),
        Some((kind, width, height)) if Size { width, height } == wanted => Ok(kind.media_type()),
        Some((_, width, height)) => {
            Err(format!("絵の大きさが横{width}×縦{height}です。横{}×縦{}にしてください。", wanted.width, wanted.height))
        }
    }
}

fn counted(text: &str, most: usize, what: &str) -> Result<(), String> {
    match graphemes(text) {
        0 => Err(format!("{what}を書いてください。")),
        n if n > most => Err(format!("{what}は{most}文字までです。いまは{n}文字です。")),
        _ => Ok(()),
    }
}

/// Whether a value suits an act; `known` says what is there of other menus.
fn check_value(act: Act, value: &str, known: &dyn Fn(&str) -> Option<State>) -> Result<(), String> {
    match act {
        Act::Say => counted(value, MAX_WORDS, "市民が言うことば"),
        Act::Open => {
            let is_address = value.starts_with("https://") || (value.starts_with('/') && !value.starts_with("//"));
            let fits = value.chars().count() <= 900 && !value.contains(|c: char| c.is_whitespace() || c.is_control());
            if is_address && fits && value != "https://" {
                Ok(())
            } else {
                Err("開くページは、「https://」ではじまるアドレスか、「/topics/waste」のような窓口のページを書いてください。".into())
            }
        }
        Act::Call => {
            let digits = value.chars().filter(char::is_ascii_digit).count();
            let good = value.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | ' ' | '(' | ')'));
            if good && (3..=15).contains(&digits) {
                Ok(())
            } else {
                Err("電話番号を、「072-123-4567」のように半角で書いてください。".into())
            }
        }
        Act::Switch => match known(value) {
            Some(State::Ready) => Ok(()),
            Some(_) => Err("そのメニューには、まだ絵がありません。先に絵を作ってください。".into()),
            None => Err("どのメニューに切り替えるかを選んでください。".into()),
        },
        Act::Topics | Act::Person => Ok(()),
    }
}

fn check_tile(at: usize, t: &TypedTile, known: &dyn Fn(&str) -> Option<State>, wrong: &mut Vec<Problem>) -> Tile {
    let nth = at + 1;
    let mut say = |field, sentence: String| {
        wrong.push(Problem { tile: Some(at), field, reason: format!("ボタン{nth}: {sentence}") });
    };
    let (label, icon, value) = (t.label.trim().to_owned(), t.icon.trim().to_owned(), t.value.trim().to_owned());
    if let Err(sentence) = counted(&label, MAX_LABEL, "ラベル") {
        say("label", sentence);
    }
    if graphemes(&icon) > 1 {
        say("icon", "絵文字は1つだけにしてください。".into());
    }
    if !COLOURS.contains(&t.colour.as_str()) {
        say("colour", "色を選んでください。".into());
    }
    let act = Act::from_code(&t.act);
    match act {
        None => say("act", "押したときにすることを選んでください。".into()),
        Some(act) => {
            if let Err(sentence) = check_value(act, &value, known) {
                say("value", sentence);
            }
        }
    }
    let act = act.unwrap_or(Act::Topics);
    let value = if act.needs_value() { value } else { String::new() };
    Tile { label, icon, colour: t.colour.clone(), act, value }
}

/// Everything that is wrong outside of the tiles, and the layout.
fn check_head(typed: &Typed, wrong: &mut Vec<Problem>) -> &'static Layout {
    match typed.name.trim().chars().count() {
        0 => wrong.push(Problem::new("name", "メニューの名前を書いてください。職員だけが見ます。")),
        n if n > MAX_NAME => wrong.push(Problem::new("name", format!("名前は{MAX_NAME}文字までです。"))),
        _ => {}
    }
    let most = if typed.is_emergency { MAX_EMERGENCY_BAR } else { MAX_BAR };
    if let Err(sentence) = counted(typed.bar.trim(), most, "メニューバーの文字") {
        let why = if typed.is_emergency && graphemes(typed.bar.trim()) > most {
            "緊急用では、訓練のとき前に【訓練】が付くためです。"
        } else {
            ""
        };
        wrong.push(Problem::new("bar", format!("{sentence}{why}")));
    }
    layout::by_code(&typed.layout).unwrap_or_else(|| {
        wrong.push(Problem::new("layout", "並べ方を選んでください。"));
        &layout::LAYOUTS[0]
    })
}

/// Writes a new menu, or changes the one with an id. Returns its id.
///
/// The picture that is there stays where no new one came and its size still fits. A menu that is planned, or to which
/// another leads, cannot lose its picture.
pub async fn write(
    tx: &mut Tx,
    editor: Editor<'_>,
    entropy: Entropy<'_>,
    id: Option<&str>,
    typed: &Typed,
) -> Result<String, MenuError> {
    editor.may()?;
    let all = rows::list(tx).await?;
    let old = match id {
        Some(id) => Some(all.iter().find(|m| m.id == id).ok_or(MenuError::NotFound)?),
        None => None,
    };
    let own = old.map(|m| m.id.as_str());
    let known = |id: &str| all.iter().find(|m| m.id == id && Some(id) != own).map(|m| m.state);
    let mut wrong = Vec::new();
    let layout = check_head(typed, &mut wrong);
    let empty = TypedTile::default();
    let tiles: Vec<Tile> = (0..layout.cells.len())
        .map(|i| check_tile(i, typed.tiles.get(i).unwrap_or(&empty), &known, &mut wrong))
        .collect();
    if old.is_some_and(|m| typed.version.is_some_and(|v| v != m.version)) {
        wrong.push(Problem::new(
            "version",
            "ほかの人が先に保存しました。ここには、あなたが書いた内容が残っています。もう一度「保存する」を押すと、あなたの内容になります。",
        ));
    }
    let size = layout::size(typed.height());
    let kind = match &typed.image {
        None => None,
        Some(bytes) => check_image(bytes, size).map_err(|s| wrong.push(Problem::new("files", s))).ok(),
    };
    let kept = old.filter(|m| typed.image.is_none() && m.height == typed.height() && m.image_type.is_some());
    let has_image = kind.is_some() || kept.is_some();
    if let Some(m) = old.filter(|_| !has_image && typed.image.is_none())
        && use_of(tx, editor, &all, m).await?.is_some()
    {
        wrong.push(Problem::new(
            "files",
            "このメニューは使っているので、新しい大きさの絵といっしょに保存してください。",
        ));
    }
    if typed.is_drawn && kept.is_some_and(|m| m.is_drawn && !looks_alike(m, layout, &tiles)) {
        wrong.push(Problem::new(
            "files",
            "ボタンを変えたので、絵も新しくしてください。自動で描くには、JavaScriptがいります。用意した絵を選ぶこともできます。",
        ));
    }
    if !wrong.is_empty() {
        return Err(MenuError::Form(wrong));
    }
    let sha = typed.image.as_deref().map(|bytes| hex(&Sha256::digest(bytes)));
    let menu = Menu {
        id: own.map_or_else(|| ids::new_id(editor.clock, entropy), str::to_owned),
        name: typed.name.trim().into(),
        bar: typed.bar.trim().into(),
        layout,
        height: typed.height(),
        tiles,
        is_emergency: typed.is_emergency,
        is_drawn: typed.is_drawn,
        image_type: kind.map(str::to_owned).or_else(|| kept.and_then(|m| m.image_type.clone())),
        image_sha: sha.or_else(|| kept.and_then(|m| m.image_sha.clone())),
        version: old.map_or(0, |m| m.version) + 1,
        state: if has_image { State::Ready } else { State::Draft },
        updated_by: editor.who.actor(),
        updated_at: editor.now(),
    };
    let image = if kept.is_some() { None } else { Some(typed.image.as_deref()) };
    rows::put(tx, &menu, &serde_json::to_string(&menu.tiles)?, image).await?;
    let fields = &["name", "bar", "layout", "tiles", "image"];
    note(tx, editor, entropy, if old.is_some() { "write" } else { "make" }, &menu.id, ("", fields)).await?;
    if old.is_some() || menu.is_emergency {
        planning::tell_line(tx, editor.clock, entropy, 0, &[]).await?;
    }
    Ok(menu.id)
}

/// Whether a picture that is drawn from the tiles would be the same.
fn looks_alike(old: &Menu, layout: &Layout, tiles: &[Tile]) -> bool {
    let seen = |t: &Tile| (t.label.clone(), t.icon.clone(), t.colour.clone());
    old.layout == layout && old.tiles.iter().map(seen).eq(tiles.iter().map(seen))
}

/// Why a menu is in use, in a sentence; nothing if it is not.
async fn use_of(tx: &mut Tx, editor: Editor<'_>, all: &[Menu], menu: &Menu) -> Result<Option<&'static str>, MenuError> {
    let plans = rows::plans(tx, editor.now()).await?;
    Ok(match plans.iter().filter(|p| p.menu == menu.id).map(|p| p.kind).max() {
        Some(Kind::Emergency) => {
            Some("いま緊急メニューとして出ているので、消せません。先に「通常に戻す」を押してください。")
        }
        Some(Kind::Scheduled) => Some("このメニューには予定があるので、消せません。先に予定を取り消してください。"),
        Some(Kind::Default) => {
            Some("ふだんのメニューなので、消せません。先に、ほかのメニューを「ふだんのメニュー」にしてください。")
        }
        None if all.iter().any(|m| m.id != menu.id && m.leads_to().any(|to| to == menu.id)) => {
            Some("ほかのメニューのボタンから切り替わる先なので、消せません。先に、そのボタンを直してください。")
        }
        None => None,
    })
}

/// Takes a menu away that is not in use.
pub async fn remove(tx: &mut Tx, editor: Editor<'_>, entropy: Entropy<'_>, id: &str) -> Result<(), MenuError> {
    editor.may()?;
    let all = rows::list(tx).await?;
    let menu = all.iter().find(|m| m.id == id).ok_or(MenuError::NotFound)?;
    if let Some(sentence) = use_of(tx, editor, &all, menu).await? {
        return Err(MenuError::Rule(sentence));
    }
    rows::remove(tx, id, &editor.who.actor(), editor.now()).await?;
    note(tx, editor, entropy, "remove", id, ("", &["state"])).await
}
