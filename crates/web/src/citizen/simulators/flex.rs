//! LINE's messages as HTML: texts, bubbles, buttons. Whatever the city sends is escaped; what is not known is named.

use serde_json::Value;
use words::ruby::escape;

/// A message as its bubble. Buttons of a bubble send the action back.
pub(super) fn message(message: &Value) -> String {
    let text = |name: &str| message[name].as_str().unwrap_or_default();
    match text("type") {
        "text" => format!("<div class=\"bubble\"><p>{}</p></div>", linked(text("text"))),
        "image" => format!("<div class=\"bubble\"><img src=\"{}\" alt=\"\"></div>", escape(text("previewImageUrl"))),
        "flex" => {
            let contents = &message["contents"];
            let bubbles = match contents["type"].as_str() {
                Some("carousel") => contents["contents"].as_array().cloned().unwrap_or_default(),
                _ => vec![contents.clone()],
            };
            bubbles.iter().map(bubble).collect()
        }
        "template" => {
            let template = &message["template"];
            let actions = template["actions"].as_array().cloned().unwrap_or_default();
            let buttons: String = actions.iter().map(|a| button(a, "")).collect();
            let words = escape(template["text"].as_str().unwrap_or_default());
            format!("<div class=\"bubble flex\"><p>{words}</p>{buttons}</div>")
        }
        other => format!("<div class=\"bubble\"><p>（{}）</p></div>", escape(other)),
    }
}

/// A text with its addresses as links.
fn linked(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive(char::is_whitespace) {
        let word = line.trim_end();
        if word.starts_with("https://") || word.starts_with("http://") {
            let safe = escape(word);
            out.push_str(&format!("<a href=\"{safe}\" target=\"_blank\" rel=\"noopener\">{safe}</a>"));
            out.push_str(&escape(&line[word.len()..]));
        } else {
            out.push_str(&escape(line));
        }
    }
    out.replace('\n', "<br>")
}

fn bubble(bubble: &Value) -> String {
    let parts: String = ["header", "body", "footer"].into_iter().map(|name| block(&bubble[name])).collect();
    format!("<div class=\"bubble flex\">{parts}</div>")
}

/// A part of a bubble.
fn block(one: &Value) -> String {
    match one["type"].as_str() {
        Some("box") => {
            let inner: String = one["contents"].as_array().into_iter().flatten().map(block).collect();
            let class = if one["layout"] == "vertical" { "v" } else { "h" };
            format!("<div class=\"{class}\">{inner}</div>")
        }
        Some("text") => {
            let class = match (one["weight"].as_str(), one["flex"].as_u64()) {
                (Some("bold"), _) => " class=\"head\"",
                (_, Some(2)) => " class=\"name\"",
                _ => "",
            };
            format!("<p{class}>{}</p>", linked(one["text"].as_str().unwrap_or_default()))
        }
        Some("button") => button(&one["action"], one["style"].as_str().unwrap_or_default()),
        Some("separator") => "<hr>".to_owned(),
        _ => String::new(),
    }
}

/// A button: an address is opened, everything else is told to the city.
pub(super) fn button(action: &Value, style: &str) -> String {
    let label = escape(action["label"].as_str().or(action["text"].as_str()).unwrap_or("（名前なし）"));
    let class = if style == "primary" { "" } else { " class=\"quiet\"" };
    match action["type"].as_str() {
        Some("uri") => {
            let class = if style == "primary" { "btn" } else { "btn quiet" };
            let address = escape(action["uri"].as_str().unwrap_or_default());
            format!("<a class=\"{class}\" href=\"{address}\" target=\"_blank\" rel=\"noopener\">{label}</a>")
        }
        _ => format!("<button name=\"tap\" value=\"{}\"{class}>{label}</button>", escape(&action.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_that_is_sent_becomes_html() {
        let html = message(&json!({"type": "text", "text": "<b>住民票</b>\nhttps://city.example/a?b=\"c 終"}));
        assert_eq!(
            html,
            "<div class=\"bubble\"><p>&lt;b&gt;住民票&lt;/b&gt;<br><a href=\"https://city.example/a?b=&quot;c\" \
             target=\"_blank\" rel=\"noopener\">https://city.example/a?b=&quot;c</a> 終</p></div>"
        );
    }

    #[test]
    fn a_button_tells_its_action() {
        let html = button(&json!({"type": "postback", "label": "は<い", "data": "a\"b"}), "secondary");
        assert!(html.contains("は&lt;い") && html.contains("a\\&quot;b") && !html.contains("a\"b"), "{html}");
        assert!(message(&json!({"type": "video"})).contains("（video）"));
    }
}
