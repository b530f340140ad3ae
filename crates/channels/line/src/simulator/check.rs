//! Whether messages are as LINE wants them: an own reading of the reference over plain JSON, so that it does not
//! share the client's mistakes (<https://developers.line.biz/en/reference/messaging-api/#message-objects>).

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use super::flex_check::flex;
use super::reply::Reply;

/// What is wrong, by place.
#[derive(Default)]
pub(crate) struct Wrongs(pub(crate) Vec<(String, String)>);

const TYPES: [&str; 10] =
    ["text", "textV2", "image", "video", "audio", "location", "sticker", "template", "imagemap", "flex"];

impl Wrongs {
    pub(crate) fn add(&mut self, at: &str, what: impl Into<String>) {
        self.0.push((at.to_owned(), what.into()));
    }

    /// A text that must be there, counted as JavaScript does.
    fn text(&mut self, value: &Value, at: &str, name: &str, most: usize) {
        self.measured(value, at, name, most, true, |t| t.encode_utf16().count());
    }

    /// A text counted as readers do.
    fn label(&mut self, value: &Value, at: &str, name: &str, most: usize, needed: bool) {
        self.measured(value, at, name, most, needed, |t| t.graphemes(true).count());
    }

    fn measured(&mut self, value: &Value, at: &str, name: &str, most: usize, needed: bool, count: fn(&str) -> usize) {
        let at = format!("{at}.{name}");
        match &value[name] {
            Value::String(text) if text.is_empty() && needed => self.add(&at, "May not be empty"),
            Value::String(text) if count(text) > most => self.add(&at, format!("Length must be between 0 and {most}")),
            Value::String(_) => {}
            Value::Null if needed => self.add(&at, "May not be empty"),
            Value::Null => {}
            _ => self.add(&at, "Must be a string"),
        }
    }

    fn https(&mut self, value: &Value, at: &str, name: &str) {
        self.text(value, at, name, 2_000);
        if value[name].as_str().is_some_and(|t| !t.is_empty() && !is_uri(t, &["https"])) {
            self.add(&format!("{at}.{name}"), "Must be a valid HTTPS URL");
        }
    }

    /// An action; `label` is its greatest length where one is needed.
    pub(crate) fn action(&mut self, action: &Value, at: &str, label: Option<usize>) {
        if !action.is_object() {
            return self.add(at, "May not be null");
        }
        self.label(action, at, "label", label.unwrap_or(20), label.is_some());
        match action["type"].as_str() {
            Some("postback") => {
                let at_data = format!("{at}.data");
                match action["data"].as_str() {
                    Some(data) if data.encode_utf16().count() > 300 => {
                        self.add(&at_data, "Length must be between 0 and 300")
                    }
                    Some(_) => {}
                    None => self.add(&at_data, "May not be null"),
                }
                self.label(action, at, "displayText", 300, false);
            }
            Some("message") => self.label(action, at, "text", 300, true),
            Some("uri") => {
                self.text(action, at, "uri", 1_000);
                let uri = action["uri"].as_str().unwrap_or_default();
                if !uri.is_empty() && !is_uri(uri, &["http", "https", "line", "tel"]) {
                    self.add(&format!("{at}.uri"), "Must be a valid URI");
                }
            }
            Some("richmenuswitch") => {
                self.text(action, at, "richMenuAliasId", 32);
                self.measured(action, at, "data", 300, false, |t| t.encode_utf16().count());
            }
            Some("datetimepicker") => self.text(action, at, "data", 300),
            Some("clipboard") => self.text(action, at, "clipboardText", 1_000),
            Some("camera" | "cameraRoll" | "location") => {}
            _ => self.add(&format!("{at}.type"), "Must be a valid action type"),
        }
    }

    fn template(&mut self, message: &Value, at: &str) {
        self.text(message, at, "altText", 1_500);
        let (template, at) = (&message["template"], format!("{at}.template"));
        let actions = template["actions"].as_array().map(Vec::as_slice).unwrap_or_default();
        match template["type"].as_str() {
            Some("confirm") => {
                self.label(template, &at, "text", 240, true);
                if actions.len() != 2 {
                    self.add(&format!("{at}.actions"), "Size must be between 2 and 2");
                }
            }
            Some("buttons") => {
                self.label(template, &at, "text", 160, true);
                self.label(template, &at, "title", 40, false);
                if !(1..=4).contains(&actions.len()) {
                    self.add(&format!("{at}.actions"), "Size must be between 1 and 4");
                }
            }
            Some("carousel" | "image_carousel") => {
                if !(1..=10).contains(&template["columns"].as_array().map_or(0, Vec::len)) {
                    self.add(&format!("{at}.columns"), "Size must be between 1 and 10");
                }
            }
            _ => self.add(
                &format!("{at}.type"),
                "Must be one of the following values: [confirm, buttons, carousel, image_carousel]",
            ),
        }
        for (i, action) in actions.iter().enumerate() {
            self.action(action, &format!("{at}.actions[{i}]"), Some(20));
        }
    }

