//! Messages that we send, and LINE's limits on them.
//!
//! Limits from <https://developers.line.biz/en/reference/messaging-api/#message-objects>. Texts are counted in UTF-16
//! code units, labels and the texts of actions in what a reader sees as one character (grapheme clusters):
//! <https://developers.line.biz/en/docs/messaging-api/text-character-count/>.

pub mod action;
pub mod flex;
mod limit;

use serde::Serialize;

pub use action::{Action, QuickReply};
pub use flex::{Block, Bubble, Container};
pub use limit::Invalid;
pub(crate) use limit::{Place, units, web_address};

/// Most messages of a request.
pub const MOST_MESSAGES: usize = 5;
/// Longest text, in UTF-16 code units.
pub const MOST_TEXT: usize = 5_000;
/// Longest text that stands for a flex or template message in notifications, in UTF-16 code units.
pub const MOST_ALT_TEXT: usize = 1_500;
/// Most recipients of a multicast.
pub const MOST_RECIPIENTS: usize = 500;
/// Longest request, in bytes.
pub const MOST_REQUEST_BYTES: usize = 2 << 20;

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// What it is.
    #[serde(flatten)]
    pub body: Body,
    /// Buttons over the keyboard, which vanish with the next message.
    #[serde(rename = "quickReply", skip_serializing_if = "Option::is_none")]
    pub quick_reply: Option<QuickReply>,
}

/// What a message is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Body {
    /// Plain text.
    #[serde(rename_all = "camelCase")]
    Text {
        /// At most [`MOST_TEXT`].
        text: String,
        /// The message it quotes, by the token that came with it.
        #[serde(skip_serializing_if = "Option::is_none")]
        quote_token: Option<String>,
    },
    /// An image that lies on the web.
    #[serde(rename_all = "camelCase")]
    Image {
        /// JPEG or PNG, at most 10 MB, by https.
        original_content_url: String,
        /// The same small, at most 1 MB.
        preview_image_url: String,
    },
    /// A layout of our own.
    #[serde(rename_all = "camelCase")]
    Flex {
        /// What notifications and the list of talks show.
        alt_text: String,
        /// One bubble or several side by side.
        contents: Container,
    },
    /// A layout of LINE's.
    #[serde(rename_all = "camelCase")]
    Template {
        /// What notifications and the list of talks show.
        alt_text: String,
        /// Which one.
        template: Template,
    },
}

/// A layout of LINE's.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Template {
    /// A question and two buttons.
    Confirm {
        /// At most 240.
        text: String,
        /// Left and right.
        actions: [Action; 2],
    },
}

impl Message {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Body::Text { text: text.into(), quote_token: None }.into()
    }

    /// An image by its address and that of its preview.
    pub fn image(original: impl Into<String>, preview: impl Into<String>) -> Self {
        Body::Image { original_content_url: original.into(), preview_image_url: preview.into() }.into()
    }

    /// A flex message.
    pub fn flex(alt_text: impl Into<String>, contents: impl Into<Container>) -> Self {
        Body::Flex { alt_text: alt_text.into(), contents: contents.into() }.into()
    }

    /// A question with two buttons; its text also stands in notifications.
    pub fn confirm(text: impl Into<String>, left: Action, right: Action) -> Self {
        let text = text.into();
        Body::Template { alt_text: text.clone(), template: Template::Confirm { text, actions: [left, right] } }.into()
    }

    /// With buttons over the keyboard.
    pub fn with_quick_reply(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        self.quick_reply = Some(QuickReply::new(actions));
        self
    }

    fn check(&self, at: &Place) -> Result<(), Invalid> {
        match &self.body {
            Body::Text { text, .. } => at.text("text", text, MOST_TEXT)?,
            Body::Image { original_content_url, preview_image_url } => {
                at.https("originalContentUrl", original_content_url)?;
                at.https("previewImageUrl", preview_image_url)?;
            }
            Body::Flex { alt_text, contents } => {
                at.text("altText", alt_text, MOST_ALT_TEXT)?;
                contents.check(&at.then("contents"))?;
            }
            Body::Template { alt_text, template: Template::Confirm { text, actions } } => {
                at.text("altText", alt_text, MOST_ALT_TEXT)?;
                let at = at.then("template");
                at.label("text", text, 240)?;
                for (i, action) in actions.iter().enumerate() {
                    action.check(&at.item("actions", i), Some(20))?;
                }
            }
        }
        self.quick_reply.as_ref().map_or(Ok(()), |q| q.check(&at.then("quickReply")))
    }
}

impl From<Body> for Message {
    fn from(body: Body) -> Self {
        Message { body, quick_reply: None }
    }
}

