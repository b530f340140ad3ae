//! Users of the simulator, and how their events go out.

use serde_json::Value;

use super::users::{ShownProfile, id_text};
use super::{Attempt, Simulator};

impl Simulator {
    /// A new user who is no friend yet. Gives their id.
    pub fn add_user(&self, name: &str, language: Option<&str>) -> String {
        let mut state = self.state();
        let id = state.draw();
        let place = state.users.place(id);
        let profile = ShownProfile { name: name.to_owned(), language: language.map(str::to_owned) };
        state.users.profiles.insert(place, profile);
        id_text(id)
    }

    /// So many new friends, without events and without names. Gives their ids.
    pub fn add_friends(&self, count: usize) -> Vec<String> {
        let mut state = self.state();
        let friend = |_| {
            let id = state.draw();
            let place = state.users.place(id);
            state.users.at_mut(place).friend = true;
            id_text(id)
        };
        (0..count).map(friend).collect()
    }

    /// A user is a friend from now on, as if they had become one before the simulator began: no event tells it.
    pub fn be_friend(&self, user: &str) {
        let mut state = self.state();
        if let Some(place) = state.users.find(user) {
            state.users.at_mut(place).friend = true;
        }
    }

    /// Whether a user is a friend who does not block the account; none where the user is not there.
    pub fn is_reachable(&self, user: &str) -> Option<bool> {
        let state = self.state();
        state.users.find(user).map(|place| state.users.at(place)).map(|user| user.friend && !user.blocked)
    }

    /// All users with what they show, in the order in which they were made.
    pub fn users(&self) -> Vec<(String, Option<ShownProfile>)> {
        let state = self.state();
        let one =
            |(place, user): (u32, &super::users::User)| (id_text(user.id), state.users.profiles.get(&place).cloned());
        (0u32..).zip(&state.users.list).map(one).collect()
    }

    /// A user looks at all they received.
    pub fn see(&self, user: &str) {
        let mut state = self.state();
        if let Some(place) = state.users.find(user) {
            state.note_seen(place);
        }
    }

    /// A user taps a link of a message. Whether it counts in statistics: of a unit, a broadcast or a narrowcast.
    pub fn tap_link(&self, user: &str, url: &str) -> bool {
        let mut state = self.state();
        let place = state.users.find(user);
        place.is_some_and(|place| state.note_tap(place, url))
    }

    /// Waits until no webhook is on its way or waits to be sent again. Events that are held back stay.
    pub async fn settle(&self) {
        self.shared.outgoing.settled().await;
    }

    /// All webhooks that were sent or tried.
    pub fn webhook_attempts(&self) -> Vec<Attempt> {
        self.shared.outgoing.attempts()
    }

    /// Lets so many thousandths of the webhooks come twice though they were answered.
    pub fn double_webhooks(&self, share: u32) {
        self.shared.outgoing.double(share);
    }

    /// Holds events back until [`Simulator::release_webhooks`].
    pub fn hold_webhooks(&self) {
        self.shared.outgoing.hold();
    }

    /// Lets the events go that were held back, at most `in_one` in a call; `mixed` in another order.
    pub fn release_webhooks(&self, in_one: usize, mixed: bool) {
        let mut events = self.shared.outgoing.release();
        let mut state = self.state();
        if mixed {
            // Fisher and Yates: every order is as likely.
            for last in (1..events.len()).rev() {
                let other = state.rng.next_u64() % (last as u64 + 1);
                events.swap(last, usize::try_from(other).unwrap_or(last));
            }
        }
        for call in events.chunks(in_one.max(1)) {
            self.shared.outgoing.call(call.to_vec(), state.rng.next_u32());
        }
    }

    /// Lets an event go out that LINE may invent one day: it is sent as it is.
    pub fn send_event(&self, event: Value) {
        let drawn = {
            let mut state = self.state();
            state.keep_event(&event);
            state.rng.next_u32()
        };
        self.shared.outgoing.event(event, drawn);
    }

    /// What a user did, or without one all that happened, as LINE's events; the oldest first. They stand here whether
    /// or not a webhook took them.
    pub fn events(&self, user: Option<&str>) -> Vec<Value> {
        let state = self.state();
        let place = user.map(|user| state.users.find(user));
        let wanted = |of: u32| place.is_none_or(|place| place == Some(of));
        let texts = state.events.iter().filter(|(of, _)| wanted(*of)).map(|(_, text)| text);
        texts.filter_map(|text| serde_json::from_str(text).ok()).collect()
    }
}
