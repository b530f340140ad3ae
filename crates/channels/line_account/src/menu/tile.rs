//! What an area of a menu says and does.

use line::message::Action;
use serde::{Deserialize, Serialize};

/// Codes of the colours of tiles; the interface says how each of them looks in the city's palette.
pub const COLOURS: [&str; 9] = ["city", "deep", "soft", "white", "green", "amber", "red", "navy", "grey"];

/// What a tap does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Says words in the person's name: a question to the bot.
    Say,
    /// Opens a page of the city or another one.
    Open,
    /// Calls a telephone number.
    Call,
    /// Lets the bot offer its topics.
    Topics,
    /// Asks for a person of the staff.
    Person,
    /// Shows another menu.
    Switch,
}

impl Act {
    /// All of them, with what the staff calls them.
    pub const ALL: [(Act, &'static str, &'static str); 6] = [
        (Act::Say, "say", "質問する"),
        (Act::Open, "open", "ページを開く"),
        (Act::Call, "call", "電話をかける"),
        (Act::Topics, "topics", "トピックを選ぶ"),
        (Act::Person, "person", "職員と話す"),
        (Act::Switch, "switch", "別のメニューへ"),
    ];

    /// The act with a code.
    pub fn from_code(code: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|(_, c, _)| *c == code).map(|(act, ..)| act)
    }

    /// Its code in forms.
    pub fn code(self) -> &'static str {
        Act::ALL.into_iter().find(|(act, ..)| *act == self).map_or("", |(_, code, _)| code)
    }

    /// What the staff calls it.
    pub fn name(self) -> &'static str {
        Act::ALL.into_iter().find(|(act, ..)| *act == self).map_or("", |(.., name)| name)
    }

    /// Whether it needs a value.
    pub const fn needs_value(self) -> bool {
        matches!(self, Act::Say | Act::Open | Act::Call | Act::Switch)
    }
}

/// What an area says and does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tile {
    /// Read on the picture, and read aloud.
    pub label: String,
    /// An emoji or a letter over the label; may be empty.
    pub icon: String,
    /// Code of [`COLOURS`].
    pub colour: String,
    /// What a tap does.
    pub act: Act,
    /// The words, the address (a path of the city's pages or https), the number, or the id of the other menu.
    pub value: String,
}

/// The alias by which a menu is reached from another: its id without hyphens, 32 of `0`–`9` and `a`–`f`.
pub fn alias(menu: &str) -> String {
    menu.chars().filter(char::is_ascii_alphanumeric).take(32).collect::<String>().to_ascii_lowercase()
}

impl Tile {
    /// The id of the menu to which a tap leads.
    pub fn leads_to(&self) -> Option<&str> {
        (self.act == Act::Switch).then_some(self.value.as_str())
    }

    /// In LINE's words. `window`: address of the citizens' pages, without a slash at its end.
    pub fn action(&self, window: &str) -> Action {
        match self.act {
            Act::Say => Action::message(&self.label, &self.value),
            Act::Open if self.value.starts_with('/') => Action::uri(&self.label, format!("{window}{}", self.value)),
            Act::Open => Action::uri(&self.label, &self.value),
            Act::Call => {
                let digits: String = self.value.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
                Action::uri(&self.label, format!("tel:{digits}"))
            }
            Act::Topics => Action::postback(&self.label, "choices"),
            Act::Person => Action::postback(&self.label, "person"),
            Act::Switch => Action::RichMenuSwitch {
                label: Some(self.label.clone()),
                rich_menu_alias_id: alias(&self.value),
                data: "menu".into(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(act: Act, value: &str) -> Tile {
        Tile { label: "ごみ".into(), icon: "🗑".into(), colour: "city".into(), act, value: value.into() }
    }

    #[test]
    fn every_act_is_said_in_lines_words_with_its_label() {
        let said = |act, value: &str| {
            serde_json::to_value(tile(act, value).action("https://madoguchi.minamo.example")).expect("JSON")
        };
        assert_eq!(said(Act::Say, "ごみの日")["text"], "ごみの日");
        assert_eq!(said(Act::Open, "/topics/waste")["uri"], "https://madoguchi.minamo.example/topics/waste");
        assert_eq!(said(Act::Open, "https://example.jp/")["uri"], "https://example.jp/");
        assert_eq!(said(Act::Call, "072-123-4567")["uri"], "tel:0721234567");
        assert_eq!(
            (said(Act::Topics, "")["data"].as_str(), said(Act::Person, "")["data"].as_str()),
            (Some("choices"), Some("person"))
        );
        let id = "01900000-0000-7000-8000-00000000ABCD";
        assert_eq!(said(Act::Switch, id)["richMenuAliasId"], "0190000000007000800000000000abcd");
        line::rich_menu::check_alias(&alias(id)).expect("an alias");
        for (act, code, _) in Act::ALL {
            assert_eq!(said(act, "x1")["label"], "ごみ", "{code}");
            assert_eq!(Act::from_code(code), Some(act));
        }
    }
}
