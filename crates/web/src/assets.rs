//! Style sheets and pictures: in the binary, under addresses that hold a digest, so that browsers
//! may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const ASSETS: [Asset; 18] = [
    Asset { name: "app.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("../assets/app.css") },
    Asset { name: "icons.svg", kind: "image/svg+xml", bytes: include_bytes!("../assets/icons.svg") },
    Asset { name: "staff.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("../assets/staff.css") },
    Asset { name: "staff.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/staff.js") },
    Asset { name: "desk.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/desk.js") },
    Asset { name: "ask.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/ask.js") },
    Asset { name: "chat.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/chat.js") },
    Asset { name: "line.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/line.js") },
    Asset {
        name: "contact-desk.js",
        kind: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/contact-desk.js"),
    },
    Asset { name: "private.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/private.js") },
    Asset { name: "figures.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/figures.js") },
    Asset { name: "menu.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/menu.js") },
    Asset { name: "sends.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/sends.js") },
    Asset { name: "room.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("../assets/room.css") },
    Asset { name: "room.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/room.js") },
    Asset { name: "sealed.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("../assets/sealed.css") },
    Asset { name: "sealed.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("../assets/sealed.js") },
    Asset { name: "mark.svg", kind: "image/svg+xml", bytes: include_bytes!("../assets/mark.svg") },
];

static URLS: LazyLock<Vec<String>> =
    LazyLock::new(|| ASSETS.iter().map(|a| format!("/assets/{}/{}", digest(a.bytes), a.name)).collect());

/// Short digest of an asset's contents.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|b| format!("{b:02x}")).collect()
}

/// The address of an asset; an unknown name gives an address that is not found.
pub(crate) fn url(name: &str) -> &'static str {
    ASSETS.iter().position(|a| a.name == name).map_or("/assets/unknown", |i| &URLS[i])
}

pub(crate) const FOREVER: &str = "public, max-age=31536000, immutable";

pub(crate) async fn get(Path((_digest, name)): Path<(String, String)>) -> Response {
    match ASSETS.iter().find(|a| a.name == name) {
        Some(asset) => {
            // In the store of a browser, files of the room would tell that somebody was there.
            let kept = if asset.name.starts_with("room.") { "no-store" } else { FOREVER };
            ([(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, kept)], asset.bytes).into_response()
        }
        None => axum::http::StatusCode::NOT_FOUND.into_response(),
    }
}
