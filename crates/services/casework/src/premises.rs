//! What a process holds for its sealed desks, and what it must know of the city before it touches a case.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ::store::Db;
use access::store::account as accounts;
use calendar::{BusinessCalendar, Clock};
use city::Organisation;

use crate::attachment::Blobs;
use crate::{House, Kinds, OuterKeys, Result};

/// How long a case is kept after its end, unless the city says otherwise.
pub const KEPT: Duration = Duration::from_secs(5 * 365 * 86_400);

/// Name of the setting with the passphrase of a demo city's desk, so that the page can show it where simulators are on.
pub const DEMO_SETTING: &str = "demo.passphrase";

/// What a process holds for the sealed desks of a city, besides its database.
#[derive(Clone)]
pub struct Keeping {
    /// The keys that lie outside the database and its backups.
    pub outer: Arc<dyn OuterKeys>,
    /// The bytes of sealed files.
    pub blobs: Arc<dyn Blobs>,
    /// How dear a derivation from a passphrase or a receipt is.
    pub cost: vault::Cost,
    /// How long a case is kept after its end.
    pub kept: Duration,
    /// The kinds of case that the city has.
    pub kinds: Arc<Kinds>,
}

impl std::fmt::Debug for Keeping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeping").field("kept", &self.kept).finish_non_exhaustive()
    }
}

type Sections = Box<dyn Fn(&str) -> Vec<String> + Send + Sync>;

/// All that a request or a job needs to work on sealed cases.
pub struct Premises {
    keeping: Keeping,
    db: Db,
    clock: Arc<dyn Clock>,
    calendar: BusinessCalendar,
    sections: Sections,
}

impl Premises {
    /// Reads who is assigned to which section today: under the code that was written down, and under that of the
    /// section which answers for it now.
    pub async fn read(
        keeping: Keeping,
        db: Db,
        clock: Arc<dyn Clock>,
        organisation: &Organisation,
    ) -> Result<Premises> {
        let today = clock.now().jst_date();
        let mut tx = db.read().await?;
        let assignments = accounts::assignments(&mut tx, None).await?;
        drop(tx);
        let mut by_account: HashMap<String, Vec<String>> = HashMap::new();
        for held in assignments {
            if held.valid_from > today || held.valid_to.is_some_and(|last| last < today) {
                continue;
            }
            let codes = by_account.entry(held.account).or_default();
            if let Some(now) = organisation.section(&held.section, today).filter(|now| now.code != held.section) {
                codes.push(now.code.clone());
            }
            codes.push(held.section);
        }
        Ok(Premises {
            keeping,
            db,
            clock,
            calendar: organisation.business_calendar(),
            sections: Box::new(move |account| by_account.get(account).cloned().unwrap_or_default()),
        })
    }

    /// As the service takes it.
    pub fn house(&self) -> House<'_> {
        House {
            db: &self.db,
            clock: self.clock.as_ref(),
            outer: self.keeping.outer.as_ref(),
            cost: self.keeping.cost,
            calendar: &self.calendar,
            sections: self.sections.as_ref(),
            kept: self.keeping.kept,
            kinds: &self.keeping.kinds,
        }
    }

    /// The bytes of sealed files.
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.keeping.blobs
    }
}
