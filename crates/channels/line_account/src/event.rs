//! The job that carries out what LINE told: the events of a user in the order in which they happened.
//!
//! LINE tells events in any order and more than once. Each has its job; the job of an event first carries out what the
//! same user did before it and what still waits. Whatever an event does is known by the event's or message's id, so a
//! job that was cut off and comes again does nothing twice.

use std::sync::Arc;
use std::time::Duration;

use calendar::Instant;
use city::Lang;
use line::message::{Action, Message};
use line::webhook::{self, Content, Event, Kind};
use outreach::recipient::{self, Channel};
use outreach::{Address, Recipient};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::worker::{JobContext, JobFailure};

use crate::account::{Account, House};
use crate::call::TOKEN_LIFE;
use crate::postback::Postback;
use crate::say::Tone;
use crate::store::event as rows;
use crate::{AccountError, link, notice, talk};

pub(crate) use crate::store::event::Waiting;

/// Kind of the job.
pub const JOB: &str = "line.event";
/// Its lanes: all events of a user go through one of them.
pub const LANES: [&str; 4] = ["line-event-0", "line-event-1", "line-event-2", "line-event-3"];
/// Attempts; an event that fails as often is put aside for a person to look at, and those after it go on.
pub const ATTEMPTS: i64 = 8;
/// How long an event waits for what may pass, such as a picture that LINE does not have ready; each wait is a job of its
/// own, and counts no attempt.
const GIVEN_UP: Duration = Duration::from_secs(24 * 3600);
/// How long a job waits while LINE is not set up.
const NOT_SET_UP: Duration = Duration::from_secs(600);

/// What the job needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Id of the event.
    pub event: String,
}

/// The lane of a user.
pub fn lane(user: &str) -> &'static str {
    let sum = user.bytes().fold(0usize, |sum, byte| sum.wrapping_add(usize::from(byte)));
    LANES[sum % LANES.len()]
}

impl Waiting {
    /// Until when its reply token is used. LINE counts from when it told the event.
    pub(crate) fn token_until(&self) -> Instant {
        self.received_at.plus(TOKEN_LIFE)
    }

    /// Its reply token, while it works.
    pub(crate) fn token(&self, now: Instant) -> Option<String> {
        self.reply_token.clone().filter(|_| now < self.token_until())
    }
}

/// The handler of [`JOB`].
pub async fn handle(context: JobContext, house: House, account: Option<Arc<Account>>) -> Result<Tx, JobFailure> {
    let payload: Payload = serde_json::from_str(&context.job.payload)?;
    let Some(account) = account else { return later(&context, NOT_SET_UP).await };
    let mut tx = context.db.read().await?;
    let own = rows::waiting(&mut tx, &payload.event).await?;
    drop(tx);
    let Some(own) = own else { return Ok(context.db.write().await?) };
    let Some(user) = own.user_id.clone() else {
        // The inbox gives no job to an event without a user; one that has it all the same is not left waiting.
        return Ok(end(&context, &own, "dead", Some("no user")).await?);
    };
    loop {
        let mut tx = context.db.read().await?;
        let next = rows::first_of_user(&mut tx, &user, own.at).await?;
        drop(tx);
        let Some(next) = next else { break };
        let is_old = next.received_at.plus(GIVEN_UP) < context.clock.now();
        let mut tx = match carry_out(&context, &house, &account, &next).await {
            Ok(()) => end(&context, &next, "done", None).await?,
            Err(AccountError::Later(pause)) if !is_old => return later(&context, pause).await,
            Err(error) if context.job.attempts < ATTEMPTS => return Err(error.into()),
            Err(error) => {
                tracing::error!(%error, event = next.id, "an event of LINE was put aside");
                end(&context, &next, "dead", Some(&error.to_string())).await?
            }
        };
        // The last event ends together with the job.
        if rows::first_of_user(&mut tx, &user, own.at).await?.is_none() {
            return Ok(tx);
        }
        tx.commit().await?;
    }
    Ok(context.db.write().await?)
}

/// The same job, later.
async fn later(context: &JobContext, pause: Duration) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let mut job =
        store::jobs::NewJob::new(&context.job.lane, JOB, context.job.payload.clone(), clock.now().plus(pause));
    job.max_attempts = ATTEMPTS;
    let mut tx = context.db.write().await?;
    store::jobs::enqueue(&mut tx, clock, (context.entropy)().as_mut(), job).await?;
    Ok(tx)
}

