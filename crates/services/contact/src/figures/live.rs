//! The live board (現況): who waits, who answers, what is overdue just now. It reads how things stand, and today's
//! figures from the facts.

use std::collections::BTreeMap;

use calendar::Instant;
use city::Organisation;
use store::Tx;

use super::report::{By, Report, Wanted, report};
use crate::ContactError;
use crate::presence::{self, Presence};
use crate::store::figure_board as rows;

pub use crate::store::figure_board::Open;

/// Operators in one state of presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct There {
    /// The state.
    pub state: Presence,
    /// How many are in it.
    pub count: i64,
    /// Since when the first of them is.
    pub since: Instant,
}

/// How things stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Open contacts by channel and section (as it is called today); those who wait longest first.
    pub open: Vec<Open>,
    /// Operators by presence, in the order of [`Presence::ALL`]; without those who are away.
    pub there: Vec<There>,
    /// Questions to sections without an answer.
    pub side_questions: i64,
    /// Transfers that wait for a decision.
    pub transfers: i64,
    /// Of these overdue.
    pub transfers_late: i64,
    /// Call backs whose window has begun.
    pub call_backs: i64,
    /// Of these past the window.
    pub call_backs_late: i64,
    /// Today's figures, by channel.
    pub today: Report,
}

impl Board {
    /// How many wait for a person.
    pub fn waiting(&self) -> i64 {
        self.open.iter().map(|o| o.waiting).sum()
    }

    /// Since when whoever waits longest waits.
    pub fn waiting_since(&self) -> Option<Instant> {
        self.open.iter().filter_map(|o| o.waiting_since).min()
    }

    /// How many contacts a person has.
    pub fn held(&self) -> i64 {
        self.open.iter().map(|o| o.held).sum()
    }

    /// How many should have heard from a person by now.
    pub fn late(&self) -> i64 {
        self.open.iter().map(|o| o.late).sum()
    }
}

/// Of whom the board tells.
#[derive(Clone, Debug, Default)]
pub struct Whose {
    /// Stored codes of sections; `None` for the whole city.
    pub sections: Option<Vec<String>>,
    /// Accounts of the operators; `None` for all.
    pub accounts: Option<Vec<String>>,
}

/// Reads how things stand. `tx` only reads.
pub async fn board(
    tx: &mut Tx,
    organisation: &Organisation,
    now: Instant,
    whose: &Whose,
) -> Result<Board, ContactError> {
    let sections = whose.sections.as_deref();
    let today = now.jst_date();
    let mut open: BTreeMap<(String, String), Open> = BTreeMap::new();
    for row in rows::open(tx, sections, now).await? {
        let section = organisation.section(&row.section, today).map_or_else(|| row.section.clone(), |s| s.code.clone());
        let line = open.entry((row.channel.clone(), section.clone())).or_insert_with(|| Open {
            channel: row.channel.clone(),
            section,
            waiting: 0,
            waiting_since: None,
            held: 0,
            late: 0,
        });
        line.waiting += row.waiting;
        line.held += row.held;
        line.late += row.late;
        line.waiting_since = line.waiting_since.into_iter().chain(row.waiting_since).min();
    }
    let mut open: Vec<Open> = open.into_values().collect();
    open.sort_by_key(|o| (o.waiting_since.is_none(), o.waiting_since));
    let (transfers, transfers_late) = rows::transfers(tx, sections, now).await?;
    let (call_backs, call_backs_late) = rows::call_backs(tx, sections, now).await?;
    let wanted = Wanted { from: today, to: today, sections: whose.sections.clone(), topic: None, channel: None };
    Ok(Board {
        open,
        there: there(tx, whose.accounts.as_deref()).await?,
        side_questions: rows::side_questions(tx, sections).await?,
        transfers,
        transfers_late,
        call_backs,
        call_backs_late,
        today: report(tx, organisation, today, By::Channel, &wanted).await?,
    })
}

async fn there(tx: &mut Tx, accounts: Option<&[String]>) -> Result<Vec<There>, ContactError> {
    let operators = presence::all(tx).await?;
    let found = Presence::ALL.iter().filter(|state| **state != Presence::Away).filter_map(|state| {
        let own = operators
            .iter()
            .filter(|o| o.state == *state && accounts.is_none_or(|accounts| accounts.contains(&o.account)));
        let since = own.clone().map(|o| o.since).min()?;
        Some(There { state: *state, count: i64::try_from(own.count()).unwrap_or(i64::MAX), since })
    });
    Ok(found.collect())
}
