//! `[[city.desk]]`: desks besides the bullying desk, and clocks that the city runs otherwise.

use std::time::Duration;

use calendar::{Date, Period};
use casework::case::BULLYING;
use casework::clock::{Length, Rule};
use casework::kind::{Course, Keeper, Moment};
use casework::{Kind, Kinds};
use serde::Deserialize;

use crate::config::CityConfig;

/// A desk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeskConfig {
    code: String,
    name: Option<String>,
    number: Option<String>,
    sealed: Option<bool>,
    #[serde(default)]
    clock: Vec<ClockConfig>,
}

/// A clock of a desk; one with the code of a clock that is there, and the same `from`, comes in its place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockConfig {
    code: String,
    /// The clock is not there.
    #[serde(default)]
    off: bool,
    name: Option<String>,
    short: Option<String>,
    starts: Option<Vec<Moment>>,
    ends: Option<Vec<Moment>>,
    voids: Option<Vec<Moment>>,
    hours: Option<u32>,
    days: Option<u32>,
    business_days: Option<u32>,
    weeks: Option<u32>,
    months: Option<u32>,
    remind_hours: Option<u32>,
    from: Option<String>,
}

impl CityConfig {
    /// The kinds of case of this city.
    pub(crate) fn kinds(&self) -> Result<Kinds, String> {
        let kinds = self.desk.iter().map(kind).collect::<Result<Vec<_>, _>>()?;
        Kinds::new(kinds)
    }
}

fn kind(desk: &DeskConfig) -> Result<Kind, String> {
    let mut kind = if desk.code == BULLYING { Kind::bullying() } else { consultation(desk)? };
    if let Some(name) = &desk.name {
        kind.name.clone_from(name);
    }
    if let Some(number) = &desk.number {
        kind.number.clone_from(number);
    }
    if let Some(is_sealed) = desk.sealed {
        kind.keeper = if is_sealed { Keeper::Readers } else { Keeper::House };
    }
    for clock in &desk.clock {
        let place = |reason: String| format!("desk {:?}, clock {:?}: {reason}", desk.code, clock.code);
        change(&mut kind.rules, clock).map_err(place)?;
    }
    Ok(kind)
}

/// A desk of its own: it says what it is called and whether it is sealed, since neither can be guessed or changed later.
fn consultation(desk: &DeskConfig) -> Result<Kind, String> {
    if desk.name.is_none() || desk.number.is_none() || desk.sealed.is_none() {
        return Err(format!("desk {:?}: it needs name, number and sealed", desk.code));
    }
    Ok(Kind {
        desk: desk.code.clone(),
        name: String::new(),
        number: String::new(),
        keeper: Keeper::Readers,
        course: Course::Consultation,
        rules: Kind::consultation_rules(),
    })
}

fn change(rules: &mut Vec<Rule>, clock: &ClockConfig) -> Result<(), String> {
    let from = clock.from.as_deref().map(day).transpose()?;
    let place = rules.iter().position(|rule| rule.code == clock.code && rule.from == from);
    if clock.off {
        rules.remove(place.ok_or("there is no such clock to be turned off")?);
        return Ok(());
    }
    // What is left out is as in the clock with the same code.
    let base = rules.iter().filter(|rule| rule.code == clock.code).max_by_key(|rule| rule.from).cloned();
    let rule = changed(base, clock, from)?;
    match place {
        Some(place) => rules[place] = rule,
        None => rules.push(rule),
    }
    Ok(())
}

fn changed(base: Option<Rule>, clock: &ClockConfig, from: Option<Date>) -> Result<Rule, String> {
    let missing = |key: &str| format!("it is new, so it needs {key}");
    let base = base.as_ref();
    let name = clock.name.clone().or_else(|| base.map(|rule| rule.name.clone())).ok_or_else(|| missing("name"))?;
    let short = clock.short.clone().or_else(|| base.map(|rule| rule.short.clone())).unwrap_or_else(|| name.clone());
    let starts = clock.starts.clone().or_else(|| base.map(|rule| rule.starts.clone()));
    let ends = clock.ends.clone().or_else(|| base.map(|rule| rule.ends.clone()));
    let voids = clock.voids.clone().or_else(|| base.map(|rule| rule.voids.clone()));
    let length = match length(clock)? {
        Some(length) => length,
        None => base.map(|rule| rule.length).ok_or_else(|| missing("hours, days, business_days, weeks or months"))?,
    };
    let remind = match clock.remind_hours {
        Some(hours) => Duration::from_secs(u64::from(hours) * 3_600),
        None => base.map_or(Duration::from_secs(86_400), |rule| rule.remind),
    };
    Ok(Rule {
        code: clock.code.clone(),
        name,
        short,
        starts: starts.ok_or_else(|| missing("starts"))?,
        ends: ends.ok_or_else(|| missing("ends"))?,
        voids: voids.unwrap_or_else(|| vec![Moment::Closed]),
        length,
        remind,
        from,
    })
}

