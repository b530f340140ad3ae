//! Trial and approval: first to the staff's own recipients, then another person looks, and what they approve is sent.

use calendar::Clock;
use city::Lang;
use store::{Db, Entropy, ids};

use crate::event::{self, EventKind, Told};
use crate::sending::{self, MAX_REASON, Sending, State, account};
use crate::store::sending as rows;
use crate::transport::{Outcome, Outgoing, Transport};
use crate::{OutreachError, Result, field, recipient, rule};

/// Recipients of a trial at most: staff, not a list of people.
const MOST_TESTERS: usize = 100;

/// Sends every text to the staff's own recipients ([`recipient::set_staff_test`]), so that they see what everybody
/// would see. Who calls shows what became of each language; a trial counts when the channel accepted all of them.
///
/// A trial that is cut off is simply made again.
pub async fn test(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    transport: &dyn Transport,
    who: &str,
    id: &str,
) -> Result<Vec<(Lang, Outcome)>> {
    let mut tx = db.read().await?;
    let sending = sending::get(&mut tx, id).await?.ok_or(OutreachError::NotFound)?;
    let testers = recipient::staff_test(&mut tx, sending.channel).await?;
    tx.rollback().await?;
    if !matches!(sending.state, State::Draft | State::Planned) {
        return Err(rule("試し送りは、承認の前にだけできます。"));
    }
    if transport.channel() != sending.channel {
        return Err(rule("この配信の送り先に合う送信の設定がありません。"));
    }
    if testers.is_empty() || testers.len() > MOST_TESTERS {
        return Err(rule(format!("試し送りを受け取る職員を1人から{MOST_TESTERS}人まで登録してください。")));
    }
    let mut outcomes = Vec::new();
    for lang in Lang::ALL {
        let Some(body) = sending.texts.get(lang) else { continue };
        let outgoing = Outgoing {
            retry_key: ids::new_id(clock, entropy),
            channel: sending.channel,
            lang,
            title: sending.title.clone(),
            body: body.to_owned(),
            to: testers.iter().map(|t| t.address.clone()).collect(),
        };
        outcomes.push((lang, transport.send(&outgoing).await));
    }
    let accepted = |o: &Outcome| matches!(o, Outcome::Accepted { .. } | Outcome::AlreadyAccepted { .. });
    if outcomes.iter().all(|(_, outcome)| accepted(outcome)) {
        let mut tx = db.write().await?;
        let now = sending::lock(&mut tx, id).await?;
        if now.version != sending.version {
            return Err(OutreachError::Changed);
        }
        rows::tested(&mut tx, id, sending.version, clock.now()).await?;
        let told = Told { value: i64::try_from(testers.len()).ok(), ..Told::default() };
        event::log(&mut tx, clock, entropy, id, EventKind::Tested, &account(who), told).await?;
        tx.commit().await?;
    }
    Ok(outcomes)
}

/// Approves what was seen: `seen` is the send as the approver read it. Whoever wrote or changed it cannot approve it.
pub async fn approve(db: &Db, clock: &dyn Clock, entropy: Entropy<'_>, who: &str, seen: &Sending) -> Result<()> {
    let mut tx = db.write().await?;
    let sending = sending::lock(&mut tx, &seen.id).await?;
    if (sending.version, sending.run) != (seen.version, seen.run) {
        return Err(OutreachError::Changed);
    }
    if sending.state != State::Planned {
        return Err(rule("計画のできた配信だけを承認できます。"));
    }
    if who == sending.author || who == sending.edited_by {
        return Err(rule("書いた人は承認できません。ほかの人に頼んでください。"));
    }
    if sending.tested_version != Some(sending.version) {
        return Err(rule("承認の前に、職員への試し送りで内容を確かめてください。"));
    }
    rows::approved(&mut tx, &seen.id, who, clock.now()).await?;
    event::log(&mut tx, clock, entropy, &seen.id, EventKind::Approved, &account(who), Told::default()).await?;
    Ok(tx.commit().await?)
}

/// Gives a send back to its author, who changes it or not.
pub async fn give_back(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    who: &str,
    id: &str,
    reason: &str,
) -> Result<()> {
    let reason = reason_of(reason)?;
    let mut tx = db.write().await?;
    let sending = sending::lock(&mut tx, id).await?;
    if !matches!(sending.state, State::Planned | State::Approved) {
        return Err(rule("計画か承認のできた配信だけを差し戻せます。"));
    }
    rows::returned(&mut tx, id, clock.now()).await?;
    let told = Told { reason: Some(reason), ..Told::default() };
    event::log(&mut tx, clock, entropy, id, EventKind::Returned, &account(who), told).await?;
    Ok(tx.commit().await?)
}

/// A reason that somebody has to give.
pub(crate) fn reason_of(typed: &str) -> Result<&str> {
    let reason = typed.trim();
    if (1..=MAX_REASON).contains(&reason.chars().count()) {
        Ok(reason)
    } else {
        Err(field("reason", format!("理由を{MAX_REASON}文字以内で書いてください。")))
    }
}
