//! `/line/link`: what joining LINE with a person means, before LINE asks whether it is wanted.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use crate::citizen::questions::private;
use crate::citizen::{Visit, show};
use crate::errors::Failure;
use crate::page::Page;

/// What our account put into the address.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default, rename = "linkToken")]
    link_token: String,
    #[serde(default)]
    nonce: String,
}

#[derive(Template)]
#[template(path = "citizen/line_link.html")]
struct LinkPage {
    page: Page,
    dialogue: String,
    link_token: String,
    nonce: String,
}

/// Tokens of LINE and nonces of ours are of these letters.
fn is_plain(text: &str) -> bool {
    (10..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

pub(crate) async fn get(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let Some(line) = &visit.city.line else { return Err(Failure::not_found()) };
    if !is_plain(&asked.link_token) || !is_plain(&asked.nonce) {
        return Err(Failure::not_found());
    }
    let dialogue = line.account.link_dialogue.clone();
    // The address of the page holds the nonce: links to other languages go nowhere useful, and keep it.
    let page = visit.page("");
    Ok(private(show(&LinkPage { page, dialogue, link_token: asked.link_token, nonce: asked.nonce })?))
}
