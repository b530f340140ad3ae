//! Flex messages: as much of them as an answer with facts needs
//! (<https://developers.line.biz/en/reference/messaging-api/#flex-message>).

use serde::Serialize;

use super::{Action, Invalid, Place};

/// Largest bubble, in bytes of JSON.
pub const MOST_BUBBLE_BYTES: usize = 30_000;
/// Largest carousel, in bytes of JSON.
pub const MOST_CAROUSEL_BYTES: usize = 50_000;
/// Most bubbles of a carousel.
pub const MOST_BUBBLES: usize = 12;

/// One bubble, or several that are moved sideways.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Container {
    /// One.
    Bubble(Bubble),
    /// Several.
    Carousel {
        /// At most [`MOST_BUBBLES`].
        contents: Vec<TaggedBubble>,
    },
}

/// A bubble of a carousel, which says of itself that it is one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum TaggedBubble {
    /// It is.
    Bubble(Bubble),
}

/// Width of a bubble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BubbleSize {
    /// Narrow.
    Kilo,
    /// As LINE does it.
    Mega,
    /// Wide.
    Giga,
}

/// A bubble: up to three boxes one below the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Bubble {
    /// How wide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<BubbleSize>,
    /// On top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Block>,
    /// The middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Block>,
    /// Below, mostly for buttons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<Block>,
}

/// How the parts of a box lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Side by side.
    Horizontal,
    /// One below the other.
    Vertical,
    /// Side by side on one line of writing.
    Baseline,
}

/// Sizes of letters and gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// Smallest that is used.
    Xs,
    /// Small.
    Sm,
    /// As LINE does it.
    Md,
    /// Large.
    Lg,
    /// Larger.
    Xl,
    /// Largest that is used.
    Xxl,
}

/// How thick letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// As usual.
    Regular,
    /// Thick.
    Bold,
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Like a link.
    Link,
    /// Dark.
    Primary,
    /// Light.
    Secondary,
}

/// What lies in a box. [`Block::Box`] itself is what headers, bodies and footers are.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Block {
    /// A box of further parts.
    Box {
        /// How they lie.
        layout: Layout,
        /// They.
        contents: Vec<Block>,
        /// Gap between them.
        #[serde(skip_serializing_if = "Option::is_none")]
        spacing: Option<Size>,
        /// Gap before the box.
        #[serde(skip_serializing_if = "Option::is_none")]
        margin: Option<Size>,
    },
    /// Words.
    Text {
        /// They.
        text: String,
        /// Size of the letters.
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<Size>,
        /// How thick.
        #[serde(skip_serializing_if = "Option::is_none")]
        weight: Option<Weight>,
        /// `#RRGGBB`.
        #[serde(skip_serializing_if = "Option::is_none")]
        color: Option<String>,
        /// Share of the width among its neighbours.
        #[serde(skip_serializing_if = "Option::is_none")]
        flex: Option<u8>,
        /// Whether long words go on in the next line.
        wrap: bool,
    },
    /// A button.
    Button {
        /// What it does; its label is needed and has at most 40.
        action: Action,
        /// How it looks.
        #[serde(skip_serializing_if = "Option::is_none")]
        style: Option<Style>,
    },
    /// A line between parts.
    Separator {
        /// Gap before it.
        #[serde(skip_serializing_if = "Option::is_none")]
        margin: Option<Size>,
    },
}

impl Block {
    /// Parts one below the other.
    pub fn vertical(contents: impl IntoIterator<Item = Block>) -> Self {
        Block::Box {
            layout: Layout::Vertical,
            contents: contents.into_iter().collect(),
            spacing: Some(Size::Md),
            margin: None,
        }
    }

    /// Words that go on in the next line.
    pub fn text(text: impl Into<String>) -> Self {
        Block::Text { text: text.into(), size: None, weight: None, color: None, flex: None, wrap: true }
    }