/// The transaction in which an event ends.
async fn end(context: &JobContext, event: &Waiting, state: &str, reason: Option<&str>) -> Result<Tx, AccountError> {
    let mut tx = context.db.write().await?;
    rows::end(&mut tx, &event.id, state, reason, context.clock.now()).await?;
    Ok(tx)
}

/// What everything that an event does stands on.
struct Scene<'a> {
    context: &'a JobContext,
    house: &'a House,
    account: &'a Account,
    waiting: &'a Waiting,
    recipient: Recipient,
    organisation: Arc<city::Organisation>,
}

impl Scene<'_> {
    fn tone(&self) -> Tone<'_> {
        Tone { lang: self.recipient.lang, organisation: &self.organisation, pages: &self.account.pages }
    }

    async fn say(&self, messages: &[Message]) -> Result<(), AccountError> {
        notice::say(self.context, self.account, &self.recipient, self.waiting, messages).await
    }

    /// Says a sentence with what can be done next.
    async fn tell(&self, key: &str) -> Result<(), AccountError> {
        let tone = self.tone();
        let person = Action::postback(tone.t("choice-person"), Postback::Person.data());
        self.say(&[Message::text(tone.t(key)).with_quick_reply([person])]).await
    }
}

async fn carry_out(
    context: &JobContext,
    house: &House,
    account: &Account,
    waiting: &Waiting,
) -> Result<(), AccountError> {
    let raw: serde_json::Value = serde_json::from_str(waiting.body.as_deref().unwrap_or_default())
        .map_err(|e| AccountError::Rule(format!("a stored event cannot be read: {e}")))?;
    let event = webhook::event(&raw).map_err(|why| AccountError::Rule(format!("a stored event lacks {why}")))?;
    let user = waiting.user_id.as_deref().unwrap_or_default();
    let recipient = learn(context, account, user).await?;
    let scene = Scene { context, house, account, waiting, recipient, organisation: (house.organisation)() };
    match event.kind {
        Kind::Message { ref id, ref content, .. } => message(&scene, id, content).await,
        Kind::Unsend { message_id } => talk::take_back(context, house, &scene.recipient, &message_id).await,
        Kind::Postback { data, .. } => postback(&scene, &data).await,
        Kind::Follow { .. } | Kind::Unfollow => follow(scene, &event).await,
        Kind::AccountLink { ok, nonce } => {
            let key = link::finish(context, &scene.recipient, ok, &nonce).await?;
            scene.tell(key).await
        }
        Kind::Join | Kind::Leave | Kind::Other { .. } => Ok(()),
    }
}

/// The recipient of a user; who is new speaks the language of their LINE.
async fn learn(context: &JobContext, account: &Account, user: &str) -> Result<Recipient, AccountError> {
    let address = Address::new(user);
    let mut tx = context.db.read().await?;
    if let Some(known) = recipient::by_address(&mut tx, Channel::Line, &address).await? {
        return Ok(known);
    }
    drop(tx);
    // LINE tells the language only of those who accepted its policy; of the others the city's own is right more often.
    let lang = match account.client.profile(user).await {
        Ok(answer) => match answer.value.language.as_deref() {
            Some(tag) if !tag.starts_with("ja") => Lang::En,
            _ => Lang::Ja,
        },
        Err(error) => {
            tracing::debug!(%error, "a profile");
            Lang::Ja
        }
    };
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let learnt = recipient::learn(&mut tx, clock, (context.entropy)().as_mut(), Channel::Line, &address, lang).await?;
    tx.commit().await?;
    Ok(learnt)
}

async fn follow(scene: Scene<'_>, event: &Event) -> Result<(), AccountError> {
    let (context, user) = (scene.context, scene.waiting.user_id.as_deref().unwrap_or_default());
    let mut tx = context.db.write().await?;
    // What happened before something that is carried out already changes nothing any more.
    if rows::is_overtaken(&mut tx, user, scene.waiting.at).await? {
        return Ok(());
    }
    let clock = context.clock.as_ref();
    if event.kind == Kind::Unfollow {
        recipient::block(&mut tx, clock, &scene.recipient.id).await?;
        tx.commit().await?;
        // Nobody can be answered there any more.
        if let Some(contact) = talk::current(context, &scene.recipient).await? {
            talk::close(context, scene.house, &scene.recipient, scene.waiting, &contact.id).await?;
        }
        return Ok(());
    }
    recipient::refollow(&mut tx, clock, &scene.recipient.id).await?;
    tx.commit().await?;
    let tone = scene.tone();
    let city = scene.organisation.profile.name(tone.lang).to_owned();
    let buttons = [
        Action::postback(tone.t("line-choices"), Postback::Choices.data()),
        Action::postback(tone.t("choice-person"), Postback::Person.data()),
    ];
    scene.say(&[Message::text(tone.ta("line-welcome", "city", &city)).with_quick_reply(buttons)]).await
}

