//! Two contacts that are one matter become one; a second matter in one becomes a contact of its own.

use store::Entropy;

use super::Desk;
use crate::channel::State;
use crate::contact::{self, NewContact};
use crate::event::{self, EventKind, Told};
use crate::message::Content;
use crate::store::{join as rows, transfer};
use crate::{ContactError, queue};

/// Makes a contact part of another one: its conversations and messages stand behind those that are there. The key of
/// the part opens the whole.
pub async fn merge(desk: Desk<'_>, entropy: Entropy<'_>, part: &str, into: &str) -> Result<(), ContactError> {
    if part == into {
        return Err(crate::field("number", "同じ応対です。別の番号を入れてください。"));
    }
    let mut tx = desk.db.write().await?;
    // Locked in one order, so that two who merge crosswise do not wait for each other.
    let (first, second) = if part < into { (part, into) } else { (into, part) };
    let (a, b) = (desk.lock(&mut tx, first).await?, desk.lock(&mut tx, second).await?);
    let (mut part, mut whole) = if a.id == part { (a, b) } else { (b, a) };
    if whole.state == State::Resolved || part.erased_at.is_some() || whole.erased_at.is_some() {
        return Err(ContactError::Rule("終わった応対にはまとめられません。先に引き受けてください。".into()));
    }
    if part.state == State::Held && part.holder != whole.holder {
        return Err(ContactError::Rule("まとめる応対を、ほかの人が受け持っています。".into()));
    }
    if transfer::open_of(&mut tx, &part.id).await?.is_some() {
        return Err(ContactError::Rule("取り次ぎの返事を待っています。取り下げてからまとめてください。".into()));
    }
    rows::move_promises(&mut tx, &part.id, &whole.id).await?;
    whole.person = whole.person.take().or_else(|| part.person.clone());
    whole.last_seq = rows::move_messages(&mut tx, &part.id, &whole.id, whole.last_seq).await?;
    part.last_seq = 0;
    part.state = State::Merged;
    part.merged_into = Some(whole.id.clone());
    part.holder = None;
    part.waiting_since = None;
    part.reply_due_at = None;
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &part, EventKind::Merged, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut part).await?;
    contact::save(&mut tx, desk.clock, &mut whole).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes the messages from a place on a contact of their own, held by the principal. Returns its id. The citizen
/// keeps the old link, and is told the new number there.
pub async fn split(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    from_seq: i64,
    submission: &str,
) -> Result<String, ContactError> {
    let mut tx = desk.db.write().await?;
    let mut old = desk.lock_held(&mut tx, id).await?;
    if from_seq <= 1 || from_seq > old.last_seq {
        return Err(ContactError::Rule(
            "分けはじめるメッセージを選んでください。最初のメッセージからは分けられません。".into(),
        ));
    }
    let actor = desk.who.actor();
    let new = NewContact { submission, channel: old.channel, lang: old.lang(), section: &old.section, actor: &actor };
    let (receipt, is_new) = contact::open(&mut tx, desk.clock, entropy, new).await?;
    if !is_new {
        return Ok(receipt.id);
    }
    let mut made = contact::lock(&mut tx, &receipt.id).await?;
    made.last_seq = rows::move_from(&mut tx, &old.id, &made.id, &made.conversation, from_seq).await?;
    made.state = State::Held;
    made.holder = Some(desk.who.account.clone());
    made.person = old.person.clone();
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &old, EventKind::Split, &actor, told).await?;
    event::log(&mut tx, desk.clock, entropy, &made, EventKind::PickedUp, &actor, told).await?;
    let content = Content::told("split").with("number", &receipt.number).with("key", &receipt.key);
    queue::tell(&mut tx, desk.clock, entropy, &mut old, content).await?;
    contact::save(&mut tx, desk.clock, &mut old).await?;
    contact::save(&mut tx, desk.clock, &mut made).await?;
    tx.commit().await?;
    Ok(made.id)
}
