//! Sums over the facts in the database.

use std::collections::BTreeMap;

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
            pub waits: BTreeMap<i64, i64>,
        }

        impl $name {
            /// Adds facts up.
            const OF_FACTS: &'static str = concat!($("CAST(", $sql, " AS BIGINT) AS ", stringify!($field), ", ",)* "1 AS one");
            /// Adds sums of days up.
            const OF_DAYS: &'static str =
                concat!($("CAST(sum(", stringify!($field), ") AS BIGINT) AS ", stringify!($field), ", ",)* "1 AS one");
            /// Columns of a day's sums.
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn values(&self) -> Vec<Value> {
                vec![$(Value::from(self.$field)),*]
            }

            fn from_row(row: &Row) -> Result<Self> {
                Ok($name { $($field: row.get(stringify!($field))?,)* waits: BTreeMap::new() })
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

/// Which days of a period are read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Days<'a> {
    /// All.
    All,
    /// Only these.
    Only(&'a [Date]),
    /// All but these.
    Without(&'a [Date]),
}

impl Wanted {
    /// The condition, and its values after those that are there. `topic` and `channel` are the columns in which
    /// these stand.
    fn clause(&self, days: Days<'_>, topic: &str, channel: &str, values: &mut Vec<Value>) -> String {
        fn one(values: &mut Vec<Value>, value: Value) -> String {
            values.push(value);
            format!("${}", values.len())
        }
        let mut clauses = vec![
            format!("day >= {}", one(values, self.from.into())),
            format!("day <= {}", one(values, self.to.into())),
        ];
        let mut among = |column: &str, word: &str, found: Vec<Value>| {
            let places: Vec<String> = found.into_iter().map(|v| one(values, v)).collect();
            clauses.push(format!("{column} {word} ({})", places.join(", ")));
        };
        let texts = |days: &[Date]| days.iter().map(|d| Value::from(*d)).collect::<Vec<_>>();
        match days {
            Days::All | Days::Without([]) => {}
            Days::Only([]) => return "1 = 0".to_owned(),
            Days::Only(days) => among("day", "IN", texts(days)),
            Days::Without(days) => among("day", "NOT IN", texts(days)),
        }
        match self.sections.as_deref() {
            None => {}
            Some([]) => return "1 = 0".to_owned(),
            Some(sections) => among("section", "IN", sections.iter().map(Value::from).collect()),
        }
        if let Some(wanted) = &self.topic {
            among(topic, "IN", vec![wanted.into()]);
        }
        if let Some(wanted) = &self.channel {
            among(channel, "IN", vec![wanted.into()]);
        }
        clauses.join(" AND ")
    }

    /// The condition over facts.
    fn of_facts(&self, days: Days<'_>, values: &mut Vec<Value>) -> String {
        format!("merged = 0 AND {}", self.clause(days, "coalesce(topic, '')", "channel", values))
    }
}

/// The sums by the value of an expression over the facts, without the distribution of the waits.
pub(crate) async fn sums(
    tx: &mut Tx,
    key: &str,
    wanted: &Wanted,
    days: Days<'_>,
    l: Limits,
) -> Result<Vec<(String, Numbers)>> {
    let mut values = params![l.service_ms, l.first_reply_ms, l.repeat_ms, l.resolution_ms];
    let clause = wanted.of_facts(days, &mut values);
    let text = format!("SELECT {key} AS code, {} FROM contact_fact WHERE {clause} GROUP BY {key}", Numbers::OF_FACTS);
    let rows = tx.rows(Sql::built(text), values).await?;
    rows.iter().map(|r| Ok((r.get("code")?, Numbers::from_row(r)?))).collect()
}

/// The waits of answered contacts in whole open seconds, rounded up, with how many there are of each.
pub(crate) async fn waits(tx: &mut Tx, key: &str, wanted: &Wanted, days: Days<'_>) -> Result<Vec<(String, i64, i64)>> {
    let mut values = Vec::new();
    let clause = wanted.of_facts(days, &mut values);
    let text = format!(
        "SELECT {key} AS code, (wait_open_ms + 999) / 1000 AS seconds, count(*) AS n FROM contact_fact
         WHERE {clause} AND answered = 1 GROUP BY {key}, (wait_open_ms + 999) / 1000"
    );
    let rows = tx.rows(Sql::built(text), values).await?;
    rows.iter().map(|r| Ok((r.get("code")?, r.get("seconds")?, r.get("n")?))).collect()
}

/// How the sums of days are broken down, beside the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By nothing more.
    Section,
    /// By topic.
    Topic,
    /// By channel.
    Channel,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Section, Kind::Topic, Kind::Channel];

    const fn code(self) -> &'static str {
        match self {
            Kind::Section => "section",
            Kind::Topic => "topic",
            Kind::Channel => "channel",
        }
    }

    /// What stands in the column `code`, over facts.
    const fn expression(self) -> &'static str {
        match self {
            Kind::Section => "''",
            Kind::Topic => "coalesce(topic, '')",
            Kind::Channel => "channel",
        }
    }
}

