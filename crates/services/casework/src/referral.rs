//! Referrals (つなぎ) as they stand: who was asked for help, and how it goes. Pure.

use calendar::Instant;

use crate::Result;
use crate::entry::{ReferralState, What};
use crate::error::{field, rule};
use crate::seal::Placed;

/// A referral as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Its id in this case.
    pub id: String,
    /// To whom.
    pub to: String,
    /// What for.
    pub purpose: String,
    /// Who consented, when, in which words.
    pub consent: String,
    /// Id of the participant to whom it goes, who answers it; none where it goes another way.
    pub participant: Option<String>,
    /// When it was made.
    pub made_at: Instant,
    /// How it stands.
    pub state: ReferralState,
    /// When it came to stand so.
    pub moved_at: Instant,
    /// Why it stands so.
    pub reason: String,
}

/// Who wants to move a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mover {
    /// The desk.
    Desk,
    /// The participant to whom it goes.
    Participant,
}

/// Takes an entry into the referrals of a case, or of one participant.
pub(crate) fn take(referrals: &mut Vec<Referral>, placed: &Placed) {
    let at = placed.entry.at;
    match &placed.entry.what {
        What::Referred { id, to, purpose, consent, participant, .. } => referrals.push(Referral {
            id: id.clone(),
            to: to.clone(),
            purpose: purpose.clone(),
            consent: consent.clone(),
            participant: participant.clone(),
            made_at: at,
            state: ReferralState::InProgress,
            moved_at: at,
            reason: String::new(),
        }),
        What::ReferralMoved { id, state, reason } => {
            if let Some(referral) = referrals.iter_mut().find(|referral| referral.id == *id) {
                (referral.state, referral.moved_at, referral.reason) = (*state, at, reason.clone());
            }
        }
        _ => {}
    }
}

/// Whether a referral may come to stand so. What went to a participant is answered by them; the desk takes it back.
pub(crate) fn may_move(
    referrals: &[Referral],
    id: &str,
    state: ReferralState,
    reason: &str,
    mover: Mover,
) -> Result<()> {
    use ReferralState::{Accepted, Done, InProgress, Rejected, Revoked};
    let Some(referral) = referrals.iter().find(|referral| referral.id == id) else {
        return Err(rule("そのつなぎは、ありません。"));
    };
    let may = match referral.state {
        InProgress => matches!(state, Accepted | Rejected | Revoked),
        Accepted => matches!(state, Done | Revoked),
        Rejected | Done | Revoked => false,
    };
    if !may {
        return Err(rule("つなぎの状態は、そのようには変えられません。"));
    }
    match (mover, &referral.participant) {
        (Mover::Desk, Some(_)) if state != Revoked => {
            return Err(rule("このつなぎには、参加者が自分で答えます。窓口からは、取り消しだけができます。"));
        }
        (Mover::Participant, _) if state == Revoked => {
            return Err(rule("つなぎを取り消せるのは、窓口だけです。"));
        }
        _ => {}
    }
    if matches!(state, Rejected | Revoked) && reason.trim().is_empty() {
        return Err(field("reason", "理由を書いてください。"));
    }
    Ok(())
}