    /// Words of a heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Block::Text {
            text: text.into(),
            size: Some(Size::Lg),
            weight: Some(Weight::Bold),
            color: None,
            flex: None,
            wrap: true,
        }
    }

    /// A fact: its name, a third of the width, and beside it what it is.
    pub fn fact(name: impl Into<String>, value: impl Into<String>) -> Self {
        let part = |text: String, color: Option<&str>, flex| Block::Text {
            text,
            size: Some(Size::Sm),
            weight: None,
            color: color.map(str::to_owned),
            flex: Some(flex),
            wrap: true,
        };
        // #595959 on white: 7 to 1, WCAG 2.2 AAA.
        let contents = vec![part(name.into(), Some("#595959"), 2), part(value.into(), None, 4)];
        Block::Box { layout: Layout::Baseline, contents, spacing: Some(Size::Sm), margin: None }
    }

    /// A button.
    pub fn button(action: Action, style: Style) -> Self {
        Block::Button { action, style: Some(style) }
    }

    /// A line.
    pub fn separator() -> Self {
        Block::Separator { margin: Some(Size::Md) }
    }

    fn check(&self, at: &Place, inside: Option<Layout>, depth: usize) -> Result<(), Invalid> {
        match self {
            Block::Box { layout, contents, .. } => {
                if inside == Some(Layout::Baseline) {
                    return Err(at.wrong("type", "a box cannot lie on one line of writing with others".into()));
                }
                // LINE names no greatest depth; what is deeper than this is a mistake.
                if depth > 10 {
                    return Err(at.wrong("contents", "boxes lie more than 10 deep in each other".into()));
                }
                let part = |(i, block): (usize, &Block)| block.check(&at.item("contents", i), Some(*layout), depth + 1);
                contents.iter().enumerate().try_for_each(part)
            }
            Block::Text { text, color, .. } => {
                if text.is_empty() {
                    return Err(at.wrong("text", "it may not be empty".into()));
                }
                let hex = |c: &str| {
                    matches!(c.len(), 7 | 9) && c.starts_with('#') && c[1..].bytes().all(|b| b.is_ascii_hexdigit())
                };
                match color {
                    Some(c) if !hex(c) => Err(at.wrong("color", "a colour is #RRGGBB or #RRGGBBAA".into())),
                    _ => Ok(()),
                }
            }
            Block::Button { .. } | Block::Separator { .. } if inside == Some(Layout::Baseline) && self.is_button() => {
                Err(at.wrong("type", "a button cannot lie on one line of writing with others".into()))
            }
            Block::Button { action, .. } => action.check(&at.then("action"), Some(40)),
            Block::Separator { .. } => Ok(()),
        }
    }

    fn is_button(&self) -> bool {
        matches!(self, Block::Button { .. })
    }
}

impl Bubble {
    /// A body and buttons below.
    pub fn new(body: impl IntoIterator<Item = Block>, buttons: impl IntoIterator<Item = Block>) -> Self {
        let buttons: Vec<Block> = buttons.into_iter().collect();
        let footer = (!buttons.is_empty()).then(|| Block::vertical(buttons));
        Bubble { body: Some(Block::vertical(body)), footer, ..Bubble::default() }
    }

    fn check(&self, at: &Place) -> Result<(), Invalid> {
        let parts = [("header", &self.header), ("body", &self.body), ("footer", &self.footer)];
        if parts.iter().all(|(_, part)| part.is_none()) {
            return Err(at.wrong("body", "a bubble needs at least one of header, body and footer".into()));
        }
        for (name, part) in parts {
            match part {
                Some(block @ Block::Box { .. }) => block.check(&at.then(name), None, 0)?,
                Some(_) => return Err(at.wrong(name, "it must be a box".into())),
                None => {}
            }
        }
        size(at, self, MOST_BUBBLE_BYTES)
    }
}