/// The sums of days, by a column, with the waits.
pub(crate) async fn of_days(
    tx: &mut Tx,
    kind: Kind,
    key: &str,
    wanted: &Wanted,
    days: Days<'_>,
) -> Result<(Vec<(String, Numbers)>, Vec<(String, String)>)> {
    let mut values = params![kind.code()];
    let clause = wanted.clause(days, "code", "code", &mut values);
    let text = format!(
        "SELECT {key} AS line, {} FROM contact_figure WHERE kind = $1 AND {clause} GROUP BY {key}",
        Numbers::OF_DAYS
    );
    let rows = tx.rows(Sql::built(text), values.clone()).await?;
    let sums = rows.iter().map(|r| Ok((r.get("line")?, Numbers::from_row(r)?))).collect::<Result<_>>()?;
    let text = format!("SELECT {key} AS line, waits FROM contact_figure WHERE kind = $1 AND waits <> '' AND {clause}");
    let rows = tx.rows(Sql::built(text), values).await?;
    Ok((sums, rows.iter().map(|r| Ok((r.get("line")?, r.get("waits")?))).collect::<Result<_>>()?))
}

/// Days of a period whose sums are not those of their facts and limits, the newest first.
pub(crate) async fn stale(tx: &mut Tx, from: Date, to: Date, limits: &str) -> Result<Vec<Date>> {
    let rows = tx
        .rows(
            "SELECT day FROM figure_day WHERE day >= $1 AND day <= $2 AND (rolled <> version OR limits <> $3)
             ORDER BY day DESC",
            params![from, to, limits],
        )
        .await?;
    rows.iter().map(|r| r.get("day")).collect()
}

/// A line of a day's sums.
#[derive(Clone, Debug)]
pub(crate) struct Sum {
    kind: Kind,
    section: String,
    code: String,
    numbers: Numbers,
}

/// Adds the facts of a day up, in every way, with the version of the day that was read.
pub(crate) async fn roll(tx: &mut Tx, day: Date, l: Limits) -> Result<(i64, Vec<Sum>)> {
    let row = tx.row("SELECT version FROM figure_day WHERE day = $1", params![day]).await?;
    let Some(version) = row.map(|r| r.get("version")).transpose()? else { return Ok((0, Vec::new())) };
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let code = kind.expression();
        // Grouped by a column even where it is a constant: PostgreSQL takes no constants there.
        let by = if kind == Kind::Section { "section".to_owned() } else { format!("section, {code}") };
        let text = format!(
            "SELECT section, {code} AS code, {} FROM contact_fact WHERE day = $5 AND merged = 0 GROUP BY {by}",
            Numbers::OF_FACTS
        );
        let values = params![l.service_ms, l.first_reply_ms, l.repeat_ms, l.resolution_ms, day];
        let mut lines: BTreeMap<(String, String), Numbers> = BTreeMap::new();
        for r in tx.rows(Sql::built(text), values).await? {
            lines.insert((r.get("section")?, r.get("code")?), Numbers::from_row(&r)?);
        }
        let text = format!(
            "SELECT section, {code} AS code, (wait_open_ms + 999) / 1000 AS seconds, count(*) AS n FROM contact_fact
             WHERE day = $1 AND merged = 0 AND answered = 1 GROUP BY {by}, (wait_open_ms + 999) / 1000"
        );
        for r in tx.rows(Sql::built(text), params![day]).await? {
            if let Some(line) = lines.get_mut(&(r.get("section")?, r.get("code")?)) {
                line.waits.insert(r.get("seconds")?, r.get("n")?);
            }
        }
        found.extend(lines.into_iter().map(|((section, code), numbers)| Sum { kind, section, code, numbers }));
    }
    Ok((version, found))
}

/// Waits as they are stored: `seconds:count`, with blanks between.
fn waits_text(numbers: &Numbers) -> String {
    numbers.waits.iter().map(|(seconds, count)| format!("{seconds}:{count}")).collect::<Vec<_>>().join(" ")
}

/// Reads stored waits into numbers.
pub(crate) fn add_waits(numbers: &mut Numbers, text: &str) {
    for pair in text.split(' ') {
        let parsed = pair.split_once(':').and_then(|(s, n)| Some((s.parse::<i64>().ok()?, n.parse::<i64>().ok()?)));
        if let Some((seconds, count)) = parsed {
            *numbers.waits.entry(seconds).or_default() += count;
        }
    }
}

/// Puts a day's sums in the place of older ones.
pub(crate) async fn put(tx: &mut Tx, day: Date, version: i64, limits: &str, sums: Vec<Sum>) -> Result<()> {
    let newer = tx
        .execute(
            "UPDATE figure_day SET rolled = $2, limits = $3
             WHERE day = $1 AND (rolled < $2 OR (rolled = $2 AND limits <> $3))",
            params![day, version, limits],
        )
        .await?;
    if newer == 0 {
        return Ok(());
    }
    tx.execute("DELETE FROM contact_figure WHERE day = $1", params![day]).await?;
    let columns: Vec<&str> =
        ["kind", "day", "section", "code"].iter().chain(Numbers::COLUMNS).chain(&["waits"]).copied().collect();
    let rows = sums.into_iter().map(|s: Sum| {
        let mut values = params![s.kind.code(), day, &s.section, &s.code];
        values.extend(s.numbers.values());
        values.push(waits_text(&s.numbers).into());
        values
    });
    tx.insert_many("contact_figure", &columns, rows).await?;
    Ok(())
}

/// Contacts that wait for a person, by half hour of the day, over some days.
pub(crate) async fn half_hours(tx: &mut Tx, days: &[Date], wanted: &Wanted) -> Result<Vec<(i64, i64)>> {
    if days.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = Vec::new();
    let clause = wanted.of_facts(Days::Only(days), &mut values);
    let text = format!(
        "SELECT half_hour, count(*) AS n FROM contact_fact WHERE {clause} AND queued = 1
         GROUP BY half_hour ORDER BY half_hour"
    );
    let rows = tx.rows(Sql::built(text), values).await?;
    rows.iter().map(|r| Ok((r.get("half_hour")?, r.get("n")?))).collect()
}
