//! Who is there (在席): what each operator does just now, as states with instants. What they are good at is in
//! [`crate::operator`].

use access::{Principal, Role};
use calendar::{Clock, Instant};
use store::{Db, Entropy, FromRow, Tx, ids};

use crate::ContactError;
use crate::channel::coded;
use crate::store::operator as rows;

pub use crate::store::operator::{all, get, skills};

/// Contacts at once, unless set otherwise.
pub const MOST: i64 = 4;

coded! {
    /// What an operator does.
    Presence {
        /// Takes contacts.
        Available = "available",
        /// Finishes the last one.
        WrapUp = "wrap_up",
        /// Has a break.
        Break = "break",
        /// Learns.
        Training = "training",
        /// Is not there.
        Away = "away",
    }
}

/// An operator as they stand.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Operator {
    /// Account.
    pub account: String,
    /// What they do.
    pub state: Presence,
    /// Since when.
    pub since: Instant,
    /// When their console was last open.
    pub seen_at: Instant,
    /// How many contacts they take at once.
    pub most: i64,
}

/// Says what an operator does. Each change is an event with an instant: rosters and hours are computed from these.
pub async fn set(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    account: &str,
    state: Presence,
) -> Result<(), ContactError> {
    let mut tx = db.write().await?;
    let now = clock.now();
    let before = rows::get(&mut tx, account).await?;
    if before.as_ref().is_some_and(|b| b.state == state) {
        rows::seen(&mut tx, account, now).await?;
    } else {
        let most = before.map_or(MOST, |b| b.most);
        let operator = Operator { account: account.into(), state, since: now, seen_at: now, most };
        rows::put(&mut tx, &operator).await?;
        rows::log(&mut tx, &ids::new_id(clock, entropy), account, state.code(), now).await?;
        store::changes::bump(&mut tx, crate::CHANGE_TOPIC).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whoever takes a contact is there: from 離席, 休憩 and 後処理 they become available, in the transaction in which they
/// take it, so that nobody is away in the figures while a citizen has them. 研修 stays: people learn with citizens.
/// Says whether the state changed. Who is no operator and never said what they do (a clerk to whose section a contact
/// was handed) has no shifts and is left alone.
pub(crate) async fn takes_part(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    who: &Principal,
) -> Result<bool, ContactError> {
    let before = rows::get(tx, &who.account).await?;
    let has_shifts = who.roles.iter().any(|(role, _)| matches!(role, Role::Operator | Role::Supervisor));
    match before.as_ref().map(|b| b.state) {
        Some(Presence::Available | Presence::Training) => return Ok(false),
        None if !has_shifts => return Ok(false),
        _ => {}
    }
    let now = clock.now();
    let most = before.map_or(MOST, |b| b.most);
    let account = who.account.as_str();
    let there = Operator { account: account.into(), state: Presence::Available, since: now, seen_at: now, most };
    rows::put(tx, &there).await?;
    rows::log(tx, &ids::new_id(clock, entropy), account, there.state.code(), now).await?;
    store::changes::bump(tx, crate::CHANGE_TOPIC).await?;
    Ok(true)
}