async fn message(scene: &Scene<'_>, id: &str, content: &Content) -> Result<(), AccountError> {
    let Scene { context, house, account, waiting, recipient, .. } = scene;
    let hear = async |words: &str| talk::hear(context, house, recipient, waiting, id, words, &[]).await;
    match content {
        Content::Text(text) => {
            if let Some(code) = link::code_in(text) {
                return scene.say(&link::begin(context, account, scene.tone(), recipient, &code).await?).await;
            }
            if link::asks_for_choices(text) {
                return postback(scene, &Postback::Choices.data()).await;
            }
            if contact::message::clean(text).is_empty() {
                return Ok(());
            }
            hear(text).await
        }
        Content::Image { external: None } => file(scene, id, "photo.jpg").await,
        Content::File { name, .. } => file(scene, id, name).await,
        Content::Location { title, address, latitude, longitude } => {
            let place = [title.as_deref(), address.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let (lat, lon) = (format!("{latitude:.5}"), format!("{longitude:.5}"));
            let args = [("place", place.as_str()), ("lat", lat.as_str()), ("lon", lon.as_str())];
            hear(&words::i18n::message(recipient.lang, "line-place", &args)).await
        }
        Content::Sticker { .. } => {
            // To a person it says something; to the bot nothing.
            let is_with_person = talk::current(context, recipient).await?.is_some_and(|c| c.state.is_open());
            if is_with_person {
                hear(&scene.tone().t("line-sticker")).await
            } else {
                scene.tell("line-sticker-answer").await
            }
        }
        Content::Image { external: Some(_) } | Content::Video { .. } | Content::Audio { .. } => {
            scene.tell("line-no-video").await
        }
        Content::Other { .. } => scene.tell("line-unknown").await,
    }
}

/// A picture or file: fetched while LINE has it, looked at, and stored like one of the pages.
async fn file(scene: &Scene<'_>, id: &str, name: &str) -> Result<(), AccountError> {
    let Scene { context, house, account, waiting, recipient, .. } = scene;
    let refusal = match talk::fetch(account, id, name).await? {
        Ok(ready) => match talk::hear(context, house, recipient, waiting, id, "", &[ready]).await {
            Err(AccountError::Contact(contact::ContactError::File(refused))) => talk::Refusal::File(refused),
            other => return other,
        },
        Err(refusal) => refusal,
    };
    scene.say(&[Message::text(refusal.sentence(recipient.lang))]).await
}

async fn postback(scene: &Scene<'_>, data: &str) -> Result<(), AccountError> {
    let Scene { context, house, waiting, recipient, .. } = scene;
    let tone = scene.tone();
    let is_theirs = match Postback::read(data) {
        Some(Postback::Choice { contact, seq, index }) => {
            talk::choose(context, house, recipient, waiting, (&contact, seq, index)).await?
        }
        Some(Postback::Person) => {
            talk::want_person(context, house, recipient, waiting).await?;
            true
        }
        Some(Postback::Close { contact }) => {
            talk::close(context, house, recipient, waiting, &contact).await?;
            true
        }
        Some(Postback::Rate { contact, score }) => {
            let rated = talk::rate(context, house, recipient, (&contact, score)).await?;
            if rated {
                scene.say(&[Message::text(tone.t("line-rated"))]).await?;
            }
            rated
        }
        Some(Postback::Link { contact }) => match talk::new_link(context, recipient, tone, &contact).await? {
            Some(url) => {
                scene.say(&[link::button(tone, "line-notice-life", "line-notice-open", &url)]).await?;
                true
            }
            None => false,
        },
        Some(Postback::Choices) => {
            let url = link::pass(context, tone, recipient).await?;
            scene.say(&[link::button(tone, "line-choices-text", "line-choices", &url)]).await?;
            true
        }
        Some(Postback::Unlink) => {
            link::unlink(context, recipient).await?;
            scene.tell("line-unlinked").await?;
            true
        }
        // A button of a rich menu that only switches it.
        None => return Ok(()),
    };
    if is_theirs { Ok(()) } else { account_of_other(scene).await }
}

/// A button of an old talk that is not there any more.
async fn account_of_other(scene: &Scene<'_>) -> Result<(), AccountError> {
    scene.tell("line-old-button").await
}