    fn message(&mut self, message: &Value, at: &str) {
        match message["type"].as_str() {
            Some("text" | "textV2") => self.text(message, at, "text", 5_000),
            Some("image" | "video") => {
                self.https(message, at, "originalContentUrl");
                self.https(message, at, "previewImageUrl");
            }
            Some("audio") => self.https(message, at, "originalContentUrl"),
            Some("location") => {
                self.text(message, at, "title", 100);
                self.text(message, at, "address", 100);
            }
            Some("sticker") => {
                self.text(message, at, "packageId", 20);
                self.text(message, at, "stickerId", 20);
            }
            Some("template") => self.template(message, at),
            Some("imagemap") => self.text(message, at, "altText", 1_500),
            Some("flex") => self.text(message, at, "altText", 1_500),
            _ => {
                self.add(&format!("{at}.type"), format!("Must be one of the following values: [{}]", TYPES.join(", ")))
            }
        }
        if !message["quickReply"].is_null() {
            let at = format!("{at}.quickReply.items");
            let items = message["quickReply"]["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !(1..=13).contains(&items.len()) {
                self.add(&at, "Size must be between 1 and 13");
            }
            for (i, item) in items.iter().enumerate() {
                self.action(&item["action"], &format!("{at}[{i}].action"), Some(20));
            }
        }
    }
}

/// Whether a text is an address of one of the schemes, with something behind it and nothing that breaks it off.
fn is_uri(text: &str, schemes: &[&str]) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let rest = if scheme == "tel" { Some(rest) } else { rest.strip_prefix("//") };
    let broken = |c: char| c.is_whitespace() || c.is_control();
    schemes.contains(&scheme) && rest.is_some_and(|r| !r.is_empty() && !r.contains(broken))
}

/// The messages of a request, or why they are refused.
pub(crate) fn messages(body: &Value) -> Result<&[Value], Reply> {
    let list = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=5).contains(&list.len()) {
        return Err(Reply::wrong("messages", "Size must be between 1 and 5"));
    }
    let mut wrongs = Wrongs::default();
    for (i, message) in list.iter().enumerate() {
        wrongs.message(message, &format!("messages[{i}]"));
    }
    if !wrongs.0.is_empty() {
        return Err(Reply::details(&format!("The request body has {} error(s)", wrongs.0.len()), &wrongs.0));
    }
    for (i, message) in list.iter().enumerate().filter(|(_, m)| m["type"] == "flex") {
        let wrongs = flex(&message["contents"]);
        if !wrongs.0.is_empty() {
            return Err(Reply::details(
                &format!("A message (messages[{i}]) in the request body is invalid"),
                &wrongs.0,
            ));
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{self, Action, Block, Bubble, Container, Message, flex::Style};
    use proptest::prelude::*;

    fn words(most: usize) -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec!["あ", "a", "🍎", "👨‍👩‍👧‍👦", "が", " ", "\n"]);
        (piece, 0..most).prop_map(|(piece, times)| piece.repeat(times))
    }

    fn address() -> impl Strategy<Value = String> {
        let start = prop::sample::select(vec!["https://", "http://", "line://", "tel:", "javascript:", ""]);
        (start, "[a-z0-9./ ]{0,12}", 0usize..3)
            .prop_map(|(start, rest, times)| format!("{start}{}", rest.repeat(1 << (4 * times))))
    }

    fn action() -> impl Strategy<Value = Action> {
        prop_oneof![
            (words(45), words(310)).prop_map(|(label, data)| Action::postback(label, data)),
            (words(45), words(310)).prop_map(|(label, text)| Action::message(label, text)),
            (words(45), address()).prop_map(|(label, uri)| Action::uri(label, uri)),
        ]
    }

    fn container() -> impl Strategy<Value = Container> {
        let part = prop_oneof![
            words(50).prop_map(Block::text),
            (words(20), words(20)).prop_map(|(name, value)| Block::fact(name, value)),
            Just(Block::separator()),
        ];
        let button = action().prop_map(|action| Block::button(action, Style::Primary));
        let bubble = (prop::collection::vec(part, 0..4), prop::collection::vec(button, 0..3));
        let bubble = bubble.prop_map(|(body, buttons)| Bubble::new(body, buttons));
        prop::collection::vec(bubble, 0..14).prop_map(|mut bubbles| match bubbles.len() {
            1 => bubbles.remove(0).into(),
            _ => Container::carousel(bubbles),
        })
    }

    fn some_message() -> impl Strategy<Value = Message> {
        let message = prop_oneof![
            words(5_010).prop_map(Message::text),
            (address(), address()).prop_map(|(a, b)| Message::image(a, b)),
            (words(1_510), container()).prop_map(|(alt, contents)| Message::flex(alt, contents)),
            (words(245), action(), action()).prop_map(|(text, a, b)| Message::confirm(text, a, b)),
        ];
        (message, prop::collection::vec(action(), 0..15)).prop_map(|(message, actions)| match actions.len() {
            0 | 1 => message,
            _ => message.with_quick_reply(actions),
        })
    }

    proptest! {
        // Five thousand letters are counted in many of them.
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// Two readings of the same reference: what the client lets through, the simulator takes, and what it does
        /// not, it refuses.
        #[test]
        fn client_and_simulator_agree(list in prop::collection::vec(some_message(), 0..7)) {
            let body = serde_json::json!({"messages": list});
            prop_assert_eq!(message::check(&list).is_ok(), messages(&body).is_ok(), "{:?}", message::check(&list));
        }
    }
}
