//! The job that brings a message of the ledger to its server, or to the mailbox in the house.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use calendar::Clock;
use city::{Lang, Profile};
use people::message::mailbox::NewMail;
use people::message::{self, Begin, Outcome, SendPayload, Sending};
use people::{Viewing, message::Finished};
use store::Tx;
use store::worker::{JobContext, JobFailure};

use crate::MailError;
use crate::mime::{self, Letter, Sender};
use crate::smtp::{self, Server};
use crate::template::{self, Text};

/// How long a message waits before it is looked at again while there is neither server nor mailbox.
pub const NOT_SET_UP: Duration = Duration::from_secs(600);
/// How long it waits when its text cannot be made: a newer binary may know the template.
const NO_TEXT: Duration = Duration::from_secs(3600);

/// Where a city's mail goes.
#[derive(Clone, Debug)]
pub enum Post {
    /// To a server.
    Server {
        /// The server.
        server: Server,
        /// Who the city is in mails.
        sender: Sender,
    },
    /// Into the mailbox in the house; nothing leaves it.
    Mailbox,
    /// Nowhere: messages wait until somebody sets it up.
    NotSetUp,
}

impl Post {
    /// Whether messages are brought anywhere; where not, pages show a banner.
    pub fn is_set_up(&self) -> bool {
        !matches!(self, Post::NotSetUp)
    }

    /// Whether mails go into the mailbox in the house.
    pub fn is_mailbox(&self) -> bool {
        matches!(self, Post::Mailbox)
    }

    /// Who writes. The mailbox has a sender of its own, under a name that exists nowhere (RFC 2606).
    fn sender(&self, profile: &Profile) -> Sender {
        match self {
            Post::Server { sender, .. } => sender.clone(),
            Post::Mailbox | Post::NotSetUp => {
                let host: String = profile.code.chars().filter(char::is_ascii_alphanumeric).collect();
                let address = format!("madoguchi@{}.example", if host.is_empty() { "city" } else { &host });
                Sender { name: profile.window.clone(), address }
            }
        }
    }
}

/// The handler of [`message::SEND`], lane [`message::MAIL_LANE`].
///
/// The attempt is written and committed, then the network is used, then the end of the attempt is stored
/// with that of the job. A process that ends in between leaves an attempt without an end, which the next
/// one finds and puts in doubt. While it works, the worker renews the job's lease.
pub async fn send(context: JobContext, post: Arc<Post>) -> Result<Tx, JobFailure> {
    let payload: SendPayload = serde_json::from_str(&context.job.payload)?;
    let clock = context.clock.as_ref();
    if !post.is_set_up() {
        return wait(&context, &payload.message).await;
    }
    let mut tx = context.db.read().await?;
    let profile = city::store::profile(&mut tx).await?.ok_or(city::CityError::NoCity)?;
    drop(tx);
    let sender = post.sender(&profile);
    let host = sender.address.rsplit_once('@').map_or("localhost", |(_, host)| host);
    let sending = match message::begin(&context.db, clock, &payload.message, host).await? {
        Begin::Ready(sending) => *sending,
        Begin::InDoubt => {
            tracing::warn!(message = payload.message, "an earlier attempt ended unseen: the message is in doubt");
            return Ok(context.db.write().await?);
        }
        Begin::Withheld(reason) => {
            tracing::info!(message = payload.message, reason = reason.code(), "held back");
            return Ok(context.db.write().await?);
        }
        Begin::Nothing(_) => return Ok(context.db.write().await?),
    };
    let prepared = prepare(&sending, &profile, &sender, clock);
    let (tx, finished) = match (prepared, post.as_ref()) {
        (Err(outcome), _) => end(&context, sending, outcome).await?,
        (Ok(ready), Post::Server { server, .. }) => {
            let outcome = smtp::send(server, &sender.address, &ready.to, &ready.bytes).await;
            end(&context, sending, told(outcome)).await?
        }
        (Ok(ready), _) => keep(&context, sending, &sender, &ready).await?,
    };
    tracing::info!(message = payload.message, state = finished.state.code(), "mail");
    Ok(tx)
}

/// A message without a way out waits, and its state says so.
async fn wait(context: &JobContext, message: &str) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let at = clock.now().plus(NOT_SET_UP);
    if message::send_at(&mut tx, clock, (context.entropy)().as_mut(), message, at).await? {
        tracing::warn!(message, "mail is not set up: the message waits");
    }
    Ok(tx)
}

/// What goes over the wire.
struct Ready {
    to: String,
    text: Text,
    bytes: Vec<u8>,
}

