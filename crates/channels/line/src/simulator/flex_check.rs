//! Whether a flex container is as LINE wants it. Its places are written as paths, as LINE does.

use serde_json::Value;

use super::check::Wrongs;

/// What is wrong with a container.
pub(crate) fn flex(container: &Value) -> Wrongs {
    let mut wrongs = Wrongs::default();
    match container["type"].as_str() {
        Some("bubble") => bubble(container, "", &mut wrongs),
        Some("carousel") => {
            let bubbles = container["contents"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !(1..=12).contains(&bubbles.len()) {
                wrongs.add("/contents", "size must be between 1 and 12");
            }
            for (i, one) in bubbles.iter().enumerate() {
                bubble(one, &format!("/contents/{i}"), &mut wrongs);
            }
            largest(container, "", 50_000, &mut wrongs);
        }
        _ => wrongs.add("/type", "must be bubble or carousel"),
    }
    wrongs
}

fn largest(value: &Value, at: &str, most: usize, wrongs: &mut Wrongs) {
    if value.to_string().len() > most {
        wrongs.add(if at.is_empty() { "/" } else { at }, format!("must be smaller than {most} bytes"));
    }
}

fn bubble(bubble: &Value, at: &str, wrongs: &mut Wrongs) {
    if bubble["type"] != "bubble" {
        return wrongs.add(&format!("{at}/type"), "must be bubble");
    }
    if ["header", "hero", "body", "footer"].iter().all(|part| bubble[part].is_null()) {
        wrongs.add(at, "at least one block must be specified");
    }
    for part in ["header", "body", "footer"] {
        match bubble[part]["type"].as_str() {
            None if bubble[part].is_null() => {}
            Some("box") => block(&bubble[part], &format!("{at}/{part}"), "", wrongs),
            _ => wrongs.add(&format!("{at}/{part}/type"), "must be box"),
        }
    }
    if !bubble["hero"].is_null() {
        block(&bubble["hero"], &format!("{at}/hero"), "", wrongs);
    }
    largest(bubble, at, 30_000, wrongs);
}

fn block(part: &Value, at: &str, inside: &str, wrongs: &mut Wrongs) {
    let kind = part["type"].as_str().unwrap_or_default();
    let baseline = inside == "baseline";
    let allowed = match kind {
        "box" | "button" | "image" | "video" => !baseline,
        "icon" => baseline,
        "text" | "separator" | "filler" => true,
        _ => false,
    };
    if !allowed {
        return wrongs.add(&format!("{at}/type"), "invalid component here");
    }
    match kind {
        "box" => {
            let layout = part["layout"].as_str().unwrap_or_default();
            if !matches!(layout, "horizontal" | "vertical" | "baseline") {
                wrongs.add(&format!("{at}/layout"), "must be horizontal, vertical or baseline");
            }
            match part["contents"].as_array() {
                Some(parts) => {
                    for (i, inner) in parts.iter().enumerate() {
                        block(inner, &format!("{at}/contents/{i}"), layout, wrongs);
                    }
                }
                None => wrongs.add(&format!("{at}/contents"), "must be specified"),
            }
        }
        "text" if part["text"].as_str().is_none_or(str::is_empty) && part["contents"].is_null() => {
            wrongs.add(&format!("{at}/text"), "must be non-empty text");
        }
        "button" => wrongs.action(&part["action"], &format!("{at}/action"), Some(40)),
        "image" if part["url"].as_str().is_none_or(|u| !u.starts_with("https://")) => {
            wrongs.add(&format!("{at}/url"), "invalid uri");
        }
        _ => {}
    }
    if kind != "button" && !part["action"].is_null() {
        wrongs.action(&part["action"], &format!("{at}/action"), None);
    }
}