/// Looks whether LINE would take the messages of a request.
pub fn check(messages: &[Message]) -> Result<(), Invalid> {
    let top = Place::default();
    if messages.is_empty() || messages.len() > MOST_MESSAGES {
        return Err(
            top.wrong("messages", format!("a request holds 1 to {MOST_MESSAGES} messages, not {}", messages.len()))
        );
    }
    messages.iter().enumerate().try_for_each(|(i, message)| message.check(&top.item("messages", i)))
}

/// Looks whether a name of a unit of statistics is one: 1 to 30 of letters, digits and `_`
/// (<https://developers.line.biz/en/docs/messaging-api/unit-based-statistics-aggregation/>).
pub fn check_unit(unit: &str) -> Result<(), Invalid> {
    let good = (1..=30).contains(&unit.len()) && unit.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let sentence = || "a unit is 1 to 30 letters, digits or _".to_owned();
    if good { Ok(()) } else { Err(Place::default().wrong("customAggregationUnits", sentence())) }
}

/// Whether a text has the form of a user id: `U` and 32 hexadecimal digits.
pub fn is_user_id(text: &str) -> bool {
    let digits = |rest: &str| rest.len() == 32 && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    text.strip_prefix('U').is_some_and(digits)
}

#[cfg(test)]
mod tests {
    use super::limit::graphemes;
    use super::*;
    use proptest::prelude::*;

    fn place(messages: &[Message]) -> String {
        check(messages).expect_err("refused").place
    }

    #[test]
    fn texts_are_counted_in_utf_16() {
        check(&[Message::text("あ".repeat(5_000))]).expect("5,000 letters");
        check(&[Message::text("🍎".repeat(2_500))]).expect("two units each");
        assert_eq!(place(&[Message::text("ok"), Message::text("🍎".repeat(2_501))]), "messages[1].text");
        assert_eq!(place(&[Message::text("")]), "messages[0].text");
        assert_eq!(place(&[]), "messages");
        assert_eq!(place(&vec![Message::text("a"); 6]), "messages");
    }

    #[test]
    fn labels_are_counted_as_people_see_them() {
        // A family of four is one character to a reader and 25 bytes to a computer.
        let family = "👨‍👩‍👧‍👦".repeat(20);
        let with = |label: &str| [Message::text("?").with_quick_reply([Action::message(label, "a")])];
        check(&with(&family)).expect("twenty");
        assert_eq!(place(&with(&format!("{family}a"))), "messages[0].quickReply.items[0].action.label");
        assert_eq!(place(&with("")), "messages[0].quickReply.items[0].action.label");
        let many = (0..14).map(|i| Action::message(i.to_string(), "a"));
        assert_eq!(place(&[Message::text("?").with_quick_reply(many)]), "messages[0].quickReply.items");
    }

    #[test]
    fn the_form_on_the_wire() {
        let message =
            Message::confirm("よろしいですか", Action::postback("はい", "ok=1"), Action::message("いいえ", "いいえ"));
        let json = serde_json::to_value(&message).expect("JSON");
        assert_eq!(json["type"], "template");
        assert_eq!(json["template"]["type"], "confirm");
        assert_eq!(json["template"]["actions"][0]["type"], "postback");
        let image = serde_json::to_value(Message::image("https://a.example/1.png", "https://a.example/2.png"));
        let expected = serde_json::json!({"type": "image", "originalContentUrl": "https://a.example/1.png", "previewImageUrl": "https://a.example/2.png"});
        assert_eq!(image.expect("JSON"), expected);
        let plain = serde_json::to_value(Message::text("やあ")).expect("JSON");
        assert_eq!(plain, serde_json::json!({"type": "text", "text": "やあ"}));
    }

    #[test]
    fn images_come_by_https() {
        assert_eq!(
            place(&[Message::image("http://a.example/1", "https://a.example/2")]),
            "messages[0].originalContentUrl"
        );
        assert_eq!(place(&[Message::image("https://a.example/1", "")]), "messages[0].previewImageUrl");
    }

    #[test]
    fn units_and_users() {
        assert!(check_unit("koho_2026_11").is_ok());
        for wrong in ["", "a-b", "広報", &"a".repeat(31)] {
            assert!(check_unit(wrong).is_err(), "{wrong}");
        }
        assert!(is_user_id("U0123456789abcdef0123456789abcdef"));
        for wrong in ["", "U", "C0123456789abcdef0123456789abcdef", "U0123456789ABCDEF0123456789abcdef"] {
            assert!(!is_user_id(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_measured_as_javascript_would(text in ".{0,80}") {
            prop_assert_eq!(units(&text), text.encode_utf16().count());
            prop_assert!(graphemes(&text) <= units(&text));
        }
    }
}
