//! Whether an entry is whole, whatever the case is: nothing empty, nothing too long.

use crate::entry::{Party, Role, What};
use crate::error::{field, rule};
use crate::{Result, conference, welfare};

/// Longest words of one entry, in characters.
pub const MAX_WORDS: usize = 10_000;

/// Nothing goes outside without a consent in words.
pub(crate) fn has_consent(consent: &str) -> Result<()> {
    match consent.trim().chars().count() {
        0 => Err(field("consent", "だれが、いつ、どのように同意したかを書いてください。同意なしにはつなげません。")),
        n if n > MAX_WORDS => Err(field("consent", format!("{MAX_WORDS}文字までにしてください。"))),
        _ => Ok(()),
    }
}

/// Whether an entry is whole, whatever the case is.
pub(crate) fn looks_right(what: &What) -> Result<()> {
    let fits = |name: &'static str, text: &str| match text.trim().chars().count() {
        n if n > MAX_WORDS => Err(field(name, format!("{MAX_WORDS}文字までにしてください。"))),
        _ => Ok(()),
    };
    let needed = |name: &'static str, text: &str| match text.trim().is_empty() {
        true => Err(field(name, "書いてください。")),
        false => fits(name, text),
    };
    match what {
        What::Said { words } | What::Note { words } | What::PartnerSaid { words } => needed("words", words),
        What::Invited(invitation) => needed("purpose", &invitation.purpose),
        What::Uninvited { reason, .. } => needed("reason", reason),
        What::Disclosed(disclosed) => needed("title", &disclosed.title).and_then(|()| match disclosed.file {
            Some(_) => fits("words", &disclosed.words),
            None => needed("words", &disclosed.words),
        }),
        What::DisclosureWithdrawn(withdrawn) => needed("reason", &withdrawn.reason),
        What::Background(background) => {
            welfare::looks_right(background).and_then(|()| needed("words", &background.words))
        }
        What::Recommended(said) => needed("to", &said.to).and_then(|()| needed("words", &said.words)),
        What::RecommendationAnswered { words, .. } => needed("words", words),
        What::RecommendationOff { reason, .. } | What::ConferenceOff { reason, .. } => needed("reason", reason),
        What::ReferralMoved { reason, .. } => fits("reason", reason),
        What::HandedOver { note, .. } => fits("note", note),
        What::ConferencePlanned(conference) | What::ConferenceChanged(conference) => {
            needed("place", &conference.place).and_then(|()| conference::looks_right(conference))
        }
        What::ConferenceHeld(held) => needed("minutes", &held.minutes),
        What::SupportAsked(ask) => needed("words", &ask.words),
        What::SupportMoved(moved) => fits("reason", &moved.reason),
        What::Sign { why, .. } | What::Suspected { why, .. } | What::Judged { why, .. } => needed("why", why),
        What::FirstAction { done } | What::Action { done } => needed("done", done),
        What::Stopped { confirmed, .. } | What::Resolved { confirmed } => needed("confirmed", confirmed),
        What::Recurred { happened, .. } => needed("happened", happened),
        What::Task { todo, .. } => needed("todo", todo),
        What::Referred { to, purpose, .. } => needed("to", to).and_then(|()| needed("purpose", purpose)),
        What::ClockPaused { reason, .. } => needed("reason", reason),
        What::Closed { why, .. } | What::Reopened { why } => needed("why", why),
        What::Party(party) => party_looks_right(party),
        // Its bytes must be there first, and `attachment` alone knows that.
        What::Attached(_) => Err(rule("ファイルは、添付の欄から送ってください。")),
        What::MayorTold(report) => needed("school", &report.school)
            .and_then(|()| needed("child", &report.child))
            .and_then(|()| needed("situation", &report.situation)),
        _ => Ok(()),
    }
}

fn party_looks_right(party: &Party) -> Result<()> {
    if party.name.trim().is_empty() && !matches!(party.role, Role::Accused | Role::Witness) {
        return Err(field("name", "名前か、わかっている呼び方を書いてください。"));
    }
    Ok(())
}
