//! What came in since a reader last opened a case: danger signs in what the reporter wrote, and what participants answered.
//! Nobody has a key of the desk while it is written, so it is looked at when a reader opens the case; until then the case
//! has news.

use ::store::Entropy;

use super::{SignRule, list, look};
use crate::entry::{By, What};
use crate::pen::Pen;
use crate::ring::RingKind;
use crate::seal::Placed;
use crate::store::case as cases;
use crate::{CaseError, House, Result, Unlocked, case, glass};

/// What the rules see in the reporter's words since the last sign, or since somebody looked at the signs.
fn unseen(rules: &[SignRule], entries: &[Placed]) -> Vec<(String, String)> {
    let is_look = |placed: &&Placed| matches!(placed.entry.what, What::Sign { .. } | What::SignsSeen { .. });
    let since = entries.iter().filter(is_look).map(|placed| placed.seq).max().unwrap_or(0);
    let words = entries.iter().filter(|placed| placed.seq > since && placed.entry.by == By::Reporter);
    let words: Vec<&str> = words
        .filter_map(|placed| match &placed.entry.what {
            What::Said { words } => Some(words.as_str()),
            What::Wished(wishes) => Some(wishes.wanted.as_str()),
            _ => None,
        })
        .collect();
    look(rules, &words.join("\n"))
}

/// Looks at what the reporter wrote since somebody last did, and writes the signs into the case; brings what stands in the
/// list to what participants answered. Returns how many signs. For
/// a reader who is about to see the case; a closed one, one without news, and an officer's visit are left alone.
pub async fn look_again(house: House<'_>, entropy: Entropy<'_>, who: &Unlocked, id: &str) -> Result<usize> {
    // Most openings are of a case without news: these cost one look at its clear row.
    let seen = cases::get(&mut house.db.read().await?, id).await?;
    if !seen.is_some_and(|clear| clear.has_news && clear.is_open) {
        return Ok(0);
    }
    let mut tx = house.db.write().await?;
    let (mut clear, keys, entries) = case::unlock(&mut tx, house, who, id).await?;
    if !clear.has_news || !clear.is_open || glass::is_guest(&mut tx, id, &who.account).await? {
        return Ok(0);
    }
    let found = unseen(&list::current_in(&mut tx, &clear.desk).await?.rules, &entries);
    if found.is_empty() {
        // What a participant answered stands in the list from now on; whoever does not hold their rings does not see it.
        if case::must_hold_all(&mut tx, id, &keys).await.is_ok() {
            let desk_ring = case::of_kind(&keys, RingKind::Case)?;
            case::settle(&mut tx, house, entropy, &mut clear, desk_ring, entries).await?;
            tx.commit().await?;
        }
        return Ok(0);
    }
    let mut pen = match Pen::with(&mut tx, house, entropy, who, (clear, keys, entries)).await {
        Ok(pen) => pen,
        // Whoever may not write reads all the same; the next who may will write them.
        Err(CaseError::Rule(_)) => return Ok(0),
        Err(other) => return Err(other),
    };
    let signs = found.len();
    for (rule, why) in found {
        pen.write(&mut tx, entropy, What::Sign { rule, why }).await?;
    }
    pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(signs)
}
