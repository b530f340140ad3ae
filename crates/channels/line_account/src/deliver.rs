//! The job that says on LINE what was said in a contact: by the reply token of the last event while it works, which
//! costs nothing, and by push afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use contact::deliver::{self, Payload};
use contact::{Author, Contact, Message, MessageKind, attachment, contact as contacts, message};
use line::message::{MOST_MESSAGES, Message as Said};
use outreach::Recipient;
use outreach::recipient::{self, RecipientState};
use store::Tx;
use store::worker::{JobContext, JobFailure};
use uuid::Uuid;

use crate::AccountError;
use crate::account::{Account, House};
use crate::call;
use crate::say::{self, Tone};
use crate::store::call::{self as calls, Call, End, NewCall};
use crate::store::talk as rows;

/// Messages of a contact that are looked at together.
const TOGETHER: i64 = 20;
/// How long a job waits while LINE is not set up.
const NOT_SET_UP: Duration = Duration::from_secs(600);

/// The handler of [`deliver::JOB`].
pub async fn handle(context: JobContext, house: House, account: Option<Arc<Account>>) -> Result<Tx, JobFailure> {
    let payload: Payload = serde_json::from_str(&context.job.payload)?;
    let Some(account) = account else { return later(&context, &payload, NOT_SET_UP).await };
    let clock = context.clock.as_ref();
    loop {
        let ready = match prepare(&context, &house, &account, &payload.contact).await? {
            Prepared::Ready(ready) => ready,
            Prepared::Nothing(tx) => return Ok(tx),
        };
        let to = ready.recipient.address.reveal_to_channel();
        let said = call::make(&account, clock, &ready.call, to, &ready.messages).await;
        let Some(end) = said.end() else {
            let call::Said::Again(pause) = said else { continue };
            return later(&context, &payload, pause).await;
        };
        let mut tx = context.db.write().await?;
        calls::end(&mut tx, &ready.call.id, &end, clock.now()).await?;
        match &said {
            call::Said::Push { reason } => {
                tracing::info!(reason, "a reply on LINE is pushed instead");
                tx.commit().await?;
                continue;
            }
            call::Said::GivenUp { reason, .. } => {
                tracing::warn!(reason, contact = payload.contact, "something was not said on LINE");
                rows::said(&mut tx, &payload.contact, ready.up_to).await?;
                tx.commit().await?;
                // The desk shows what was not said.
                house.live.tell(&payload.contact);
            }
            call::Said::Accepted { .. } | call::Said::Again(_) => {
                rows::said(&mut tx, &payload.contact, ready.up_to).await?;
                // Mostly there is nothing more to say, and the job ends together with the call. What is said later has
                // a job of its own.
                if message::since(&mut tx, &payload.contact, ready.up_to, 1).await?.is_empty() {
                    return Ok(tx);
                }
                tx.commit().await?;
            }
        }
    }
}

async fn later(context: &JobContext, payload: &Payload, pause: Duration) -> Result<Tx, JobFailure> {
    let mut tx = context.db.write().await?;
    deliver::enqueue(&mut tx, context.clock.as_ref(), (context.entropy)().as_mut(), payload, pause).await?;
    Ok(tx)
}

/// A call that is stored and may be made.
struct Ready {
    call: Call,
    recipient: Recipient,
    messages: Vec<Said>,
    up_to: i64,
}

enum Prepared {
    Ready(Ready),
    /// All was said; what is noted of it is in the transaction, in which the job ends.
    Nothing(Tx),
}

