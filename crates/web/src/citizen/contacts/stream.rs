//! `/contacts/{number}/{key}/stream`: what happens in a conversation, told at once (server-sent events). Whoever
//! loses the connection takes it up again after the last message they have: nothing is lost, nothing comes twice.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use contact::{State, attachment, citizen, message};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::watch;

use super::one::{self, Keyed};
use super::view::{self, Fragment};
use crate::citizen::Visit;
use crate::citizen::questions::private;
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::page::Page;

/// Messages that are read at once.
const BATCH: i64 = 50;
/// Comments that keep proxies from closing a quiet stream.
const QUIET: Duration = Duration::from_secs(15);
/// How often the page of somebody who waits says that it is still open.
const STILL_THERE: Duration = Duration::from_secs(30);
/// How long somebody counts as typing.
const TYPING: Duration = Duration::from_secs(6);

#[derive(Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: i64,
}

struct Talk {
    visit: Visit,
    page: Page,
    contact: String,
    base: String,
    last: i64,
    told: Option<String>,
    ready: VecDeque<Event>,
    live: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    seen_at: Option<calendar::Instant>,
    types: bool,
}

impl Talk {
    /// Reads what is new and puts it into `ready`.
    async fn read(&mut self) -> Result<(), Failure> {
        let now = self.visit.app.now();
        let mut tx = self.visit.city.db.read().await?;
        let messages = message::since(&mut tx, &self.contact, self.last, BATCH).await?;
        let newest = messages.last().map_or(0, |m| m.seq);
        let files = attachment::between(&mut tx, &self.contact, self.last + 1, newest).await?;
        let contact = contact::contact::get(&mut tx, &self.contact).await?.ok_or_else(Failure::not_found)?;
        let typing = contact::typing_since(&mut tx, &self.contact, now.minus(TYPING)).await?;
        let writes = contact::typing_since(&mut tx, &self.contact, now.minus(one::WRITING)).await?;
        let writes = writes.iter().any(|who| who == citizen::BOT);
        drop(tx);
        for m in &messages {
            self.last = m.seq;
            // A later message takes the buttons of an earlier one away; the page's script does so.
            let Some(view) = view::view(&self.page, &self.base, m, &files, true) else { continue };
            let html = askama::Template::render(&Fragment { page: &self.page, m: &view })?;
            let data = serde_json::json!({ "seq": m.seq, "client": view.client_id, "html": html });
            self.ready.push_back(Event::default().event("message").id(m.seq.to_string()).data(data.to_string()));
        }
        self.types = typing.iter().any(|who| who != citizen::CITIZEN && who != citizen::BOT);
        let ahead = one::ahead(&self.visit, &contact).await?;
        let status = one::status(&self.visit, &self.page, &contact, ahead, writes);
        let told = serde_json::json!({
            "state": contact.state.code(), "status": self.page.h(&status).0, "typing": self.types,
        })
        .to_string();
        if self.told.as_ref() != Some(&told) {
            self.ready.push_back(Event::default().event("state").data(&told));
            self.told = Some(told);
        }
        let waits = contact.state == State::Waiting;
        if waits && self.seen_at.is_none_or(|at| now.millis_since(at) >= STILL_THERE.as_millis() as i64) {
            self.seen_at = Some(now);
            citizen::seen(&self.visit.city.db, self.visit.app.clock.as_ref(), &self.contact, 0).await?;
        }
        Ok(())
    }

    /// The next event; none when the process stops or the database fails: the browser comes again.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((Ok(event), self));
            }
            if *self.stop.borrow() {
                return None;
            }
            self.live.mark_unchanged();
            if let Err(failure) = self.read().await {
                tracing::debug!(?failure, "a conversation's stream ends");
                return None;
            }
            if !self.ready.is_empty() {
                continue;
            }
            // Whoever stops typing tells nobody.
            let wait = if self.types { TYPING } else { STILL_THERE };
            tokio::select! {
                changed = self.live.changed() => changed.ok()?,
                _stop_either_way = self.stop.changed() => return None,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}

/// The stream of a conversation.
pub(crate) async fn get(
    visit: Visit,
    client: ClientAddress,
    Path((number, key)): Keyed,
    Query(asked): Query<After>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let contact = one::open(&visit, client, &number, &key).await?;
    let page = visit.page_at("contacts", &format!("/contacts/{number}/{key}"));
    // After a lost connection the browser says what it had.
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let talk = Talk {
        base: one::base(&page, &number, &key),
        live: visit.city.live.of(&contact.id),
        stop: visit.app.stopping(),
        contact: contact.id,
        page,
        visit,
        last: last.unwrap_or(asked.after),
        told: None,
        ready: VecDeque::new(),
        seen_at: None,
        types: false,
    };
    let events = stream::unfold(talk, Talk::next);
    Ok(private(Sse::new(events).keep_alive(KeepAlive::new().interval(QUIET)).into_response()))
}
