//! Ending a contact, looking again later, and what it was about.

use calendar::Date;
use store::Entropy;

use super::Desk;
use crate::channel::State;
use crate::contact;
use crate::event::{self, EventKind, Told};
use crate::message::Content;
use crate::{ContactError, field, queue};

/// How a contact ended (終了コード): code and what the interface calls it.
pub const WRAP_UPS: &[(&str, &str)] = &[
    ("answered", "回答した"),
    ("guided", "窓口・電話を案内した"),
    ("handed", "担当課が続ける"),
    ("proposal", "提言・要望として受けた"),
    ("complaint", "苦情として受けた"),
    ("no_reply", "市民からの返事がない"),
    ("wrong", "間違い・いたずら"),
];

/// Ends a contact that the principal has.
pub async fn resolve(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    wrap_up: &str,
    follow_up_on: Option<Date>,
) -> Result<(), ContactError> {
    if !WRAP_UPS.iter().any(|(code, _)| *code == wrap_up) {
        return Err(field("wrap_up", "終わり方を選んでください。"));
    }
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock_held(&mut tx, id).await?;
    if crate::store::transfer::open_of(&mut tx, id).await?.is_some() {
        return Err(ContactError::Rule("取り次ぎの返事を待っています。取り下げてから終えてください。".into()));
    }
    not_past(desk, follow_up_on)?;
    contact.state = State::Resolved;
    contact.wrap_up = Some(wrap_up.into());
    contact.follow_up_on = follow_up_on;
    contact.reply_due_at = None;
    let told = Told { account: Some(&desk.who.account), reason: Some(wrap_up), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::Resolved, &desk.who.actor(), told).await?;
    queue::tell(&mut tx, desk.clock, entropy, &mut contact, Content::told("resolved")).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// A day to look again is today or later.
fn not_past(desk: Desk<'_>, on: Option<Date>) -> Result<(), ContactError> {
    match on {
        Some(day) if day < desk.clock.now().jst_date() => {
            Err(field("follow_up_on", "過ぎた日です。今日か、これからの日を選んでください。"))
        }
        _ => Ok(()),
    }
}

/// Sets the day to look again, or none.
pub async fn follow_up(desk: Desk<'_>, id: &str, on: Option<Date>) -> Result<(), ContactError> {
    not_past(desk, on)?;
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    contact.follow_up_on = on;
    let actor = desk.who.actor();
    let event = store::audit::Event {
        actor: &actor,
        action: "contact.follow_up",
        object_kind: "contact",
        object: id,
        fields: &["follow_up_on"],
    };
    store::audit::record(&mut tx, desk.clock, event).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// Sets what a contact is about: a topic of the shared catalogue.
pub async fn tag(desk: Desk<'_>, entropy: Entropy<'_>, id: &str, topic: &str) -> Result<(), ContactError> {
    let topic = city::topic(topic).ok_or_else(|| field("topic", "分類を一覧から選んでください。"))?;
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    contact.topic = Some(topic.code.into());
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::Tagged, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}
