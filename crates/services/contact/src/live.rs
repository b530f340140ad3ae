//! Who watches learns at once: within the process by a signal after the commit, from other processes by the
//! versions of [`store::changes`].

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use calendar::Instant;
use store::{Db, changes};
use tokio::sync::watch;

use crate::CHANGE_TOPIC;
use crate::store::contact as rows;

/// How far back changes of other processes are looked for: their clocks may differ, and their commits come late.
const BACK: Duration = Duration::from_secs(5);

/// The watchers of a city in this process.
#[derive(Debug)]
pub struct Live {
    contacts: Mutex<HashMap<String, watch::Sender<u64>>>,
    desk: watch::Sender<u64>,
}

impl Default for Live {
    fn default() -> Self {
        Live { contacts: Mutex::default(), desk: watch::Sender::new(0) }
    }
}

impl Live {
    /// Changes of one contact.
    pub fn of(&self, contact: &str) -> watch::Receiver<u64> {
        let mut contacts = self.contacts.lock().unwrap_or_else(PoisonError::into_inner);
        contacts.retain(|_, sender| sender.receiver_count() > 0);
        contacts.entry(contact.to_owned()).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Changes of any contact.
    pub fn desk(&self) -> watch::Receiver<u64> {
        self.desk.subscribe()
    }

    /// How many contacts are watched.
    pub fn watched(&self) -> usize {
        let contacts = self.contacts.lock().unwrap_or_else(PoisonError::into_inner);
        contacts.values().filter(|s| s.receiver_count() > 0).count()
    }

    /// Something happened to a contact: whoever watches reads again. Called after the commit.
    pub fn tell(&self, contact: &str) {
        let contacts = self.contacts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = contacts.get(contact) {
            sender.send_modify(|n| *n += 1);
        }
        drop(contacts);
        self.desk.send_modify(|n| *n += 1);
    }

    fn is_watched(&self) -> bool {
        self.watched() > 0 || self.desk.receiver_count() > 0
    }

    /// Follows what other processes do, until the task is dropped.
    pub async fn follow(&self, db: &Db) {
        let mut seen = None;
        // When each contact changed last, as far as this process has told.
        let mut told: HashMap<String, Instant> = HashMap::new();
        let mut from = Instant::from_millis(0);
        loop {
            match self.step(db, &mut seen, &mut from, &mut told).await {
                Ok(()) => {}
                Err(error) => {
                    tracing::error!(%error, "changes of contacts could not be read; trying again");
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        }
    }

    async fn step(
        &self,
        db: &Db,
        seen: &mut Option<i64>,
        from: &mut Instant,
        told: &mut HashMap<String, Instant>,
    ) -> store::Result<()> {
        let version = match *seen {
            None => changes::versions(db).await?.get(CHANGE_TOPIC).copied().unwrap_or(0),
            Some(version) => changes::changed(db, CHANGE_TOPIC, version).await?,
        };
        let first = seen.is_none();
        *seen = Some(version);
        if first || !self.is_watched() {
            let mut tx = db.read().await?;
            *from = rows::newest(&mut tx).await?.unwrap_or(*from);
            told.clear();
            return Ok(());
        }
        let mut tx = db.read().await?;
        let changed = rows::changed_since(&mut tx, from.minus(BACK)).await?;
        drop(tx);
        for (contact, at) in &changed {
            *from = (*from).max(*at);
            if told.insert(contact.clone(), *at).is_none_or(|before| before < *at) {
                self.tell(contact);
            }
        }
        told.retain(|_, at| *at >= from.minus(BACK));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_watches_a_contact_hears_of_it() {
        let live = Live::default();
        let (mut a, mut b, mut desk) = (live.of("a"), live.of("b"), live.desk());
        live.tell("a");
        assert!(a.has_changed().expect("open") && !b.has_changed().expect("open"));
        assert!(desk.has_changed().expect("open"));
        a.mark_unchanged();
        desk.mark_unchanged();
        live.tell("b");
        assert!(!a.has_changed().expect("open") && b.has_changed().expect("open"));
        b.mark_unchanged();
        drop((a, b));
        assert_eq!(live.watched(), 0);
        live.tell("a");
        assert_eq!(live.of("c").has_changed().ok(), Some(false));
    }
}
