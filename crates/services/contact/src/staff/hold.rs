//! Taking a contact, giving it back to the queue, taking it from a colleague.

use store::Entropy;

use super::Desk;
use crate::channel::State;
use crate::contact::{self, Contact};
use crate::event::{self, EventKind, Told};
use crate::message::Content;
use crate::store::{operator, staff as rows};
use crate::{ContactError, clock as office, queue};

/// Takes a contact that waits, that the bot has, or that was resolved. One that a colleague has is refused: that is
/// [`take_over`]. Two persons who press at once: the first gets it, the second is told who has it.
pub async fn pick_up(desk: Desk<'_>, entropy: Entropy<'_>, id: &str) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    if contact.state == State::Held {
        return match contact.holder.as_deref() == Some(desk.who.account.as_str()) {
            true => Ok(()),
            false => Err(ContactError::Changed),
        };
    }
    if contact.erased_at.is_some() {
        return Err(ContactError::Rule("この応対のことばは消去されています。".into()));
    }
    if contact.state == State::Resolved {
        event::log(&mut tx, desk.clock, entropy, &contact, EventKind::Reopened, &desk.who.actor(), Told::default())
            .await?;
    }
    hold(&mut tx, desk, entropy, &mut contact, EventKind::PickedUp, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes the contact that waits longest among those of the sections where the principal answers and whose language
/// and topic fit the principal's skills. `None` if nobody waits or the principal has as many as they can.
pub async fn pick_up_next(desk: Desk<'_>, entropy: Entropy<'_>) -> Result<Option<String>, ContactError> {
    let mut tx = desk.db.write().await?;
    let state = operator::get(&mut tx, &desk.who.account).await?;
    let held = rows::held_by(&mut tx, &desk.who.account).await?;
    if state.as_ref().is_some_and(|s| held >= s.most) {
        return Err(ContactError::Rule(format!(
            "同時に応対できる件数（{held}件）に達しています。どれかを終えるか、受け持ちの上限を変えてください。"
        )));
    }
    let skills = operator::skills(&mut tx, &desk.who.account).await?;
    let waiting = rows::waiting(&mut tx).await?;
    let fits = |w: &rows::Waiting| {
        desk.may(access::Action::ContactAnswer, &w.section)
            && (w.lang == "ja" || skills.is_empty() || skills.contains(&format!("lang:{}", w.lang)))
    };
    let specialised = |w: &rows::Waiting| w.topic.as_ref().is_some_and(|t| skills.contains(&format!("topic:{t}")));
    // Longest waiting first; of those who came within the same minute, the one that fits best.
    let best = waiting
        .iter()
        .filter(|w| fits(w))
        .min_by_key(|w| (w.waiting_since.millis() / 60_000, !specialised(w), w.waiting_since.millis()));
    let Some(found) = best else { return Ok(None) };
    let mut contact = contact::lock(&mut tx, &found.id).await?;
    if contact.state != State::Waiting {
        return Ok(None);
    }
    hold(&mut tx, desk, entropy, &mut contact, EventKind::PickedUp, None).await?;
    tx.commit().await?;
    Ok(Some(contact.id))
}

/// Takes a contact from the colleague who has it, with a reason that both can read.
pub async fn take_over(desk: Desk<'_>, entropy: Entropy<'_>, id: &str, reason: &str) -> Result<(), ContactError> {
    const REASONS: [&str; 4] = ["absent", "agreed", "urgent", "supervision"];
    if !REASONS.contains(&reason) {
        return Err(crate::field("reason", "引き受ける理由を選んでください。"));
    }
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    if contact.state != State::Held {
        return Err(ContactError::Changed);
    }
    if contact.holder.as_deref() == Some(desk.who.account.as_str()) {
        return Ok(());
    }
    hold(&mut tx, desk, entropy, &mut contact, EventKind::TakenOver, Some(reason)).await?;
    tx.commit().await?;
    Ok(())
}

async fn hold(
    tx: &mut store::Tx,
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    kind: EventKind,
    reason: Option<&str>,
) -> Result<(), ContactError> {
    let was_talking = contact.state != State::Held;
    contact.state = State::Held;
    contact.holder = Some(desk.who.account.clone());
    contact.waiting_since = None;
    let told = Told { account: Some(&desk.who.account), reason, ..Told::default() };
    event::log(tx, desk.clock, entropy, contact, kind, &desk.who.actor(), told).await?;
    if was_talking {
        queue::tell(tx, desk.clock, entropy, contact, Content::told("picked-up")).await?;
    }
    contact::save(tx, desk.clock, contact).await
}

/// Back to the queue, where it waits since now; the citizen is told.
pub async fn put_back(desk: Desk<'_>, entropy: Entropy<'_>, id: &str) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock_held(&mut tx, id).await?;
    let now = desk.clock.now();
    contact.state = State::Waiting;
    contact.holder = None;
    contact.waiting_since = Some(now);
    contact.reply_due_at = office::first_reply_due(&mut tx, desk.organisation, &contact.section, now).await?;
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::PutBack, &desk.who.actor(), told).await?;
    let promise = office::promise(desk.organisation, &contact.section, now, contact.reply_due_at);
    queue::tell(&mut tx, desk.clock, entropy, &mut contact, promise).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks the citizen to wait, or goes on; the time between counts as held.
pub async fn set_on_hold(desk: Desk<'_>, entropy: Entropy<'_>, id: &str, waits: bool) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock_held(&mut tx, id).await?;
    let (kind, sentence) =
        if waits { (EventKind::OnHold, "please-wait") } else { (EventKind::Resumed, "thank-you-for-waiting") };
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, kind, &desk.who.actor(), told).await?;
    queue::tell(&mut tx, desk.clock, entropy, &mut contact, Content::told(sentence)).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}
