//! Rich menus: the picture with areas below a talk.
//!
//! Limits from <https://developers.line.biz/en/reference/messaging-api/#rich-menu> and of the image from
//! <https://developers.line.biz/en/docs/messaging-api/using-rich-menus/>.

use serde::Serialize;

use crate::image::{self, Kind};
use crate::message::{Action, Invalid, Place};

/// Most areas.
pub const MOST_AREAS: usize = 20;
/// Most rich menus of an account.
pub const MOST_MENUS: usize = 1_000;
/// Most users of a bulk call.
pub const MOST_USERS: usize = 500;
/// Largest image, in bytes.
pub const MOST_IMAGE_BYTES: usize = 1_000_000;

/// A rich menu.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RichMenu {
    /// Width and height in pixels.
    pub size: Size,
    /// Whether it is open at first.
    pub selected: bool,
    /// For the staff, at most 300.
    pub name: String,
    /// On the bar that opens it, at most 14.
    pub chat_bar_text: String,
    /// What can be tapped, at most [`MOST_AREAS`].
    pub areas: Vec<Area>,
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// 800 to 2,500.
    pub width: u32,
    /// At least 250; the width is at least 1.45 times as much.
    pub height: u32,
}

/// An area that can be tapped.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Area {
    /// Where.
    pub bounds: Bounds,
    /// What a tap does.
    pub action: Action,
}

/// A rectangle in pixels from the upper left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Size {
    /// Whether LINE takes an image of this size.
    pub fn fits(self) -> bool {
        let Size { width, height } = self;
        (800..=2_500).contains(&width) && height >= 250 && u64::from(width) * 100 >= u64::from(height) * 145
    }
}

impl RichMenu {
    /// Looks whether LINE would take it.
    pub fn check(&self) -> Result<(), Invalid> {
        let top = Place::default();
        if !self.size.fits() {
            let sentence =
                "the width is 800 to 2,500, the height at least 250, the width at least 1.45 times the height";
            return Err(top.wrong("size", sentence.into()));
        }
        top.text("name", &self.name, 300)?;
        top.label("chatBarText", &self.chat_bar_text, 14)?;
        if self.areas.len() > MOST_AREAS {
            return Err(top.wrong("areas", format!("there are {}, at most {MOST_AREAS} are allowed", self.areas.len())));
        }
        for (i, area) in self.areas.iter().enumerate() {
            let at = top.item("areas", i);
            let Bounds { x, y, width, height } = area.bounds;
            let inside = |from: u32, length: u32, most: u32| {
                length > 0 && from.checked_add(length).is_some_and(|end| end <= most)
            };
            if !inside(x, width, self.size.width) || !inside(y, height, self.size.height) {
                return Err(at.wrong("bounds", "the area is empty or reaches over the picture".into()));
            }
            area.action.check(&at.then("action"), None)?;
        }
        Ok(())
    }
}

/// Looks whether LINE would take an image, and says what kind it is. `wanted` is the size of its rich menu, if known.
pub fn check_image(bytes: &[u8], wanted: Option<Size>) -> Result<Kind, Invalid> {
    let wrong = |sentence: String| Err(Place::default().wrong("image", sentence));
    if bytes.len() > MOST_IMAGE_BYTES {
        return wrong(format!("it has {} bytes, at most {MOST_IMAGE_BYTES} are allowed", bytes.len()));
    }
    let Some((kind, width, height)) = image::measure(bytes) else { return wrong("it is neither JPEG nor PNG".into()) };
    let size = Size { width, height };
    match wanted {
        Some(wanted) if wanted != size => {
            wrong(format!("it is {width}×{height}, the rich menu {}×{}", wanted.width, wanted.height))
        }
        _ if !size.fits() => wrong(format!("LINE takes no image of {width}×{height}")),
        _ => Ok(kind),
    }
}

/// Looks whether a name of an alias is one: 1 to 32 of `a`–`z`, digits, `_` and `-`.
pub fn check_alias(alias: &str) -> Result<(), Invalid> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let good = (1..=32).contains(&alias.len()) && alias.bytes().all(letter);
    let sentence = || "an alias is 1 to 32 of a-z, 0-9, _ and -".to_owned();
    if good { Ok(()) } else { Err(Place::default().wrong("richMenuAliasId", sentence())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> RichMenu {
        let bounds = Bounds { x: 0, y: 0, width: 1_250, height: 843 };
        RichMenu {
            size: Size { width: 2_500, height: 843 },
            selected: true,
            name: "平時".into(),
            chat_bar_text: "メニュー".into(),
            areas: vec![Area { bounds, action: Action::message("ごみ", "ごみの日") }],
        }
    }

    #[test]
    fn limits() {
        menu().check().expect("fits");
        let place = |change: fn(&mut RichMenu)| {
            let mut menu = menu();
            change(&mut menu);
            menu.check().expect_err("refused").place
        };
        assert_eq!(place(|m| m.size.width = 2_501), "size");
        assert_eq!(place(|m| m.size.height = 1_725), "size");
        assert_eq!(place(|m| m.chat_bar_text = "あ".repeat(15)), "chatBarText");
        assert_eq!(place(|m| m.areas = vec![m.areas[0].clone(); 21]), "areas");
        assert_eq!(place(|m| m.areas[0].bounds.x = 1_251), "areas[0].bounds");
        assert_eq!(place(|m| m.areas[0].bounds.width = u32::MAX), "areas[0].bounds");
        assert_eq!(place(|m| m.areas[0].action = Action::message("a", "")), "areas[0].action.text");
        for (alias, good) in
            [("day", true), ("disaster-1_a", true), ("", false), ("Day", false), (&*"a".repeat(33), false)]
        {
            assert_eq!(check_alias(alias).is_ok(), good, "{alias}");
        }
    }

    #[test]
    fn images() {
        let size = Size { width: 2_500, height: 843 };
        let png = image::png_header(2_500, 843);
        assert_eq!(check_image(&png, Some(size)), Ok(Kind::Png));
        assert!(check_image(&png, Some(Size { width: 2_500, height: 1_686 })).is_err());
        assert!(check_image(&image::png_header(700, 400), None).is_err());
        assert!(check_image(b"GIF89a", None).is_err());
        assert!(check_image(&vec![0; MOST_IMAGE_BYTES + 1], None).is_err());
    }
}
