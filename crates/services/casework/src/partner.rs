//! The side of a participant (連携先): the cases in which they take part, what was disclosed to them, and their answers.
//!
//! They hold one ring, and read what lies in it. They see no number, no name and no word of the case but what the desk
//! told them. What they write is no conflict for the desk, which sees that there is news.

use ::store::{Entropy, Tx};
use calendar::{Instant, end_of_day};

use crate::case::{self, Clear};
use crate::conference::{self, Told};
use crate::entry::{Attached, By, ReferralState, What};
use crate::error::rule;
use crate::file::{entry, looks_right};
use crate::member::{self, DeskRole};
use crate::participant::{self, Disclosure, Participant, PartnerKind, Words};
use crate::recommendation::{self, Recommendation};
use crate::referral::{self, Mover, Referral};
use crate::ring::{self, Keys, RingKind};
use crate::seal::Placed;
use crate::store::{case as cases, ring as ring_rows};
use crate::{CaseError, House, Result, Unlocked, clock, pen, seal};

/// A case as one participant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerCase {
    /// Id of the case.
    pub case: String,
    /// Code of its desk.
    pub desk: String,
    /// Their id in it.
    pub participant: String,
    /// From where they come.
    pub kind: PartnerKind,
    /// What for.
    pub purpose: String,
    /// Who consented, when, in which words.
    pub consent: String,
    /// Since when.
    pub since: Instant,
    /// Account of whoever answers for the case.
    pub accountable: Option<String>,
    /// Whether it is not closed.
    pub is_open: bool,
    /// What was disclosed to them, in order; nothing of what was taken back.
    pub disclosures: Vec<Disclosure>,
    /// What they said, in order.
    pub said: Vec<Words>,
    /// Referrals to them.
    pub referrals: Vec<Referral>,
    /// Conferences to which they come, as they were told last.
    pub conferences: Vec<Told>,
    /// What was said to them by the desk's own right.
    pub recommendations: Vec<Recommendation>,
}

impl PartnerCase {
    fn of(clear: &Clear, entries: &[Placed]) -> Option<PartnerCase> {
        let (mut participants, mut referrals, mut recommendations) = (Vec::new(), Vec::new(), Vec::new());
        let mut conferences = Vec::new();
        for placed in entries {
            participant::take(&mut participants, placed);
            referral::take(&mut referrals, placed);
            recommendation::take(&mut recommendations, placed);
            conference::take_told(&mut conferences, placed);
        }
        let Participant { id, invitation, since, disclosures, said, .. } = participants.into_iter().next()?;
        Some(PartnerCase {
            case: clear.id.clone(),
            desk: clear.desk.clone(),
            participant: id,
            kind: invitation.kind,
            purpose: invitation.purpose,
            consent: invitation.consent,
            since,
            accountable: clear.accountable.clone(),
            is_open: clear.is_open,
            disclosures,
            said,
            referrals,
            conferences,
            recommendations,
        })
    }

    /// How many referrals and recommendations wait for an answer.
    pub fn waiting(&self) -> usize {
        let referrals = self.referrals.iter().filter(|known| known.state == ReferralState::InProgress).count();
        referrals + self.recommendations.iter().filter(|known| known.is_open()).count()
    }
}

/// A case with the one ring that a participant holds.
struct Part {
    clear: Clear,
    ring: Keys,
    entries: Vec<Placed>,
    seen: PartnerCase,
}

/// Opens a participant's ring. Whoever takes no part, is no partner of the desk any more, or stands on the wall, gets the
/// same answer as for a case that is not there.
async fn open(tx: &mut Tx, house: House<'_>, who: &Unlocked, clear: Clear) -> Result<Part> {
    if !member::has_role(tx, &clear.desk, &who.account, DeskRole::Partner).await?
        || pen::stands_on_wall(tx, house, &clear.id, &who.account).await?
    {
        return Err(CaseError::NotFound);
    }
    let outer = case::outer_key(house, &clear.id)?;
    for stored in ring_rows::of_reader(tx, &clear.id, &who.reader()).await? {
        if stored.kind != RingKind::Partner.code() {
            continue;
        }
        let mut ring = ring::open(tx, &stored, &who.reader(), &who.secret, &outer).await?;
        let entries = seal::read(tx, &mut ring).await?;
        // A reader of the case holds the rings of all participants; theirs is the one that names them.
        let is_theirs = entries
            .iter()
            .any(|placed| matches!(&placed.entry.what, What::Invited(invitation) if invitation.account == who.account));
        if is_theirs {
            let seen = PartnerCase::of(&clear, &entries).ok_or(CaseError::Unreadable)?;
            return Ok(Part { clear, ring, entries, seen });
        }
    }
    Err(CaseError::NotFound)
}

async fn locked(tx: &mut Tx, house: House<'_>, who: &Unlocked, case: &str) -> Result<Part> {
    let clear = cases::lock(tx, case).await?.ok_or(CaseError::NotFound)?;
    open(tx, house, who, clear).await
}

