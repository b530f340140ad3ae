//! What stands behind it at home (家庭や生活の背景): poverty, abuse, care for others. It lies in a guarded ring of its own
//! for each child; whoever writes first holds it, and lets other readers of the case in one by one.
//!
//! It stands in no summary and starts no clock. Whoever does not hold the ring is not told of it: they who write begin
//! one of their own.

use ::store::{Entropy, Tx};
use calendar::Instant;
use serde::{Deserialize, Serialize};

use crate::case::{self, View};
use crate::entry::{By, What};
use crate::error::{field, rule};
use crate::pen::{self, Pen};
use crate::ring::{self, Keys, RingKind};
use crate::seal::Placed;
use crate::{CaseError, House, Result, Unlocked};

/// Of which child it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Child {
    /// To whom it happens.
    Victim,
    /// Who is said to do it.
    Accused,
}

impl Child {
    /// The code in forms.
    pub const fn code(self) -> &'static str {
        match self {
            Child::Victim => "victim",
            Child::Accused => "accused",
        }
    }
}

/// What it is about (福祉課題).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// 貧困.
    Poverty,
    /// 虐待.
    Abuse,
    /// ヤングケアラー.
    YoungCarer,
    /// 孤立.
    Isolation,
    /// 外国につながる背景・ことば.
    ForeignRoots,
    /// 障害.
    Disability,
    /// 不登校.
    Absence,
    /// その他.
    Other,
}

impl Matter {
    /// All, in the order of the form.
    pub const ALL: [Matter; 8] = [
        Matter::Poverty,
        Matter::Abuse,
        Matter::YoungCarer,
        Matter::Isolation,
        Matter::ForeignRoots,
        Matter::Disability,
        Matter::Absence,
        Matter::Other,
    ];

    /// What people see.
    pub const fn name(self) -> &'static str {
        match self {
            Matter::Poverty => "貧困",
            Matter::Abuse => "虐待",
            Matter::YoungCarer => "ヤングケアラー",
            Matter::Isolation => "孤立",
            Matter::ForeignRoots => "外国につながる背景・ことば",
            Matter::Disability => "障害",
            Matter::Absence => "不登校",
            Matter::Other => "その他",
        }
    }
}

/// What is known of the background of a child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Background {
    /// Which child.
    pub child: Child,
    /// What it is about.
    pub matters: Vec<Matter>,
    /// The words.
    pub words: String,
}

/// A background with when and by whom it was written; each stands beside the ones before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: By,
    /// What.
    pub background: Background,
}

/// Takes an entry into what is known.
pub(crate) fn take(all: &mut Vec<Known>, placed: &Placed) {
    if let What::Background(background) = &placed.entry.what {
        all.push(Known { at: placed.entry.at, by: placed.entry.by.clone(), background: background.clone() });
    }
}

pub(crate) fn looks_right(background: &Background) -> Result<()> {
    if background.matters.is_empty() {
        return Err(field("matters", "どのようなことか、一つ以上えらんでください。"));
    }
    Ok(())
}

/// Writes what is known of a child. The first to write makes the ring and holds it alone.
pub async fn write(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    background: Background,
) -> Result<View> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    let child = background.child;
    let what = What::Background(background);
    pen.allows(&what)?;
    if !house.kinds.of(&pen.clear.desk)?.is_sealed() {
        return Err(rule("この窓口の事案は、窓口の相談員がみな読みます。背景は、読む人をかぎれる窓口でだけ書けます。"));
    }
    if pen.child_ring(child).is_none() {
        let own = pen::consultant(&mut tx, house, &pen.clear, &who.account).await?;
        let outer = case::outer_key(house, case)?;
        let mut ring = ring::make(&mut tx, entropy, case, RingKind::Welfare, &outer, &[own], &[]).await?;
        ring.whose = Some(child.code().into());
        pen.keys.push(ring);
    }
    pen.write(&mut tx, entropy, what).await?;
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(view)
}

/// The rings of a child that somebody holds.
async fn held(tx: &mut Tx, house: House<'_>, who: &Unlocked, case: &str, child: Child) -> Result<Vec<Keys>> {
    let (_, keys, _) = case::unlock(tx, house, who, case).await?;
    let of_child = |ring: &Keys| ring.kind == RingKind::Welfare && ring.whose.as_deref() == Some(child.code());
    let held: Vec<Keys> = keys.into_iter().filter(of_child).collect();
    if held.is_empty() { Err(CaseError::NotFound) } else { Ok(held) }
}

/// Who reads what is known of a child, for somebody who does. Accounts, in order.
pub async fn readers(house: House<'_>, who: &Unlocked, case: &str, child: Child) -> Result<Vec<String>> {
    let mut tx = house.db.write().await?;
    let mut all = Vec::new();
    for ring in held(&mut tx, house, who, case, child).await? {
        all.extend(pen::holders(&mut tx, &ring).await?);
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// Lets another reader of the case read what is known of a child. Only somebody who reads it can.
pub async fn add_reader(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    child: Child,
    account: &str,
) -> Result<()> {
    let mut tx = house.db.write().await?;
    let rings = held(&mut tx, house, who, case, child).await?;
    if !pen::case_readers(&mut tx, case).await?.iter().any(|reader| reader.name == ring::account(account)) {
        return Err(rule("先に、この事案を読む人に加えてください。"));
    }
    let (clear, _, _) = case::unlock(&mut tx, house, who, case).await?;
    let reader = pen::consultant(&mut tx, house, &clear, account).await?;
    for ring in &rings {
        ring::grant(&mut tx, entropy, ring, &reader).await?;
    }
    case::note(&mut tx, house, case, &who.actor(), "case.welfare-reader-add", &[account]).await?;
    Ok(tx.commit().await?)
}

/// Takes a reader away from what is known of a child; they go on reading the case.
pub async fn remove_reader(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    child: Child,
    account: &str,
) -> Result<()> {
    if account == who.account {
        return Err(rule("自分を外すことはできません。ほかの相談員に頼んでください。"));
    }
    let mut tx = house.db.write().await?;
    let rings = held(&mut tx, house, who, case, child).await?;
    let mut is_reader = false;
    for mut ring in rings {
        if pen::holders(&mut tx, &ring).await?.iter().any(|held| held == account) {
            is_reader = true;
            pen::renew(&mut tx, house, entropy, &mut ring, Some(account), &[]).await?;
        }
    }
    if !is_reader {
        return Err(CaseError::NotFound);
    }
    case::note(&mut tx, house, case, &who.actor(), "case.welfare-reader-remove", &[account]).await?;
    Ok(tx.commit().await?)
}
