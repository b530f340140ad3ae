//! What a tap does.

use serde::Serialize;

use super::{Invalid, Place, units, web_address};

/// Most buttons of a quick reply.
pub const MOST_QUICK_REPLIES: usize = 13;

/// What a tap does (<https://developers.line.biz/en/reference/messaging-api/#action-objects>).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Action {
    /// Comes back as a postback event.
    #[serde(rename_all = "camelCase")]
    Postback {
        /// On the button.
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// What comes back, at most 300.
        data: String,
        /// Shown as the user's own words, at most 300.
        #[serde(skip_serializing_if = "Option::is_none")]
        display_text: Option<String>,
    },
    /// Says something in the user's name.
    Message {
        /// On the button.
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// What is said, at most 300.
        text: String,
    },
    /// Opens an address.
    Uri {
        /// On the button.
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// `http`, `https`, `line` or `tel`, at most 1,000.
        uri: String,
    },
    /// Shows another rich menu; only for areas of rich menus.
    #[serde(rename = "richmenuswitch", rename_all = "camelCase")]
    RichMenuSwitch {
        /// Read aloud.
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// The alias of the other one.
        rich_menu_alias_id: String,
        /// What comes back, at most 300.
        data: String,
    },
}

impl Action {
    /// A postback that shows its label as the user's words.
    pub fn postback(label: impl Into<String>, data: impl Into<String>) -> Self {
        let label = label.into();
        Action::Postback { display_text: Some(label.clone()), label: Some(label), data: data.into() }
    }

    /// Says a text.
    pub fn message(label: impl Into<String>, text: impl Into<String>) -> Self {
        Action::Message { label: Some(label.into()), text: text.into() }
    }

    /// Opens an address.
    pub fn uri(label: impl Into<String>, uri: impl Into<String>) -> Self {
        Action::Uri { label: Some(label.into()), uri: uri.into() }
    }

    fn label(&self) -> Option<&str> {
        match self {
            Action::Postback { label, .. }
            | Action::Message { label, .. }
            | Action::Uri { label, .. }
            | Action::RichMenuSwitch { label, .. } => label.as_deref(),
        }
    }

    /// `label`: its greatest length where there must be one; without, it may be left out and has at most 20.
    pub(crate) fn check(&self, at: &Place, label: Option<usize>) -> Result<(), Invalid> {
        match (self.label(), label) {
            (Some(text), most) => at.label("label", text, most.unwrap_or(20))?,
            (None, Some(_)) => return Err(at.wrong("label", "a label is needed here".into())),
            (None, None) => {}
        }
        match self {
            Action::Postback { data, display_text, .. } => {
                data_fits(at, data)?;
                display_text.as_ref().map_or(Ok(()), |t| at.label("displayText", t, 300))
            }
            Action::Message { text, .. } => at.label("text", text, 300),
            Action::Uri { uri, .. } => {
                let good = web_address(uri, &["https://", "http://", "line://", "tel:"], 1_000);
                let sentence =
                    || "it must be an http, https, line or tel address of at most 1,000 characters".to_owned();
                if good { Ok(()) } else { Err(at.wrong("uri", sentence())) }
            }
            Action::RichMenuSwitch { rich_menu_alias_id, data, .. } => {
                at.text("richMenuAliasId", rich_menu_alias_id, 32)?;
                data_fits(at, data)
            }
        }
    }
}

/// Data may be empty; it is counted in UTF-16 code units.
fn data_fits(at: &Place, data: &str) -> Result<(), Invalid> {
    match units(data) {
        0..=300 => Ok(()),
        n => Err(at.wrong("data", format!("it has {n} characters, at most 300 are allowed"))),
    }
}

/// Buttons over the keyboard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuickReply {
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Item {
    r#type: &'static str,
    action: Action,
}

impl QuickReply {
    /// One button for each action.
    pub fn new(actions: impl IntoIterator<Item = Action>) -> Self {
        QuickReply { items: actions.into_iter().map(|action| Item { r#type: "action", action }).collect() }
    }

    pub(crate) fn check(&self, at: &Place) -> Result<(), Invalid> {
        let count = self.items.len();
        if count == 0 || count > MOST_QUICK_REPLIES {
            return Err(at.wrong("items", format!("a quick reply has 1 to {MOST_QUICK_REPLIES} buttons, not {count}")));
        }
        self.items
            .iter()
            .enumerate()
            .try_for_each(|(i, item)| item.action.check(&at.item("items", i).then("action"), Some(20)))
    }
}
