//! How what was written into a case goes on: referrals, support, what a school answers.

use casework::entry::{ReferralState, What};
use casework::support::{SupportMove, SupportState};

use super::acts::{Input, chosen, input, pair, select};
use super::words::{REFERRALS, code_of};
use crate::staff::fields::Fields;
use crate::staff::form::Refused;

/// An amount in yen, as people write it: in full width, with commas, with 円.
pub(super) fn yen(fields: &Fields) -> Result<Option<u32>, Refused> {
    let typed = fields.get("amount_yen");
    let digits: String = typed
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            other => other,
        })
        .filter(|c| !matches!(c, ',' | '，' | '、' | '円' | ' '))
        .collect();
    match digits.as_str() {
        "" => Ok(None),
        digits => {
            let wrong = |_| Refused::Field("amount_yen", "金額を、数字だけで入れてください。例: 120000".into());
            digits.parse().map(Some).map_err(wrong)
        }
    }
}

/// What may be said of a referral that stands so, with the words of its button.
pub(crate) const fn next_states(state: ReferralState) -> &'static [(&'static str, &'static str)] {
    match state {
        ReferralState::InProgress => {
            &[("accepted", "引き受けてもらえた"), ("rejected", "断られた"), ("revoked", "取り下げる")]
        }
        ReferralState::Accepted => &[("done", "終わった"), ("revoked", "取り下げる")],
        ReferralState::Rejected | ReferralState::Done | ReferralState::Revoked => &[],
    }
}

/// How a referral is to stand.
pub(crate) fn moved(id: &str, fields: &Fields) -> Result<What, Refused> {
    let state = chosen(fields, "state", &REFERRALS)?;
    Ok(What::ReferralMoved { id: id.to_owned(), state, reason: fields.get("reason").to_owned() })
}

/// The form in which the answer to a referral is written.
pub(crate) fn referral_inputs(states: &[(&str, &str)]) -> Vec<Input> {
    let all = states.iter().map(|(code, words)| pair(code, words));
    let states = std::iter::once(pair("", "選んでください")).chain(all).collect();
    vec![select("state", "いまどうか", "", states), input("area", "reason", "返事や理由", "")]
}

/// The form in which the answer of a school is written down.
pub(crate) fn answer_inputs() -> Vec<Input> {
    vec![input("area", "words", "回答", "学校のことばのまま。")]
}

/// States of support, by code.
const SUPPORT_STATES: [(&str, SupportState, &str); 6] = [
    ("asked", SupportState::Asked, SupportState::Asked.name()),
    ("examining", SupportState::Examining, SupportState::Examining.name()),
    ("granted", SupportState::Granted, SupportState::Granted.name()),
    ("refused", SupportState::Refused, SupportState::Refused.name()),
    ("paid", SupportState::Paid, SupportState::Paid.name()),
    ("withdrawn", SupportState::Withdrawn, SupportState::Withdrawn.name()),
];

/// The form in which support goes on from a state.
pub(crate) fn support_inputs(state: SupportState) -> Vec<Input> {
    let next = state.next().iter().map(|next| pair(code_of(&SUPPORT_STATES, *next), next.name()));
    let states = std::iter::once(pair("", "選んでください")).chain(next).collect();
    vec![
        select("state", "つぎの段階", "", states),
        input("text", "amount_yen", "金額（円）", "決定した金額か、支払った金額。"),
        input("area", "reason", "理由", ""),
    ]
}

/// How support is to stand.
pub(crate) fn support_moved(id: &str, fields: &Fields) -> Result<What, Refused> {
    let state = chosen(fields, "state", &SUPPORT_STATES)?;
    let amount_yen = yen(fields)?;
    Ok(What::SupportMoved(SupportMove { id: id.to_owned(), state, reason: fields.get("reason").into(), amount_yen }))
}
