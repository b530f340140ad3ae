//! What a message holds. Mentions and LINE's own emoji stay words of the text.

use serde_json::Value;

use super::text;

/// What a message holds. Of image, video, sound and file only the message's id leads to the bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Words.
    Text(String),
    /// An image.
    Image {
        /// Address, where it does not lie with LINE.
        external: Option<String>,
    },
    /// A video.
    Video {
        /// Address, where it does not lie with LINE.
        external: Option<String>,
        /// Milliseconds.
        duration: Option<u64>,
    },
    /// A sound.
    Audio {
        /// Address, where it does not lie with LINE.
        external: Option<String>,
        /// Milliseconds.
        duration: Option<u64>,
    },
    /// A file.
    File {
        /// As the user named it.
        name: String,
        /// Bytes.
        size: u64,
    },
    /// A place.
    Location {
        /// Its name.
        title: Option<String>,
        /// Its address.
        address: Option<String>,
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
    /// A sticker.
    Sticker {
        /// Its set.
        package_id: String,
        /// It.
        sticker_id: String,
        /// What it stands for, in English words.
        keywords: Vec<String>,
    },
    /// A kind that nobody here knows.
    Other {
        /// `type`.
        name: String,
        /// All of it.
        raw: Value,
    },
}

pub(super) fn read(message: &Value) -> Result<Content, &'static str> {
    let name = message.get("type").and_then(Value::as_str).ok_or("message.type")?;
    let external = || {
        let provider = message.get("contentProvider")?;
        let elsewhere = provider.get("type").and_then(Value::as_str) == Some("external");
        elsewhere.then(|| text(provider, "originalContentUrl")).flatten()
    };
    let duration = || message.get("duration").and_then(Value::as_u64);
    let degrees =
        |name: &str, most: f64| message.get(name).and_then(Value::as_f64).filter(|d| d.is_finite() && d.abs() <= most);
    Ok(match name {
        "text" => Content::Text(text(message, "text").ok_or("message.text")?),
        "image" => Content::Image { external: external() },
        "video" => Content::Video { external: external(), duration: duration() },
        "audio" => Content::Audio { external: external(), duration: duration() },
        "file" => Content::File {
            name: text(message, "fileName").ok_or("message.fileName")?,
            size: message.get("fileSize").and_then(Value::as_u64).ok_or("message.fileSize")?,
        },
        "location" => Content::Location {
            title: text(message, "title"),
            address: text(message, "address"),
            latitude: degrees("latitude", 90.0).ok_or("message.latitude")?,
            longitude: degrees("longitude", 180.0).ok_or("message.longitude")?,
        },
        "sticker" => {
            let words = message.get("keywords").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            Content::Sticker {
                package_id: text(message, "packageId").ok_or("message.packageId")?,
                sticker_id: text(message, "stickerId").ok_or("message.stickerId")?,
                keywords: words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            }
        }
        other => Content::Other { name: other.to_owned(), raw: message.clone() },
    })
}
