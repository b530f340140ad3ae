//! Sums over the facts in the database.

use calendar::Date;
use store::{Result, Row, Sql, Tx, Value, params};

/// Makes a struct of sums, the SQL that adds each of them up, and what reads and adds them.
macro_rules! sums {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident = $sql:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$fmeta])* pub $field: i64,)*
            /// Waits of answered contacts in whole open seconds, rounded up, with how many there are of each.
            pub waits: std::collections::BTreeMap<i64, i64>,
        }

        impl $name {
            const SQL: &'static str = concat!($("CAST(", $sql, " AS BIGINT) AS ", stringify!($field), ", ",)* "1 AS one");

            fn from_row(row: &Row) -> Result<Self> {
                Ok($name { $($field: row.get(stringify!($field))?,)* waits: std::collections::BTreeMap::new() })
            }

            /// Adds the numbers of other contacts.
            pub fn add(&mut self, other: &$name) {
                $(self.$field += other.$field;)*
                for (seconds, count) in &other.waits {
                    *self.waits.entry(*seconds).or_default() += count;
                }
            }
        }
    };
}

sums! {
    /// What is added up over contacts. `$1`, `$2`, `$3` and `$4` are the limits of [`Limits`].
    Numbers {
        /// Contacts.
        contacts = "count(*)",
        /// That waited for a person in the queue.
        queued = "sum(queued)",
        /// Of these taken by a person.
        answered = "sum(answered)",
        /// Of these left by the citizen before.
        abandoned = "sum(abandoned)",
        /// Taken within the seconds of the service level.
        in_time = "sum(CASE WHEN wait_open_ms <= $1 THEN answered ELSE 0 END)",
        /// Left within these seconds.
        abandoned_early = "sum(CASE WHEN wait_open_ms <= $1 THEN abandoned ELSE 0 END)",
        /// Waits of the answered ones, open milliseconds.
        wait_open_ms = "sum(CASE WHEN answered = 1 THEN wait_open_ms ELSE 0 END)",
        /// The same by the clock.
        wait_ms = "sum(CASE WHEN answered = 1 THEN wait_ms ELSE 0 END)",
        /// That got a first answer of a person.
        replied = "count(first_reply_ms)",
        /// Times until then, open milliseconds.
        first_reply_ms = "sum(coalesce(first_reply_ms, 0))",
        /// Of these within the city's target.
        replied_in_time = "sum(CASE WHEN first_reply_ms <= $2 THEN 1 ELSE 0 END)",
        /// That a person took.
        handled = "sum(handled)",
        /// Of these with a whole handling time.
        finished = "sum(finished)",
        /// Talk of these, milliseconds.
        talk_ms = "sum(finished * talk_ms)",
        /// Hold of these.
        hold_ms = "sum(finished * hold_ms)",
        /// Work after these.
        wrap_up_ms = "sum(finished * wrap_up_ms)",
        /// That were resolved at some time.
        ended = "sum(ended)",
        /// Of these that came back within the city's days.
        returned = "sum(CASE WHEN returned_ms <= $3 THEN ended ELSE 0 END)",
        /// That are resolved.
        resolved = "count(resolved_at)",
        /// Times until then, open milliseconds.
        resolution_ms = "sum(coalesce(resolution_ms, 0))",
        /// Of these within the city's target.
        resolved_in_time = "sum(CASE WHEN resolution_ms <= $4 THEN 1 ELSE 0 END)",
        /// Transfers that were accepted.
        transfers = "sum(transfers)",
        /// Transfers that were declined.
        transfers_declined = "sum(transfers_declined)",
        /// Contacts that were transferred twice or more often.
        passed_around = "sum(CASE WHEN transfers >= 2 THEN 1 ELSE 0 END)",
        /// How often citizens told the matter once more.
        explained_again = "sum(explained_again)",
        /// In which the bot said something to the matter.
        bot_spoke = "sum(bot_spoke)",
        /// Of these that the bot answered alone.
        bot_alone = "sum(bot_alone)",
        /// Of these in which the bot was not sure.
        refused = "sum(refused)",
        /// Answers found to be wrong.
        wrong_answers = "sum(wrong_answers)",
        /// That citizens rated.
        rated = "count(rating)",
        /// Their points.
        points = "sum(coalesce(rating, 0))",
        /// Of these with 4 or 5 points.
        satisfied = "sum(CASE WHEN rating >= 4 THEN 1 ELSE 0 END)",
        /// Call backs promised.
        call_backs_asked = "sum(call_backs_asked)",
        /// Of these made.
        call_backs_kept = "sum(call_backs_kept)",
        /// Of these within the window.
        call_backs_in_time = "sum(call_backs_in_time)",
        /// Given up.
        call_backs_given_up = "sum(call_backs_given_up)",
        /// Incidents against the staff.
        incidents = "sum(incidents)",
        /// How long they lasted, milliseconds.
        incident_ms = "sum(incident_ms)",
    }
}