/// The cases in which a partner takes part, open ones first, then the newest. That they looked stands in the audit stream
/// before anything is shown.
pub async fn cases(house: House<'_>, who: &Unlocked) -> Result<Vec<PartnerCase>> {
    let mut tx = house.db.write().await?;
    member::note(&mut tx, house.clock, &who.actor(), "desk.partner-list", &who.account, &[]).await?;
    tx.commit().await?;
    let mut tx = house.db.read().await?;
    let mut all = Vec::new();
    for id in ring_rows::cases_of_reader(&mut tx, RingKind::Partner.code(), &who.reader()).await? {
        let Some(clear) = cases::get(&mut tx, &id).await? else { continue };
        match open(&mut tx, house, who, clear).await {
            Ok(part) => all.push(part.seen),
            Err(CaseError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    all.sort_by_key(|seen| (!seen.is_open, std::cmp::Reverse(seen.since)));
    Ok(all)
}

/// Reads a case as a participant. The view stands in its chain.
pub async fn read(house: House<'_>, who: &Unlocked, case: &str) -> Result<PartnerCase> {
    let mut tx = house.db.write().await?;
    let part = locked(&mut tx, house, who, case).await?;
    case::note(&mut tx, house, case, &who.actor(), "case.view", &["partner"]).await?;
    tx.commit().await?;
    Ok(part.seen)
}

/// A file that was disclosed to a participant, by the id of what they were told. That they asked for it stands in the
/// chain of the case. What was taken back, and what is no file, is not there.
pub async fn file(house: House<'_>, who: &Unlocked, case: &str, disclosure: &str) -> Result<Attached> {
    let mut tx = house.db.write().await?;
    let part = locked(&mut tx, house, who, case).await?;
    let told = part.seen.disclosures.into_iter().find(|told| told.disclosed.id == disclosure);
    let found = told.filter(|told| told.withdrawn.is_none()).and_then(|told| told.disclosed.file);
    let found = found.ok_or(CaseError::NotFound)?;
    case::note(&mut tx, house, case, &who.actor(), "case.view", &["partner-file"]).await?;
    tx.commit().await?;
    Ok(found)
}

/// Writes an entry of a participant into their ring, and tells the desk that there is news.
async fn write(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    part: Part,
    what: What,
) -> Result<PartnerCase> {
    let Part { mut clear, ring, mut entries, .. } = part;
    clear.records += 1;
    clear.has_news = true;
    let next = entry(house.clock.now(), By::Account(who.account.clone()), what);
    entries.push(seal::write(tx, entropy, &ring, clear.records, &next).await?);
    cases::save(tx, &clear).await?;
    case::note(tx, house, &clear.id, &who.actor(), "case.write", &["partner"]).await?;
    PartnerCase::of(&clear, &entries).ok_or(CaseError::Unreadable)
}

fn must_be_open(part: &Part) -> Result<()> {
    if part.clear.is_open {
        return Ok(());
    }
    Err(rule("終結した事案です。伝えることがあれば、ことばで窓口に送ってください。"))
}

/// Says something to the desk.
pub async fn say(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    words: &str,
) -> Result<PartnerCase> {
    let what = What::PartnerSaid { words: words.trim().into() };
    looks_right(&what)?;
    let mut tx = house.db.write().await?;
    let part = locked(&mut tx, house, who, case).await?;
    let seen = write(&mut tx, house, entropy, who, part, what).await?;
    tx.commit().await?;
    Ok(seen)
}

/// Takes a referral, does not take it and says why, or says that it is done.
pub async fn move_referral(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    referral: &str,
    (state, reason): (ReferralState, &str),
) -> Result<PartnerCase> {
    let mut tx = house.db.write().await?;
    let part = locked(&mut tx, house, who, case).await?;
    must_be_open(&part)?;
    referral::may_move(&part.seen.referrals, referral, state, reason, Mover::Participant)?;
    let what = What::ReferralMoved { id: referral.into(), state, reason: reason.trim().into() };
    looks_right(&what)?;
    let seen = write(&mut tx, house, entropy, who, part, what).await?;
    tx.commit().await?;
    Ok(seen)
}

/// Answers what was said by the desk's own right; its clock ends.
pub async fn answer(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    recommendation: &str,
    words: &str,
) -> Result<PartnerCase> {
    let what = What::RecommendationAnswered { id: recommendation.into(), words: words.trim().into() };
    looks_right(&what)?;
    let mut tx = house.db.write().await?;
    let part = locked(&mut tx, house, who, case).await?;
    must_be_open(&part)?;
    recommendation::may_answer(&part.seen.recommendations, recommendation)?;
    let known = part.seen.recommendations.iter().find(|known| known.said.id == recommendation);
    if let Some(day) = known.and_then(|known| known.said.answer_by) {
        clock::end(&mut tx, case, end_of_day(day), recommendation::REMIND).await?;
    }
    let seen = write(&mut tx, house, entropy, who, part, what).await?;
    tx.commit().await?;
    Ok(seen)
}
