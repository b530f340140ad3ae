//! Danger signs in what the reporter writes later. Nobody has a key of the desk while it is written, so it is looked at
//! when a reader opens the case; until then the case has news.

use ::store::Entropy;

use super::{SignRule, list, look};
use crate::entry::{By, What};
use crate::pen::Pen;
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

/// Looks at what the reporter wrote since somebody last did, and writes the signs into the case. Returns how many. For
/// a reader who is about to see the case; a closed one, one without news, and an officer's visit are left alone.
pub async fn look_again(house: House<'_>, entropy: Entropy<'_>, who: &Unlocked, id: &str) -> Result<usize> {
    // Most openings are of a case without news: these cost one look at its clear row.
    let seen = cases::get(&mut house.db.read().await?, id).await?;
    if !seen.is_some_and(|clear| clear.has_news && clear.is_open) {
        return Ok(0);
    }
    let mut tx = house.db.write().await?;
    let (clear, keys, entries) = case::unlock(&mut tx, house, who, id).await?;
    if !clear.has_news || !clear.is_open || glass::is_guest(&mut tx, id, &who.account).await? {
        return Ok(0);
    }
    let found = unseen(&list::current_in(&mut tx, &clear.desk).await?.rules, &entries);
    if found.is_empty() {
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