/// The limits that decide what is in time, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Service level: taken by a person within.
    pub service_ms: i64,
    /// First answer within.
    pub first_reply_ms: i64,
    /// Who comes back within was not served at once.
    pub repeat_ms: i64,
    /// Resolved within.
    pub resolution_ms: i64,
}

/// Which contacts are added up.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// First day on which they began.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Stored codes of the section that was accountable last; `None` for all.
    pub sections: Option<Vec<String>>,
    /// Only of this topic; empty for those without.
    pub topic: Option<String>,
    /// Only of this channel.
    pub channel: Option<String>,
}

impl Wanted {
    /// The condition, and its values after those that are there.
    fn clause(&self, values: &mut Vec<Value>) -> String {
        let mut one = |value: Value| {
            values.push(value);
            format!("${}", values.len())
        };
        let mut clauses = vec![
            format!("day >= {}", one(self.from.into())),
            format!("day <= {}", one(self.to.into())),
            "merged = 0".to_owned(),
        ];
        if let Some(sections) = &self.sections {
            let places: Vec<String> = sections.iter().map(|s| one(s.into())).collect();
            clauses.push(if places.is_empty() {
                "1 = 0".into()
            } else {
                format!("section IN ({})", places.join(", "))
            });
        }
        if let Some(topic) = &self.topic {
            clauses.push(format!("coalesce(topic, '') = {}", one(topic.into())));
        }
        if let Some(channel) = &self.channel {
            clauses.push(format!("channel = {}", one(channel.into())));
        }
        clauses.join(" AND ")
    }
}

/// The sums by the value of an expression over the facts, without the distribution of the waits.
pub(crate) async fn sums(tx: &mut Tx, key: &'static str, wanted: &Wanted, l: Limits) -> Result<Vec<(String, Numbers)>> {
    let mut values = params![l.service_ms, l.first_reply_ms, l.repeat_ms, l.resolution_ms];
    let clause = wanted.clause(&mut values);
    let text = format!("SELECT {key} AS code, {} FROM contact_fact WHERE {clause} GROUP BY {key}", Numbers::SQL);
    let rows = tx.rows(Sql::built(text), values).await?;
    rows.iter().map(|r| Ok((r.get("code")?, Numbers::from_row(r)?))).collect()
}

/// The waits of answered contacts in whole open seconds, rounded up, with how many there are of each.
pub(crate) async fn waits(tx: &mut Tx, key: &'static str, wanted: &Wanted) -> Result<Vec<(String, i64, i64)>> {
    let mut values = Vec::new();
    let clause = wanted.clause(&mut values);
    let text = format!(
        "SELECT {key} AS code, (wait_open_ms + 999) / 1000 AS seconds, count(*) AS n FROM contact_fact
         WHERE {clause} AND answered = 1 GROUP BY {key}, (wait_open_ms + 999) / 1000"
    );
    let rows = tx.rows(Sql::built(text), values).await?;
    rows.iter().map(|r| Ok((r.get("code")?, r.get("seconds")?, r.get("n")?))).collect()
}

/// Contacts that wait for a person, by half hour of the day, over some days.
pub(crate) async fn half_hours(tx: &mut Tx, days: &[Date], wanted: &Wanted) -> Result<Vec<(i64, i64)>> {
    if days.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = Vec::new();
    let clause = wanted.clause(&mut values);
    let places: Vec<String> = days
        .iter()
        .map(|day| {
            values.push((*day).into());
            format!("${}", values.len())
        })
        .collect();
    let text = format!(
        "SELECT half_hour, count(*) AS n FROM contact_fact WHERE {clause} AND queued = 1 AND day IN ({})
         GROUP BY half_hour ORDER BY half_hour",
        places.join(", ")
    );
    let rows = tx.rows(Sql::built(text), values).await?;
    rows.iter().map(|r| Ok((r.get("half_hour")?, r.get("n")?))).collect()
}
