//! Taking a contact, giving it back to the queue, taking it from a colleague.

use store::Entropy;

use super::Desk;
use crate::channel::State;
use crate::contact::{self, Contact};
use crate::event::{self, EventKind, Told};
use crate::message::Content;
use crate::store::{operator, staff as rows};
use crate::{ContactError, clock as office, presence, queue};

/// A contact that somebody took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Id of the contact.
    pub contact: String,
    /// Whether whoever took it became available by that.
    pub now_available: bool,
}

/// Takes a contact that waits, that the bot has, or that was resolved. One that a colleague has is refused: that is
/// [`take_over`]. Two persons who press at once: the first gets it, the second is told who has it.
pub async fn pick_up(desk: Desk<'_>, entropy: Entropy<'_>, id: &str) -> Result<Taken, ContactError> {
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    if contact.state == State::Held {
        return match contact.holder.as_deref() == Some(desk.who.account.as_str()) {
            true => Ok(Taken { contact: contact.id, now_available: false }),
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
    let now_available = hold(&mut tx, desk, entropy, &mut contact, EventKind::PickedUp, None).await?;
    tx.commit().await?;
    Ok(Taken { contact: contact.id, now_available })
}

/// Takes the contact that waits longest among those of the sections where the principal answers and whose language
/// and topic fit the principal's skills. `None` if nobody waits or the principal has as many as they can.
pub async fn pick_up_next(desk: Desk<'_>, entropy: Entropy<'_>) -> Result<Option<Taken>, ContactError> {
    let mut tx = desk.db.write().await?;
    // Who has no shifts has no limit either: a clerk to whose section contacts are handed.
    let most = operator::get(&mut tx, &desk.who.account).await?.map(|s| s.most);
    let held = rows::held_by(&mut tx, &desk.who.account).await?;
    if let Some(most) = most.filter(|most| held >= *most) {
        return Err(ContactError::Rule(format!(
            "いま{held}件を受け持っています。一度に受け持てるのは{most}件までです。どれかを終えるか、上限を変えるようスーパーバイザーに頼んでください。"
        )));
    }
    let skills = operator::skills(&mut tx, &desk.who.account).await?;
    // Whoever named no language takes all; topics say nothing about that.
    let speaks_any = !skills.iter().any(|s| s.starts_with("lang:"));
    let waiting = rows::waiting(&mut tx).await?;
    let fits = |w: &rows::Waiting| {
        desk.may(access::Action::ContactAnswer, &w.section)
            && (w.lang == "ja" || speaks_any || skills.contains(&format!("lang:{}", w.lang)))
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
    let now_available = hold(&mut tx, desk, entropy, &mut contact, EventKind::PickedUp, None).await?;
    tx.commit().await?;
    Ok(Some(Taken { contact: contact.id, now_available }))
}

/// Takes a contact from the colleague who has it, with a reason that both can read.
pub async fn take_over(desk: Desk<'_>, entropy: Entropy<'_>, id: &str, reason: &str) -> Result<Taken, ContactError> {
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
        return Ok(Taken { contact: contact.id, now_available: false });
    }
    let now_available = hold(&mut tx, desk, entropy, &mut contact, EventKind::TakenOver, Some(reason)).await?;
    tx.commit().await?;
    Ok(Taken { contact: contact.id, now_available })
}

/// Gives the contact to the principal; says whether they became available by that.
async fn hold(
    tx: &mut store::Tx,
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    kind: EventKind,
    reason: Option<&str>,
) -> Result<bool, ContactError> {
    let was_talking = contact.state != State::Held;
    contact.state = State::Held;
    contact.holder = Some(desk.who.account.clone());
    contact.waiting_since = None;
    let told = Told { account: Some(&desk.who.account), reason, ..Told::default() };
    event::log(tx, desk.clock, entropy, contact, kind, &desk.who.actor(), told).await?;
    if was_talking {
        queue::tell(tx, desk.clock, entropy, contact, Content::told("picked-up")).await?;
    }
    contact::save(tx, desk.clock, contact).await?;
    presence::takes_part(tx, desk.clock, entropy, desk.who).await
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

/// Asks the citizen to wait, or goes on; the time between counts as held. Asked twice, the citizen is told once.
pub async fn set_on_hold(desk: Desk<'_>, entropy: Entropy<'_>, id: &str, waits: bool) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock_held(&mut tx, id).await?;
    if event::is_on_hold(&event::of(&mut tx, id).await?) == waits {
        return Ok(());
    }
    let (kind, sentence) =
        if waits { (EventKind::OnHold, "please-wait") } else { (EventKind::Resumed, "thank-you-for-waiting") };
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, kind, &desk.who.actor(), told).await?;
    queue::tell(&mut tx, desk.clock, entropy, &mut contact, Content::told(sentence)).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}
