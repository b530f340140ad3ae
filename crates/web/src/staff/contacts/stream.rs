//! `/contacts/stream`: tells the desk's pages at once that something happened: to the contact that is open, or to
//! any. The page then reads again what it shows.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::Query;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use contact::citizen::CITIZEN;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::Instant;

use super::desk;
use super::one::readable_contact;
use crate::errors::Failure;
use crate::staff::gate::Staff;

/// Comments that keep proxies from closing a quiet stream.
const QUIET: Duration = Duration::from_secs(15);
/// Changes of other contacts are gathered so long: for the list, and beside an open contact, where they are no hurry.
const GATHER: Duration = Duration::from_millis(1_000);
const GATHER_BESIDE: Duration = Duration::from_millis(5_000);
/// How long somebody counts as typing.
const TYPING: Duration = Duration::from_secs(6);
/// A log-in that ended in between ends the stream no later than this.
const LONGEST: Duration = Duration::from_secs(600);

#[derive(Deserialize)]
pub(crate) struct Watched {
    #[serde(default)]
    contact: String,
}

struct Watch {
    staff: Staff,
    contact: Option<String>,
    one: watch::Receiver<u64>,
    desk: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    told_desk: Option<Instant>,
    since: Instant,
    typing: bool,
    /// Something was told of typing that must be taken back.
    first: bool,
}

impl Watch {
    /// What the page of a contact must know at once.
    async fn about(&mut self, contact: &str) -> Result<Event, Failure> {
        let now = self.staff.app.now();
        let mut tx = self.staff.city.db.read().await?;
        let found = contact::contact::get(&mut tx, contact).await?.ok_or_else(Failure::not_found)?;
        let organisation = self.staff.city.organisation();
        if !desk(&self.staff, &organisation).may_read(&mut tx, &found).await? {
            // Another section has it now: nothing more is told of it than that.
            self.typing = false;
            return Ok(Event::default().event("contact").data(r#"{"gone":true}"#));
        }
        let typing = contact::typing_since(&mut tx, contact, now.minus(TYPING)).await?;
        drop(tx);
        self.typing = typing.iter().any(|who| who == CITIZEN);
        let others = typing.iter().any(|who| who != CITIZEN && *who != self.staff.who.account);
        let data = serde_json::json!({
            "last": found.last_seq, "version": found.updated_at.millis(), "typing": self.typing, "others": others,
            "read": found.citizen_seen_seq,
        });
        Ok(Event::default().event("contact").data(data.to_string()))
    }

    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if *self.stop.borrow() || self.since.elapsed() > LONGEST {
                return None;
            }
            let gather = if self.contact.is_some() { GATHER_BESIDE } else { GATHER };
            let due = self.told_desk.map_or(Duration::ZERO, |at| gather.saturating_sub(at.elapsed()));
            let desk_changed = self.desk.has_changed().ok()?;
            if let Some(contact) = self.contact.clone()
                && (self.first || self.one.has_changed().ok()?)
            {
                self.one.mark_unchanged();
                self.first = false;
                return match self.about(&contact).await {
                    Ok(event) => Some((Ok(event), self)),
                    Err(failure) => {
                        tracing::debug!(?failure, "a desk's stream ends");
                        None
                    }
                };
            }
            if desk_changed && due.is_zero() {
                self.desk.mark_unchanged();
                self.told_desk = Some(Instant::now());
                return Some((Ok(Event::default().event("desk").data("{}")), self));
            }
            let wait = match (desk_changed, self.typing) {
                (true, _) => due,
                (false, true) => TYPING,
                (false, false) => QUIET,
            };
            tokio::select! {
                changed = self.one.changed(), if self.contact.is_some() => {
                    changed.ok()?;
                    self.first = true;
                }
                changed = self.desk.changed(), if !desk_changed => {
                    changed.ok()?;
                    self.desk.mark_changed();
                }
                _stop_either_way = self.stop.changed() => return None,
                () = tokio::time::sleep(wait) => self.first |= self.typing,
            }
        }
    }
}

/// The stream of the desk.
pub(crate) async fn get(staff: Staff, Query(watched): Query<Watched>) -> Result<Response, Failure> {
    let contact = match watched.contact.as_str() {
        "" => None,
        number => Some(readable_contact(&staff, number).await?.id),
    };
    let watch = Watch {
        one: staff.city.live.of(contact.as_deref().unwrap_or("")),
        desk: staff.city.live.desk(),
        stop: staff.app.stopping(),
        first: contact.is_some(),
        contact,
        told_desk: None,
        since: Instant::now(),
        typing: false,
        staff,
    };
    let events = stream::unfold(watch, Watch::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(QUIET)).into_response())
}