fn size(at: &Place, what: &impl Serialize, most: usize) -> Result<(), Invalid> {
    // These types always become JSON; what could not would not be sent either.
    let bytes = serde_json::to_vec(what).map_or(usize::MAX, |v| v.len());
    if bytes <= most {
        Ok(())
    } else {
        Err(at.wrong("contents", format!("it has {bytes} bytes, at most {most} are allowed")))
    }
}

impl Container {
    /// Several bubbles side by side.
    pub fn carousel(bubbles: impl IntoIterator<Item = Bubble>) -> Self {
        Container::Carousel { contents: bubbles.into_iter().map(TaggedBubble::Bubble).collect() }
    }

    pub(crate) fn check(&self, at: &Place) -> Result<(), Invalid> {
        match self {
            Container::Bubble(bubble) => bubble.check(at),
            Container::Carousel { contents } => {
                if contents.is_empty() || contents.len() > MOST_BUBBLES {
                    let count = contents.len();
                    return Err(
                        at.wrong("contents", format!("a carousel has 1 to {MOST_BUBBLES} bubbles, not {count}"))
                    );
                }
                for (i, TaggedBubble::Bubble(bubble)) in contents.iter().enumerate() {
                    bubble.check(&at.item("contents", i))?;
                }
                size(at, self, MOST_CAROUSEL_BYTES)
            }
        }
    }
}

impl From<Bubble> for Container {
    fn from(bubble: Bubble) -> Self {
        Container::Bubble(bubble)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Message, check};
    use super::*;

    fn answer() -> Bubble {
        Bubble::new(
            [
                Block::heading("粗大ごみ"),
                Block::separator(),
                Block::fact("手数料", "400円"),
                Block::text("電話で申し込みます。"),
            ],
            [Block::button(Action::uri("くわしく", "https://city.example/a"), Style::Primary)],
        )
    }

    #[test]
    fn an_answer_with_facts() {
        let message = Message::flex("粗大ごみの出し方", answer());
        check(std::slice::from_ref(&message)).expect("fits");
        let json = serde_json::to_value(&message).expect("JSON");
        assert_eq!(json["contents"]["type"], "bubble");
        assert_eq!(json["contents"]["body"]["contents"][2]["layout"], "baseline");
        assert_eq!(json["contents"]["footer"]["contents"][0]["action"]["type"], "uri");
        let several =
            serde_json::to_value(Message::flex("a", Container::carousel([answer(), answer()]))).expect("JSON");
        assert_eq!(several["contents"]["contents"][1]["type"], "bubble");
    }

    #[test]
    fn what_line_would_refuse() {
        let place = |container: Container| check(&[Message::flex("a", container)]).expect_err("refused").place;
        assert_eq!(place(Bubble::default().into()), "messages[0].contents.body");
        let text = Bubble { body: Some(Block::text("a")), ..Bubble::default() };
        assert_eq!(place(text.into()), "messages[0].contents.body");
        let inner = |block| Bubble::new([block], []).into();
        assert_eq!(place(inner(Block::text(""))), "messages[0].contents.body.contents[0].text");
        let long = Action::uri("あ".repeat(41), "tel:0123");
        assert_eq!(
            place(inner(Block::button(long, Style::Link))),
            "messages[0].contents.body.contents[0].action.label"
        );
        let script = Action::uri("a", "javascript:alert(1)");
        assert_eq!(
            place(inner(Block::button(script, Style::Link))),
            "messages[0].contents.body.contents[0].action.uri"
        );
        let line =
            Block::Box { layout: Layout::Baseline, contents: vec![Block::vertical([])], spacing: None, margin: None };
        assert_eq!(place(inner(line)), "messages[0].contents.body.contents[0].contents[0].type");
        assert_eq!(place(inner(Block::text("あ".repeat(10_001)))), "messages[0].contents.contents");
        assert_eq!(place(Container::carousel(vec![answer(); 13])), "messages[0].contents.contents");
        assert_eq!(place(Container::carousel([])), "messages[0].contents.contents");
    }
}
