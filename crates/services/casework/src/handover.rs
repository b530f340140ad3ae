//! Hand-over (引き継ぎ): many cases of one consultant go to another, for good or for the time of a vacation (休暇).

use ::store::Entropy;
use calendar::Date;

use crate::case::{self, Listed};
use crate::entry::What;
use crate::error::{field, rule};
use crate::file::looks_right;
use crate::pen::Pen;
use crate::{CaseError, House, Result, Unlocked};

/// From whom to whom cases go, until when, with what to know.
#[derive(Clone, Copy, Debug)]
pub struct HandOver<'a> {
    /// Account of who answered for them when the list was shown; what somebody else has taken over since stays there.
    pub from: &'a str,
    /// Account of who answers for them now.
    pub to: &'a str,
    /// What they must know; it comes into each case, and must be there.
    pub note: &'a str,
    /// The last day, for a time only: after it whoever answered before does again.
    pub until: Option<Date>,
}

/// What became of a hand-over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// Ids of the cases that went over.
    pub done: Vec<String>,
    /// Ids of the others, with a sentence that says why.
    pub refused: Vec<(String, String)>,
}

/// The open cases of a list for which somebody answers.
pub fn cases_of<'a>(listed: &'a [Listed], account: &str) -> Vec<&'a Listed> {
    listed.iter().filter(|line| line.clear.is_open && line.clear.accountable.as_deref() == Some(account)).collect()
}

impl HandOver<'_> {
    fn what(&self) -> What {
        What::HandedOver { to: self.to.into(), note: self.note.trim().into(), until: self.until }
    }

    /// Whether it may be written into any case at all; `today` is the day in the city.
    pub fn is_right(&self, today: Date) -> Result<()> {
        if self.note.trim().is_empty() {
            return Err(field("note", "つぎの担当に伝えることを書いてください。"));
        }
        if self.to == self.from {
            return Err(field("to", "いまの担当と同じ人です。ほかの相談員を選んでください。"));
        }
        if self.until.is_some_and(|last| last < today) {
            return Err(field("until", "きょうか、それよりあとの日にしてください。"));
        }
        looks_right(&self.what())
    }
}

/// Hands cases over, each in a transaction of its own: one that cannot go over does not keep the others back. What is
/// wrong with the hand-over itself is a [`CaseError::Field`], and no case is touched.
pub async fn hand_over_all(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    cases: &[String],
    over: HandOver<'_>,
) -> Result<HandedOver> {
    over.is_right(house.clock.now().jst_date())?;
    let mut outcome = HandedOver::default();
    for id in cases {
        match hand_over(house, entropy, who, id, over).await {
            Ok(()) => outcome.done.push(id.clone()),
            Err(CaseError::Rule(why) | CaseError::Field { reason: why, .. }) => outcome.refused.push((id.clone(), why)),
            Err(CaseError::NotFound) => outcome.refused.push((id.clone(), "この事案は見つかりません。".into())),
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}

/// Nobody else's change is written over, so the version that the writer saw does not matter.
async fn hand_over(house: House<'_>, entropy: Entropy<'_>, who: &Unlocked, id: &str, over: HandOver<'_>) -> Result<()> {
    let mut tx = house.db.write().await?;
    let opened = case::unlock(&mut tx, house, who, id).await?;
    // The clear row may name a deputy whose time is over.
    let named = opened.0.accountable.as_deref() == Some(over.from);
    let mut pen = Pen::with(&mut tx, house, entropy, who, opened).await?;
    if !named && pen.file.accountable_on(house.clock.now().jst_date()) != Some(over.from) {
        return Err(rule("この事案の担当は、もうほかの人にかわっています。"));
    }
    pen.write(&mut tx, entropy, over.what()).await?;
    pen.finish(&mut tx, entropy).await?;
    Ok(tx.commit().await?)
}
