//! What is said outside of a contact, in answer to an event: a welcome, a page to choose on, a link.

use line::message::Message;
use outreach::Recipient;
use store::worker::JobContext;
use uuid::Uuid;

use crate::account::Account;
use crate::call::{self, Said};
use crate::store::call::{self as rows, NewCall};
use crate::{AccountError, event};

/// Attempts within the handling of one event.
const ATTEMPTS: usize = 3;

/// Answers an event. The key is made from the event, so that an event that is carried out again says nothing twice.
/// A failure that may pass is an error, and the event's job comes again.
pub(crate) async fn say(
    context: &JobContext,
    account: &Account,
    recipient: &Recipient,
    waiting: &event::Waiting,
    messages: &[Message],
) -> Result<(), AccountError> {
    let clock = context.clock.as_ref();
    let mut token = waiting.token(clock.now());
    for part in 0..ATTEMPTS {
        let id = key(&waiting.id, part);
        let mut tx = context.db.write().await?;
        let new = NewCall {
            id: &id,
            contact: None,
            recipient: &recipient.id,
            reply_token: token.as_deref(),
            up_to_seq: None,
        };
        let is_new = rows::begin(&mut tx, &new, clock.now()).await?;
        let Some(call) = rows::open(&mut tx, &id).await? else {
            // It ended before: said, or given up and said under the next key.
            if was_said(&mut tx, &id).await? {
                return Ok(());
            }
            token = None;
            continue;
        };
        if !is_new {
            rows::again(&mut tx, &id, clock.now()).await?;
        }
        tx.commit().await?;
        let said = call::make(account, clock, &call, recipient.address.reveal_to_channel(), messages).await;
        if let Some(end) = said.end() {
            let mut tx = context.db.write().await?;
            rows::end(&mut tx, &id, &end, clock.now()).await?;
            tx.commit().await?;
        }
        match said {
            Said::Accepted { .. } => return Ok(()),
            Said::Push { .. } => token = None,
            Said::Again(pause) => return Err(AccountError::Later(pause)),
            Said::GivenUp { reason, .. } => {
                tracing::warn!(reason, "an answer on LINE was given up");
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn was_said(tx: &mut store::Tx, id: &str) -> Result<bool, AccountError> {
    Ok(rows::state(tx, id).await?.is_some_and(|state| state != "refused"))
}

/// A UUID from the event's id.
fn key(event: &str, part: usize) -> String {
    let digest = store::ids::digest(&format!("madoguchi line answer {part} {event}"));
    let bytes = u128::from_str_radix(&digest[..32], 16).expect("a digest is 64 hexadecimal digits");
    Uuid::from_u128(bytes).hyphenated().to_string()
}
