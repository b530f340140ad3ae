//! Hand-over (引き継ぎ): many cases of one consultant go to another, for good or for the time of a vacation (休暇).

use ::store::Entropy;
use calendar::Date;

use crate::case::{self, Listed};
use crate::entry::What;
use crate::pen::Pen;
use crate::{CaseError, House, Result, Unlocked};

/// To whom cases go, until when, with what to know.
#[derive(Clone, Copy, Debug)]
pub struct HandOver<'a> {
    /// Account of who answers for them now.
    pub to: &'a str,
    /// What they must know; it comes into each case.
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

/// Hands cases over, each in a transaction of its own: one that cannot go over does not keep the others back.
pub async fn hand_over_all(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    cases: &[String],
    over: HandOver<'_>,
) -> Result<HandedOver> {
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
    let mut pen = Pen::with(&mut tx, house, entropy, who, opened).await?;
    let what = What::HandedOver { to: over.to.into(), note: over.note.trim().into(), until: over.until };
    pen.write(&mut tx, entropy, what).await?;
    pen.finish(&mut tx, entropy).await?;
    Ok(tx.commit().await?)
}
