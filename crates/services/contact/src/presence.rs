//! Who is there (在席): what each operator does just now, as states with instants, and what they are good at.

use calendar::{Clock, Instant};
use store::{Db, Entropy, FromRow, ids};

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

/// Sets how many contacts an operator takes at once, 1 to 20, and what they are good at: `topic:CODE`, `lang:CODE`.
pub async fn set_skills(
    db: &Db,
    clock: &dyn Clock,
    actor: &str,
    account: &str,
    most: i64,
    skills: &[String],
) -> Result<(), ContactError> {
    if !(1..=20).contains(&most) {
        return Err(crate::field("most", "同時に応対する件数は、1から20までにしてください。"));
    }
    let known = |s: &String| match s.split_once(':') {
        Some(("topic", code)) => city::topic(code).is_some(),
        Some(("lang", code)) => city::Lang::from_code(code).is_some(),
        _ => false,
    };
    if let Some(unknown) = skills.iter().find(|s| !known(s)) {
        return Err(crate::field("skills", format!("「{unknown}」という得意分野はありません。")));
    }
    let mut tx = db.write().await?;
    let now = clock.now();
    let before = rows::get(&mut tx, account).await?;
    let operator = match before {
        Some(o) => Operator { most, ..o },
        None => Operator { account: account.into(), state: Presence::Away, since: now, seen_at: now, most },
    };
    rows::put(&mut tx, &operator).await?;
    rows::set_skills(&mut tx, account, skills).await?;
    let event = store::audit::Event {
        actor,
        action: "operator.skills",
        object_kind: "account",
        object: account,
        fields: &["most", "skills"],
    };
    store::audit::record(&mut tx, clock, event).await?;
    tx.commit().await?;
    Ok(())
}
