//! What users do, and the events that LINE makes of it.

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::Simulator;
use super::state::{Chat, State, Stored};
use super::users::{NOTHING, id_text};

/// What a tap did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tapped {
    /// An event went out: its id.
    Event(String),
    /// An address was opened.
    Opened(String),
    /// There was nothing to tap.
    Nothing,
}

/// The alphabet of ULIDs (<https://github.com/ulid/spec>): Crockford's base 32.
const ULID: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl State {
    /// An id as webhook events have: 48 bits of time, 80 of chance, 26 letters.
    fn ulid(&mut self) -> String {
        let time = u128::try_from(self.now().millis()).unwrap_or(0) << 80;
        let number = time | self.draw() >> 48;
        (0..26).rev().map(|i| char::from(ULID[(number >> (5 * i) & 31) as usize])).collect()
    }

    /// An event of a chat; `extra` holds its type and what belongs to it. Gives its id.
    fn event(&mut self, source: Value, chat: Option<Chat>, extra: &Value) -> Value {
        let id = self.ulid();
        let mut event = json!({
            "mode": "active", "timestamp": self.now().millis(), "source": source, "webhookEventId": id,
            "deliveryContext": {"isRedelivery": false},
        });
        if let Some(chat) = chat {
            let (token, now) = (self.token(), self.now());
            // Now and then what ran out is taken away, so that a long run does not fill the memory.
            if self.reply_tokens.len().is_power_of_two() {
                self.reply_tokens.retain(|_, (_, until)| now < *until);
            }
            self.reply_tokens.insert(token.clone(), (chat, now.plus(self.reply_token_life)));
            event["replyToken"] = token.into();
        }
        for (name, value) in extra.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        self.keep_event(&event);
        event
    }

    pub(crate) fn keep_event(&mut self, event: &Value) {
        let user = event["source"]["userId"].as_str().and_then(|id| self.users.find(id)).unwrap_or(NOTHING);
        self.events.push((user, event.to_string().into()));
    }
}

impl Simulator {
    fn send_out(&self, event: Value) -> String {
        let id = event["webhookEventId"].as_str().unwrap_or_default().to_owned();
        let drawn = self.state().rng.next_u32();
        self.shared.outgoing.event(event, drawn);
        id
    }

    /// Lets an event of a user go out. Nothing where the user is not there.
    fn user_event(&self, user: &str, answerable: bool, extra: &Value) -> String {
        let event = {
            let mut state = self.state();
            let Some(place) = state.users.find(user) else { return String::new() };
            let chat = answerable.then_some(Chat::User(place));
            state.event(json!({"type": "user", "userId": user}), chat, extra)
        };
        self.send_out(event)
    }

    /// A user becomes a friend, or takes a block back. Gives the id of the event.
    pub fn follow(&self, user: &str) -> String {
        let unblocked = {
            let mut state = self.state();
            let Some(place) = state.users.find(user) else { return String::new() };
            let user = state.users.at_mut(place);
            let unblocked = std::mem::replace(&mut user.blocked, false);
            user.friend = true;
            unblocked
        };
        self.user_event(user, true, &json!({"type": "follow", "follow": {"isUnblocked": unblocked}}))
    }

    /// A user blocks the account. Gives the id of the event.
    pub fn block(&self, user: &str) -> String {
        {
            let mut state = self.state();
            if let Some(place) = state.users.find(user) {
                state.users.at_mut(place).blocked = true;
            }
        }
        self.user_event(user, false, &json!({"type": "unfollow"}))
    }

    fn message(&self, user: &str, mut message: Value) -> String {
        let id = {
            let mut state = self.state();
            let id = state.ledger.message_id();
            if message["type"] != "location" && message["type"] != "file" && message["type"] != "audio" {
                message["quoteToken"] = format!("q{id}").into();
            }
            id.to_string()
        };
        message["id"] = id.into();
        self.user_event(user, true, &json!({"type": "message", "message": message}))
    }

    /// A user writes. Gives the id of the event.
    pub fn say(&self, user: &str, text: &str) -> String {
        self.message(user, json!({"type": "text", "text": text}))
    }

    /// A user tells a place.
    pub fn send_location(&self, user: &str, address: &str, latitude: f64, longitude: f64) -> String {
        self.message(
            user,
            json!({"type": "location", "address": address, "latitude": latitude, "longitude": longitude}),
        )
    }

    /// A user sends a sticker.
    pub fn send_sticker(&self, user: &str, package: &str, sticker: &str) -> String {
        let sticker =
            json!({"type": "sticker", "packageId": package, "stickerId": sticker, "stickerResourceType": "STATIC"});
        self.message(user, sticker)
    }

    /// A user sends an image. Gives the id of the message, by which it is fetched.
    pub fn send_image(&self, user: &str, media_type: &str, bytes: impl Into<Bytes>) -> String {
        self.content(
            user,
            json!({"type": "image", "contentProvider": {"type": "line"}}),
            media_type,
            bytes.into(),
            false,
        )
    }

    /// A user sends a video, which can be fetched after the time of preparation.
    pub fn send_video(&self, user: &str, media_type: &str, bytes: impl Into<Bytes>) -> String {
        let video = json!({"type": "video", "duration": 60_000, "contentProvider": {"type": "line"}});
        self.content(user, video, media_type, bytes.into(), true)
    }

    /// A user sends a sound, which can be fetched after the time of preparation.
    pub fn send_audio(&self, user: &str, media_type: &str, bytes: impl Into<Bytes>) -> String {
        let audio = json!({"type": "audio", "duration": 60_000, "contentProvider": {"type": "line"}});
        self.content(user, audio, media_type, bytes.into(), true)
    }

