//! Support that a family asks for (支援金): lawyer's fees, a change of school. A small workflow; the amounts are the city's.

use calendar::Instant;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::entry::What;
use crate::error::{field, rule};
use crate::seal::Placed;

/// What for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupportKind {
    /// 弁護士費用.
    LawyerFee,
    /// 転校にかかる費用.
    SchoolChange,
    /// その他.
    Other,
}

impl SupportKind {
    /// All, in the order of the form.
    pub const ALL: [SupportKind; 3] = [SupportKind::LawyerFee, SupportKind::SchoolChange, SupportKind::Other];

    /// What people see.
    pub const fn name(self) -> &'static str {
        match self {
            SupportKind::LawyerFee => "弁護士費用",
            SupportKind::SchoolChange => "転校にかかる費用",
            SupportKind::Other => "その他",
        }
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupportState {
    /// 申請.
    Asked,
    /// 審査中.
    Examining,
    /// 決定.
    Granted,
    /// 不承認.
    Refused,
    /// 支払済み.
    Paid,
    /// 取り下げ.
    Withdrawn,
}

impl SupportState {
    /// What may come next.
    pub const fn next(self) -> &'static [SupportState] {
        use SupportState::{Asked, Examining, Granted, Paid, Refused, Withdrawn};
        match self {
            Asked => &[Examining, Withdrawn],
            Examining => &[Granted, Refused, Withdrawn],
            Granted => &[Paid, Withdrawn],
            Refused | Paid | Withdrawn => &[],
        }
    }

    /// What people see.
    pub const fn name(self) -> &'static str {
        match self {
            SupportState::Asked => "申請",
            SupportState::Examining => "審査中",
            SupportState::Granted => "決定",
            SupportState::Refused => "不承認",
            SupportState::Paid => "支払済み",
            SupportState::Withdrawn => "取り下げ",
        }
    }
}

/// What was asked for, as its entry holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportAsk {
    /// Its id in this case.
    pub id: String,
    /// What for.
    pub kind: SupportKind,
    /// The words.
    pub words: String,
    /// How much, in yen, where it is known.
    #[serde(default)]
    pub amount_yen: Option<u32>,
}

/// It stands differently, as its entry holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportMove {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub state: SupportState,
    /// Why; must be there where it was refused.
    #[serde(default)]
    pub reason: String,
    /// How much was granted or paid, in yen.
    #[serde(default)]
    pub amount_yen: Option<u32>,
}

/// Support as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// What was asked for.
    pub ask: SupportAsk,
    /// When.
    pub asked_at: Instant,
    /// How it stands.
    pub state: SupportState,
    /// Since when.
    pub moved_at: Instant,
    /// Why it stands so.
    pub reason: String,
    /// How much was granted, in yen.
    pub granted_yen: Option<u32>,
    /// How much was paid, in yen.
    pub paid_yen: Option<u32>,
}

/// Takes an entry into the support of a case.
pub(crate) fn take(all: &mut Vec<Support>, placed: &Placed) {
    let at = placed.entry.at;
    match &placed.entry.what {
        What::SupportAsked(ask) => all.push(Support {
            ask: ask.clone(),
            asked_at: at,
            state: SupportState::Asked,
            moved_at: at,
            reason: String::new(),
            granted_yen: None,
            paid_yen: None,
        }),
        What::SupportMoved(moved) => {
            let Some(known) = all.iter_mut().find(|known| known.ask.id == moved.id) else { return };
            (known.state, known.moved_at, known.reason) = (moved.state, at, moved.reason.clone());
            match moved.state {
                SupportState::Granted => known.granted_yen = moved.amount_yen,
                // Without an amount, what was granted was paid.
                SupportState::Paid => known.paid_yen = moved.amount_yen.or(known.granted_yen),
                _ => {}
            }
        }
        _ => {}
    }
}

pub(crate) fn may_ask(all: &[Support], ask: &SupportAsk) -> Result<()> {
    if all.iter().any(|known| known.ask.id == ask.id) {
        return Err(rule("この支援は、もう記録されています。"));
    }
    Ok(())
}

/// Whether support may come to stand so. Money is granted with an amount, and no more is paid than was granted.
pub(crate) fn may_move(all: &[Support], moved: &SupportMove) -> Result<()> {
    let Some(known) = all.iter().find(|known| known.ask.id == moved.id) else {
        return Err(rule("その支援は、ありません。"));
    };
    if !known.state.next().contains(&moved.state) {
        return Err(rule("支援の状態は、そのようには変えられません。"));
    }
    match (moved.state, moved.amount_yen) {
        (SupportState::Refused, _) if moved.reason.trim().is_empty() => {
            Err(field("reason", "承認しない理由を書いてください。"))
        }
        (SupportState::Granted, None | Some(0)) if known.ask.kind != SupportKind::Other => {
            Err(field("amount_yen", "決定した金額を書いてください。"))
        }
        (SupportState::Paid, Some(paid)) if known.granted_yen.is_some_and(|granted| paid > granted) => {
            Err(field("amount_yen", "決定した金額より多くは支払えません。"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "support_tests.rs"]
mod tests;
