//! Links that live shortly: by them a citizen who talks through another channel sees on the city's own page what is not
//! for that channel's eyes.
//!
//! A link is as good as the contact's key while it lives, and only its digest is stored.

use std::time::Duration;

use calendar::Clock;
use store::{Entropy, Tx, ids};

use crate::ContactError;
use crate::contact::Contact;
use crate::store::link as rows;

/// How long a link lives.
pub const LIFE: Duration = Duration::from_secs(24 * 3600);
/// Rows of links that ran out are kept so long, so that the page can say what happened.
pub const KEPT: Duration = Duration::from_secs(90 * 86_400);

/// Makes a link to a contact. Gives the key that stands in it.
pub async fn make(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    contact: &Contact,
) -> Result<String, ContactError> {
    let key = ids::new_key(entropy);
    let now = clock.now();
    rows::insert(tx, &ids::digest(&ids::tidy_key(&key)), &contact.id, now, now.plus(LIFE)).await?;
    Ok(key)
}

/// Takes away what ran out long ago.
pub async fn sweep(tx: &mut Tx, clock: &dyn Clock) -> Result<u64, ContactError> {
    Ok(rows::sweep(tx, clock.now().minus(KEPT)).await?)
}
