//! Recipients (受け取る人): an address of a channel, in which language, and whether it can be reached.
//!
//! What a channel learns it writes in its own transaction, so that a webhook's event and its effect are stored together.

use calendar::{Clock, Instant};
use city::Lang;
use store::{Entropy, Tx, audit, ids};

use crate::code::coded;
use crate::store::recipient as rows;
use crate::{Address, OutreachError, Result};

coded! {
    /// A way by which the city sends.
    Channel {
        /// LINE.
        Line = "line",
        /// Mail.
        Mail = "mail",
    }
}

coded! {
    /// Whether a recipient can be reached.
    RecipientState {
        /// Yes.
        Active = "active",
        /// They blocked the city's account, or left it.
        Blocked = "blocked",
        /// The address is no more.
        Gone = "gone",
    }
}

impl Channel {
    /// What the interface calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Line => "LINE",
            Channel::Mail => "メール",
        }
    }
}

/// A recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Id.
    pub id: String,
    /// The channel.
    pub channel: Channel,
    /// Where the channel reaches them.
    pub address: Address,
    /// In which language they read.
    pub lang: Lang,
    /// The person, if they said who they are.
    pub person: Option<String>,
    /// Whether they can be reached.
    pub state: RecipientState,
    /// Whether it is one of the staff, on the list for trials.
    pub is_staff_test: bool,
    /// When they blocked the account last.
    pub blocked_at: Option<Instant>,
    /// When they were learnt.
    pub created_at: Instant,
    /// When anything of this changed last.
    pub updated_at: Instant,
}

/// Finds the recipient of an address, or makes one who has chosen nothing yet. Whoever is there already keeps their
/// language and their state: a message of theirs does not say that they unblocked the account, see [`refollow`].
pub async fn learn(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    channel: Channel,
    address: &Address,
    lang: Lang,
) -> Result<Recipient> {
    let id = ids::new_id(clock, entropy);
    if rows::insert(tx, entropy, &id, channel, address, lang, clock.now()).await? {
        record(tx, clock, "citizen", "outreach.learn", &id, &["address", "lang"]).await?;
    }
    by_address(tx, channel, address).await?.ok_or(OutreachError::NotFound)
}

/// Learns many at once who followed the account before this house knew of it, such as a page of the channel's own
/// list. They have chosen nothing. Returns the ids of those who were new; the record of actions has one entry for all.
pub async fn import(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    channel: Channel,
    found: impl IntoIterator<Item = (Address, Lang)>,
) -> Result<Vec<String>> {
    let mut new = Vec::new();
    for (address, lang) in found {
        let id = ids::new_id(clock, entropy);
        if rows::insert(tx, entropy, &id, channel, &address, lang, clock.now()).await? {
            new.push(id);
        }
    }
    record(tx, clock, actor, "outreach.import", channel.code(), &["address", "lang"]).await?;
    Ok(new)
}

/// The recipient with an address, spelt as the channel spells it.
pub async fn by_address(tx: &mut Tx, channel: Channel, address: &Address) -> Result<Option<Recipient>> {
    Ok(rows::by_address(tx, channel, address).await?)
}

/// A recipient.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Recipient>> {
    Ok(rows::get(tx, id).await?)
}

/// They blocked the account, or unfollowed it: nothing is sent to them until [`refollow`]. What they chose is kept.
/// Returns whether that is news.
pub async fn block(tx: &mut Tx, clock: &dyn Clock, id: &str) -> Result<bool> {
    turn(tx, clock, id, RecipientState::Blocked, "outreach.block").await
}

/// The channel says that the address is no more. Returns whether that is news.
pub async fn gone(tx: &mut Tx, clock: &dyn Clock, id: &str) -> Result<bool> {
    turn(tx, clock, id, RecipientState::Gone, "outreach.gone").await
}

/// They follow the account (again): what they chose before holds again. Returns whether that is news.
pub async fn refollow(tx: &mut Tx, clock: &dyn Clock, id: &str) -> Result<bool> {
    turn(tx, clock, id, RecipientState::Active, "outreach.refollow").await
}

/// Sets the language. Returns whether it was another one.
pub async fn set_lang(tx: &mut Tx, clock: &dyn Clock, id: &str, lang: Lang) -> Result<bool> {
    let changed = rows::set_lang(tx, id, lang, clock.now()).await?;
    if changed {
        record(tx, clock, "citizen", "outreach.lang", id, &["lang"]).await?;
    }
    Ok(changed)
}

/// Says that a recipient is a person of the house, who gave their consent to it.
pub async fn link(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str, person: Option<&str>) -> Result<()> {
    if !rows::link(tx, id, person, clock.now()).await? {
        return Err(OutreachError::NotFound);
    }
    record(tx, clock, actor, "outreach.link", id, &["person"]).await
}

/// Puts a recipient on the list of the staff to whom trials are sent, or takes them off it.
pub async fn set_staff_test(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str, on: bool) -> Result<()> {
    if !rows::set_staff_test(tx, id, on, clock.now()).await? {
        return Err(OutreachError::NotFound);
    }
    record(tx, clock, actor, "outreach.staff_test", id, &["is_staff_test"]).await
}

/// The staff's own recipients of a channel who can be reached.
pub async fn staff_test(tx: &mut Tx, channel: Channel) -> Result<Vec<Recipient>> {
    Ok(rows::staff_test(tx, channel).await?)
}

async fn turn(tx: &mut Tx, clock: &dyn Clock, id: &str, state: RecipientState, action: &str) -> Result<bool> {
    let changed = rows::set_state(tx, id, state, clock.now()).await?;
    if changed {
        record(tx, clock, "citizen", action, id, &["state"]).await?;
    }
    Ok(changed)
}

/// Records what was done to a recipient: names of fields, never what stands in them.
pub(crate) async fn record(
    tx: &mut Tx,
    clock: &dyn Clock,
    actor: &str,
    action: &str,
    id: &str,
    fields: &[&str],
) -> Result<()> {
    let event = audit::Event { actor, action, object_kind: "outreach_recipient", object: id, fields };
    Ok(audit::record(tx, clock, event).await?)
}