/// What is to be said next; stored before it is said.
async fn prepare(
    context: &JobContext,
    house: &House,
    account: &Account,
    contact: &str,
) -> Result<Prepared, AccountError> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let contact = contacts::lock(&mut tx, contact).await?;
    let Some(talk) = rows::of(&mut tx, &contact.id).await? else { return Ok(Prepared::Nothing(tx)) };
    let open = calls::open_of(&mut tx, &contact.id).await?;
    let until = open.as_ref().and_then(|call| call.up_to_seq);
    let found = message::since(&mut tx, &contact.id, talk.sent_seq, TOGETHER).await?;
    let Some(last_read) = found.last().map(|m| m.seq) else { return Ok(Prepared::Nothing(tx)) };
    let recipient = match &talk.recipient {
        Some(id) => recipient::get(&mut tx, id).await?,
        None => None,
    };
    let files = attachment::between(&mut tx, &contact.id, talk.sent_seq + 1, last_read).await?;
    let files: BTreeSet<i64> = files.iter().map(|f| f.seq).collect();
    let to_say: Vec<&Message> = found
        .iter()
        .filter(|m| m.author != Author::Citizen && m.kind != MessageKind::Note)
        .filter(|m| until.is_none_or(|until| m.seq <= until))
        .collect();
    let Some(recipient) = recipient.filter(|r| r.state == RecipientState::Active && !to_say.is_empty()) else {
        return skip(tx, context, &contact, &talk, open, (!to_say.is_empty()).then_some(last_read), last_read).await;
    };
    let organisation = (house.organisation)();
    let tone = Tone { lang: contact.lang(), organisation: &organisation, pages: &account.pages };
    let mut key = None;
    let (mut messages, mut up_to) = (Vec::new(), talk.sent_seq);
    for m in to_say {
        let has_files = files.contains(&m.seq);
        if say::needs_link(m, has_files) && key.is_none() {
            key = Some(contact::link::make(&mut tx, clock, (context.entropy)().as_mut(), &contact).await?);
        }
        let said = say::said(tone, &contact, m, has_files, key.as_deref());
        if messages.len() + said.len() > MOST_MESSAGES {
            break;
        }
        messages.extend(said);
        up_to = m.seq;
    }
    if messages.is_empty() {
        // Only what was erased meanwhile.
        rows::said(&mut tx, &contact.id, last_read).await?;
        return Ok(Prepared::Nothing(tx));
    }
    let call = match open {
        Some(call) => {
            calls::again(&mut tx, &call.id, clock.now()).await?;
            Call { attempts: call.attempts + 1, ..call }
        }
        None => begin(&mut tx, context, &contact, &recipient, &talk, up_to).await?,
    };
    tx.commit().await?;
    Ok(Prepared::Ready(Ready { call, recipient, messages, up_to }))
}

async fn begin(
    tx: &mut Tx,
    context: &JobContext,
    contact: &Contact,
    recipient: &Recipient,
    talk: &rows::Talk,
    up_to: i64,
) -> Result<Call, AccountError> {
    let now = context.clock.now();
    let token = talk.reply_token.clone().filter(|_| talk.reply_until.is_some_and(|until| now < until));
    if talk.reply_token.is_some() {
        rows::keep_token(tx, &contact.id, None, None).await?;
    }
    let mut bytes = [0; 16];
    rand::Rng::fill_bytes((context.entropy)().as_mut(), &mut bytes);
    let id = Uuid::from_bytes(bytes).hyphenated().to_string();
    let new = NewCall {
        id: &id,
        contact: Some(&contact.id),
        recipient: &recipient.id,
        reply_token: token.as_deref(),
        up_to_seq: Some(up_to),
    };
    calls::begin(tx, &new, now).await?;
    calls::open(tx, &id).await?.ok_or(AccountError::NotFound)
}

/// Nobody is there to whom it could be said, or there is nothing to say: it is noted, and not tried again.
async fn skip(
    mut tx: Tx,
    context: &JobContext,
    contact: &Contact,
    talk: &rows::Talk,
    open: Option<Call>,
    unsaid: Option<i64>,
    up_to: i64,
) -> Result<Prepared, AccountError> {
    let now = context.clock.now();
    if let (Some(seq), Some(recipient)) = (unsaid, talk.recipient.as_deref()) {
        let id = match open {
            Some(call) => call.id,
            None => {
                let id = store::ids::new_id(context.clock.as_ref(), (context.entropy)().as_mut());
                let new =
                    NewCall { id: &id, contact: Some(&contact.id), recipient, reply_token: None, up_to_seq: Some(seq) };
                calls::begin(&mut tx, &new, now).await?;
                id
            }
        };
        let end = End { state: "refused", cost: 0, request_id: None, reason: Some("blocked") };
        calls::end(&mut tx, &id, &end, now).await?;
    }
    rows::said(&mut tx, &contact.id, up_to).await?;
    Ok(Prepared::Nothing(tx))
}