/// Makes the message, before anything is sent. What is wrong with it ends the attempt.
fn prepare(sending: &Sending, profile: &Profile, sender: &Sender, clock: &dyn Clock) -> Result<Ready, Outcome> {
    let to = match sending.to.reveal(Viewing::deliver()).text() {
        Some(to) => to.to_owned(),
        None => return Err(deferred("the policy gives no address", NO_TEXT)),
    };
    let made = text(sending, profile).and_then(|text| {
        let message_id = sending.message_id.trim_start_matches('<').trim_end_matches('>');
        let letter = Letter { message_id, at: clock.now(), from: sender, to: &to, lang: text.lang, text: &text };
        let bytes = mime::write(&letter)?;
        Ok((text, bytes))
    });
    match made {
        Ok((text, bytes)) => Ok(Ready { to, text, bytes }),
        Err(error @ MailError::Recipient) => Err(Outcome::Refused { code: None, detail: error.to_string() }),
        Err(error) => {
            tracing::error!(message = sending.attempt.message(), %error, "a mail cannot be made");
            Err(deferred(&error.to_string(), NO_TEXT))
        }
    }
}

/// The text in the person's language.
pub fn text(sending: &Sending, profile: &Profile) -> Result<Text, MailError> {
    let mut fields = fields(&sending.fields)?;
    // The ledger holds the path alone: it stays right when the city moves to another address.
    if let Some(path) = fields.remove("path") {
        let is_for_staff = ["staff.", "account."].iter().any(|kind| sending.template.starts_with(kind));
        let base = if is_for_staff { &profile.staff_address } else { &profile.window_address };
        fields.insert("link".into(), format!("{base}{path}"));
    }
    Ok(template::render(&sending.template, sending.lang, profile, &fields)?)
}

/// The fields of a message: an object of texts and numbers.
fn fields(value: &serde_json::Value) -> Result<BTreeMap<String, String>, MailError> {
    let object = value.as_object().ok_or_else(|| MailError::Message("its fields are no object".into()))?;
    object
        .iter()
        .map(|(name, value)| match value {
            serde_json::Value::String(text) => Ok((name.clone(), text.clone())),
            serde_json::Value::Number(number) => Ok((name.clone(), number.to_string())),
            _ => Err(MailError::Message(format!("its field {name:?} is no text"))),
        })
        .collect()
}

/// Whether a message can be made of a template and its fields; for whoever queues it.
pub fn check(template: &str, lang: Lang, profile: &Profile, value: &serde_json::Value) -> Result<(), MailError> {
    template::render(template, lang, profile, &fields(value)?)?;
    Ok(())
}

fn deferred(detail: &str, retry: Duration) -> Outcome {
    Outcome::Deferred { code: None, detail: detail.to_owned(), retry: Some(retry) }
}

/// In the words of the ledger.
fn told(outcome: smtp::Outcome) -> Outcome {
    match outcome {
        smtp::Outcome::Accepted { code } => Outcome::Accepted { code: Some(code) },
        smtp::Outcome::Refused { code, detail } => Outcome::Refused { code, detail },
        smtp::Outcome::Deferred { code, detail } => Outcome::Deferred { code, detail, retry: None },
        smtp::Outcome::Unknown { stage } => {
            Outcome::Unknown { stage: stage.code(), detail: "the whole message was written and no answer came".into() }
        }
    }
}

async fn end(context: &JobContext, sending: Sending, outcome: Outcome) -> Result<(Tx, Finished), JobFailure> {
    let mut tx = context.db.write().await?;
    let finished = finish(&mut tx, context, sending, outcome).await?;
    Ok((tx, finished))
}

async fn finish(tx: &mut Tx, context: &JobContext, sending: Sending, outcome: Outcome) -> Result<Finished, JobFailure> {
    let mut entropy = (context.entropy)();
    Ok(message::finish(tx, context.clock.as_ref(), entropy.as_mut(), sending.attempt, outcome).await?)
}

/// Into the mailbox in the house, with the end of the attempt.
async fn keep(
    context: &JobContext,
    sending: Sending,
    sender: &Sender,
    ready: &Ready,
) -> Result<(Tx, Finished), JobFailure> {
    let mut tx = context.db.write().await?;
    let mail = NewMail {
        sender: &format!("{} <{}>", sender.name, sender.address),
        recipient: &ready.to,
        subject: &ready.text.subject,
        body: &ready.text.body,
    };
    let mut entropy = (context.entropy)();
    message::mailbox::keep(&mut tx, context.clock.as_ref(), entropy.as_mut(), &sending.attempt, mail).await?;
    let finished = finish(&mut tx, context, sending, Outcome::Accepted { code: Some(250) }).await?;
    Ok((tx, finished))
}
