//! The mailbox in the house: where mails go that no server is there for, when the configuration says
//! `simulators = true`. A page shows them as the people would get them.
//!
//! The mails stand beside the ledger ([`people::message::mailbox`]): an erasure and the rule of messages must
//! reach them. Here is only what a mailbox does.

use calendar::Clock;
use people::message;
pub use people::message::Page;
pub use people::message::mailbox::{Mail, list, open};
use store::Tx;

use crate::MailError;

/// What a mailbox answers to somebody who is not there (RFC 3463: bad destination mailbox address).
const NOBODY: &str = "5.1.1";

/// Lets a mail come back as if nobody had its address: the message is bounced, its address no longer used.
/// Returns whether it was there and had not come back before.
pub async fn bounce(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str) -> Result<bool, MailError> {
    let Some(mail) = open(tx, id).await? else { return Ok(false) };
    if !message::mailbox::came_back(tx, clock, id).await? {
        return Ok(false);
    }
    if let Some(message_id) = message::get(tx, &mail.message).await?.message_id {
        message::bounced(tx, clock, actor, &message_id, NOBODY, "550 5.1.1 no such mailbox").await?;
    }
    Ok(true)
}