fn length(clock: &ClockConfig) -> Result<Option<Length>, String> {
    let all = [
        clock.hours.map(Length::Hours),
        clock.days.map(|n| Length::Counted(Period::Days(n))),
        clock.business_days.map(|n| Length::Counted(Period::BusinessDays(n))),
        clock.weeks.map(|n| Length::Counted(Period::Weeks(n))),
        clock.months.map(|n| Length::Counted(Period::Months(n))),
    ];
    let mut said = all.into_iter().flatten();
    match (said.next(), said.next()) {
        (_, Some(_)) => Err("name one length: hours, days, business_days, weeks or months".into()),
        (length, None) => Ok(length),
    }
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("from = {text:?}: write a day as 2027-04-01"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Result<Kinds, String> {
        let whole = format!("name = \"a\"\nhosts = [\"h\"]\ndatabase = \"sqlite:a\"\n{text}");
        toml::from_str::<CityConfig>(&whole).map_err(|error| error.to_string())?.kinds()
    }

    const DESK: &str = "[[desk]]\ncode = \"kurashi\"\nname = \"くらしの相談\"\nnumber = \"相談\"\nsealed = false\n";

    #[test]
    fn a_city_without_desks_has_the_bullying_desk() {
        assert_eq!(kinds("").expect("kinds"), Kinds::default());
    }

    #[test]
    fn a_desk_of_its_own_has_the_clocks_of_a_consultation() {
        let kinds = kinds(DESK).expect("kinds");
        let kind = kinds.of("kurashi").expect("there");
        assert!(!kind.is_sealed());
        assert_eq!((kind.name.as_str(), kind.course), ("くらしの相談", Course::Consultation));
        assert_eq!(kind.rules, Kind::consultation_rules());
    }

    #[test]
    fn clocks_are_changed_added_and_turned_off() {
        let text = format!(
            "{DESK}[[desk.clock]]\ncode = \"closing\"\ndays = 30\nname = \"終結（30日以内）\"\n\
             [[desk.clock]]\ncode = \"closing\"\ndays = 10\nfrom = \"2027-04-01\"\n\
             [[desk.clock]]\ncode = \"first_action\"\noff = true\n\
             [[desk.clock]]\ncode = \"again\"\nname = \"もう一度連絡\"\nstarts = [\"first_action\"]\nends = [\"action\"]\nweeks = 2\nremind_hours = 48\n"
        );
        let kinds = kinds(&text).expect("kinds");
        let rules = &kinds.of("kurashi").expect("there").rules;
        let seen: Vec<_> = rules.iter().map(|rule| (rule.code.as_str(), rule.length, rule.from)).collect();
        let days = |n| Length::Counted(Period::Days(n));
        assert_eq!(
            seen,
            [
                ("closing", days(30), None),
                ("closing", days(10), Some(Date::constant(2027, 4, 1))),
                ("again", Length::Counted(Period::Weeks(2)), None),
            ]
        );
        assert_eq!(rules[2].short, "もう一度連絡");
        assert_eq!(rules[2].voids, [Moment::Closed]);
        assert_eq!(rules[2].remind, Duration::from_secs(48 * 3_600));
        // The bullying desk's clocks can be changed as well.
        let text = "[[desk]]\ncode = \"bullying\"\n[[desk.clock]]\ncode = \"first_action\"\nhours = 12\nname = \"初動（12時間以内）\"\n";
        let kinds = super::tests::kinds(text).expect("kinds");
        let bullying = kinds.of(BULLYING).expect("there");
        assert_eq!(bullying.rule("first_action").map(|rule| rule.length), Some(Length::Hours(12)));
        assert_eq!(bullying.rules.len(), Kind::bullying().rules.len());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let clock = |lines: &str| format!("{DESK}[[desk.clock]]\n{lines}\n");
        for (text, said) in [
            ("[[desk]]\ncode = \"kurashi\"\nname = \"x\"\n".into(), "needs name, number and sealed"),
            ("[[desk]]\ncode = \"bullying\"\nsealed = false\n".into(), "always sealed"),
            (format!("{DESK}{DESK}"), "twice"),
            (clock("code = \"x\"\noff = true"), "no such clock"),
            (clock("code = \"closing\"\ndays = 1\nhours = 1"), "one length"),
            (clock("code = \"closing\"\nfrom = \"2027-4\""), "2027-04-01"),
            (clock("code = \"new\"\nname = \"x\"\nstarts = [\"opened\"]\nends = [\"closed\"]"), "it needs hours"),
            (clock("code = \"new\"\nname = \"x\"\nhours = 1\nends = [\"closed\"]"), "it needs starts"),
            (clock("code = \"closing\"\nstarts = [\"openned\"]"), "openned"),
            (clock("code = \"closing\"\nhour = 1"), "hour"),
        ] {
            let fault = kinds(&text).expect_err("refused");
            assert!(fault.contains(said), "{said:?}: {fault}");
        }
    }
}