    /// A user sends a file.
    pub fn send_file(&self, user: &str, name: &str, media_type: &str, bytes: impl Into<Bytes>) -> String {
        let bytes = bytes.into();
        let file = json!({"type": "file", "fileName": name, "fileSize": bytes.len()});
        self.content(user, file, media_type, bytes, false)
    }

    fn content(&self, user: &str, mut message: Value, media_type: &str, bytes: Bytes, prepared: bool) -> String {
        let id = {
            let mut state = self.state();
            let (id, now) = (state.ledger.message_id(), state.now());
            let ready = if prepared { now.plus(state.transcoding) } else { now };
            let until = now.plus(state.content_life);
            if state.content.len().is_power_of_two() {
                let ran_out = state.content.values_mut().filter(|c| c.until <= now);
                ran_out.for_each(|c| c.bytes = Bytes::new());
            }
            state.content.insert(id, Stored { media_type: media_type.into(), bytes, ready, until });
            id.to_string()
        };
        message["id"] = id.clone().into();
        if matches!(message["type"].as_str(), Some("image" | "video")) {
            message["quoteToken"] = format!("q{id}").into();
        }
        self.user_event(user, true, &json!({"type": "message", "message": message}));
        id
    }

    /// A user takes a message back.
    pub fn unsend(&self, user: &str, message: &str) -> String {
        if let Ok(id) = message.parse() {
            self.state().content.remove(&id);
        }
        self.user_event(user, false, &json!({"type": "unsend", "unsend": {"messageId": message}}))
    }

    /// A user taps a button that posts back. Gives the id of the event.
    pub fn press_postback(&self, user: &str, data: &str, params: Option<Value>) -> String {
        let mut postback = json!({"data": data});
        if let Some(params) = params {
            postback["params"] = params;
        }
        self.user_event(user, true, &json!({"type": "postback", "postback": postback}))
    }

    /// A user does what an action of a message or rich menu says.
    pub fn tap(&self, user: &str, action: &Value) -> Tapped {
        let text = |name: &str| action[name].as_str().unwrap_or_default();
        match action["type"].as_str() {
            Some("message") => Tapped::Event(self.say(user, text("text"))),
            Some("postback") => Tapped::Event(self.press_postback(user, text("data"), None)),
            Some("uri") => {
                self.tap_link(user, text("uri"));
                Tapped::Opened(text("uri").to_owned())
            }
            Some("richmenuswitch") => {
                let alias = text("richMenuAliasId");
                let to = {
                    let mut state = self.state();
                    let to = state.menus.alias(alias);
                    if let (Some(menu), Some(place)) = (to, state.users.find(user)) {
                        state.users.at_mut(place).menu = menu;
                    }
                    to
                };
                let status = if to.is_some() { "SUCCESS" } else { "RICHMENU_ALIAS_ID_NOTFOUND" };
                let params = json!({"newRichMenuAliasId": alias, "status": status});
                Tapped::Event(self.press_postback(user, text("data"), Some(params)))
            }
            _ => Tapped::Nothing,
        }
    }

    /// A user taps the rich menu they see, at a point in its pixels.
    pub fn tap_menu(&self, user: &str, x: u64, y: u64) -> Tapped {
        let action = {
            let state = self.state();
            let shown = state.users.find(user).and_then(|place| state.menus.shown(state.users.at(place).menu));
            let areas = shown.and_then(|menu| menu.object["areas"].as_array());
            let within = |from: &Value, length: &Value, at: u64| {
                let from = from.as_u64().unwrap_or(0);
                (from..from + length.as_u64().unwrap_or(0)).contains(&at)
            };
            let hit = |area: &&Value| {
                let b = &area["bounds"];
                within(&b["x"], &b["width"], x) && within(&b["y"], &b["height"], y)
            };
            areas.and_then(|areas| areas.iter().find(hit)).map(|area| area["action"].clone())
        };
        action.map_or(Tapped::Nothing, |action| self.tap(user, &action))
    }

    /// A user comes back from our page with a link token and the nonce we gave: whether the accounts are linked.
    pub fn link_account(&self, user: &str, link_token: &str, nonce: &str) -> bool {
        let ok = {
            let mut state = self.state();
            let (place, now) = (state.users.find(user), state.now());
            let found = state.link_tokens.remove(link_token);
            found.is_some_and(|(owner, until)| Some(owner) == place && now < until)
        };
        let result = if ok { "ok" } else { "failed" };
        self.user_event(user, true, &json!({"type": "accountLink", "link": {"result": result, "nonce": nonce}}));
        ok
    }

    /// The account is invited into a group of users. Gives the group's id.
    pub fn join_group(&self, members: &[String]) -> String {
        let (event, id) = {
            let mut state = self.state();
            let group = state.draw();
            let places = members.iter().filter_map(|user| state.users.find(user)).collect();
            state.groups.insert(group, places);
            let id = id_text(group).replacen('U', "C", 1);
            let source = json!({"type": "group", "groupId": id});
            (state.event(source, Some(Chat::Group(group)), &json!({"type": "join"})), id)
        };
        self.send_out(event);
        id
    }

    /// The account is sent away from a group.
    pub fn leave_group(&self, id: &str) -> String {
        let event = {
            let mut state = self.state();
            let group = id.strip_prefix('C').and_then(|rest| u128::from_str_radix(rest, 16).ok());
            group.and_then(|g| state.groups.remove(&g));
            state.event(json!({"type": "group", "groupId": id}), None, &json!({"type": "leave"}))
        };
        self.send_out(event)
    }
}
