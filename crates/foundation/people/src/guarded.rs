//! Values that come out only through policy: addresses, places, names.
//!
//! They have no `Display`, no `Serialize` and no `Deref`; their `Debug` shows nothing.
//!
//! ```
//! fn on_a_page(address: &people::ChannelAddress) -> String {
//!     address.reveal(people::Viewing::staff(false)).to_string()
//! }
//! ```
//!
//! No page, mail, export or log can show one by accident:
//!
//! ```compile_fail,E0277
//! fn leak(address: &people::ChannelAddress) -> String { format!("{address}") }
//! ```
//! ```compile_fail,E0277
//! fn leak(place: &people::Whereabouts) -> String { format!("{place}") }
//! ```
//! ```compile_fail,E0277
//! fn leak(name: &people::PersonName) -> String { format!("{name}") }
//! ```
//! ```compile_fail,E0277
//! fn leak(address: &people::ChannelAddress) -> serde_json::Value { serde_json::json!(address) }
//! ```
//! ```compile_fail,E0277
//! fn leak(place: &people::Whereabouts) -> serde_json::Value { serde_json::json!(place) }
//! ```
//! ```compile_fail,E0277
//! fn leak(name: &people::PersonName) -> serde_json::Value { serde_json::json!(name) }
//! ```
//! ```compile_fail,E0614
//! fn leak(address: people::ChannelAddress) -> String { *address }
//! ```
//! ```compile_fail,E0308
//! fn leak(address: &people::ChannelAddress) -> &str { address }
//! ```

use std::fmt;

/// What stands where something is hidden.
pub const HIDDEN: &str = "秘匿";
/// What stands where something is masked.
const MASK: &str = "•••";

/// What a value is to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A channel sends to it.
    Deliver,
    /// A page of the staff face.
    StaffScreen,
    /// Text of a letter or a mail.
    Letter,
    /// A file that leaves the house: CSV, XLSX, open data.
    Export,
    /// An iCalendar entry or feed.
    Calendar,
    /// A log line, a trace, an error message.
    Log,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Purpose; 6] =
        [Purpose::Deliver, Purpose::StaffScreen, Purpose::Letter, Purpose::Export, Purpose::Calendar, Purpose::Log];
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The address of a channel.
    Address,
    /// A postal address or whereabouts.
    Place,
    /// The name of a person, the label of a household.
    Name,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 3] = [Kind::Address, Kind::Place, Kind::Name];
}

/// How the person stands to secrecy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// No secrecy.
    Open,
    /// Under secrecy.
    Secret,
    /// Under secrecy; the person says that this address is safe all the same.
    SecretSafe,
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The value.
    Show,
    /// The value to those who may read persons, a masked one to others.
    ReadersElseMask,
    /// The value to those who may read persons, nothing to others.
    ReadersElseHide,
    /// Nothing.
    Hide,
}

/// The policy: kind, purpose, and the rule without secrecy, under it, and under it at a safe address.
///
/// Exports never hold addresses, places or names: whoever wants to write to persons queues messages.
/// Calendars are read by other people's telephones, so they hold none either. A name is not
/// whereabouts; without it nobody could look after a person under secrecy, so readers of persons see it.
pub const POLICY: &[(Kind, Purpose, [Rule; 3])] = &[
    (Kind::Address, Purpose::Deliver, [Rule::Show, Rule::Hide, Rule::Show]),
    (Kind::Address, Purpose::StaffScreen, [Rule::ReadersElseMask, Rule::Hide, Rule::Hide]),
    (Kind::Address, Purpose::Letter, [Rule::Show, Rule::Hide, Rule::Hide]),
    (Kind::Address, Purpose::Export, [Rule::Hide, Rule::Hide, Rule::Hide]),
    (Kind::Address, Purpose::Calendar, [Rule::Hide, Rule::Hide, Rule::Hide]),
    (Kind::Address, Purpose::Log, [Rule::Hide, Rule::Hide, Rule::Hide]),
    (Kind::Place, Purpose::Deliver, [Rule::Show, Rule::Hide, Rule::Hide]),
    (Kind::Place, Purpose::StaffScreen, [Rule::ReadersElseMask, Rule::Hide, Rule::Hide]),
    (Kind::Place, Purpose::Letter, [Rule::Show, Rule::Hide, Rule::Hide]),
    (Kind::Place, Purpose::Export, [Rule::Hide, Rule::Hide, Rule::Hide]),
    (Kind::Place, Purpose::Calendar, [Rule::Hide, Rule::Hide, Rule::Hide]),
    (Kind::Place, Purpose::Log, [Rule::Hide, Rule::Hide, Rule::Hide]),
    (Kind::Name, Purpose::Deliver, [Rule::Show, Rule::Hide, Rule::Hide]),
    (Kind::Name, Purpose::StaffScreen, [Rule::ReadersElseMask, Rule::ReadersElseHide, Rule::ReadersElseHide]),
    (Kind::Name, Purpose::Letter, [Rule::Show, Rule::Hide, Rule::Hide]),
    (Kind::Name, Purpose::Export, [Rule::Hide, Rule::Hide, Rule::Hide]),
    (Kind::Name, Purpose::Calendar, [Rule::Hide, Rule::Hide, Rule::Hide]),
    (Kind::Name, Purpose::Log, [Rule::Hide, Rule::Hide, Rule::Hide]),
];

/// The rule for a case; what is not in the table is hidden.
pub fn rule(kind: Kind, purpose: Purpose, guard: Guard) -> Rule {
    let column = match guard {
        Guard::Open => 0,
        Guard::Secret => 1,
        Guard::SecretSafe => 2,
    };
    POLICY.iter().find(|(k, p, _)| (*k, *p) == (kind, purpose)).map_or(Rule::Hide, |(_, _, rules)| rules[column])
}

/// Who looks, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewing {
    /// What for.
    pub purpose: Purpose,
    /// Whether who looks may read persons (`Principal::may(Action::PersonRead)`).
    pub reads_persons: bool,
}

impl Viewing {
    /// For a purpose behind which nobody stands who may read persons.
    pub const fn of(purpose: Purpose) -> Self {
        Viewing { purpose, reads_persons: false }
    }

    /// A channel that sends.
    pub const fn deliver() -> Self {
        Viewing::of(Purpose::Deliver)
    }

    /// A page for a member of the staff.
    pub const fn staff(reads_persons: bool) -> Self {
        Viewing { purpose: Purpose::StaffScreen, reads_persons }
    }

    /// Text of a letter or a mail.
    pub const fn letter() -> Self {
        Viewing::of(Purpose::Letter)
    }
}

/// What the policy lets out. Its `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub enum Shown {
    /// The value, or a masked form of it.
    Text(String),
    /// Hidden; prints as 秘匿.
    Secret,
}

impl Shown {
    /// The text, if it is shown.
    pub fn text(&self) -> Option<&str> {
        match self {
            Shown::Text(text) => Some(text),
            Shown::Secret => None,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().unwrap_or(HIDDEN))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Shown::Secret { "Shown::Secret" } else { "Shown::Text(…)" })
    }
}

impl ChannelAddress {
    /// Takes the address out of a text, such as what a server said, and with it every word that looks
    /// like an address: each becomes three dots. Nothing of the address is let out by this.
    pub fn blot(&self, text: &str) -> String {
        blotted(text, &self.0.value)
    }
}

/// One line of a text in which words that are or hold an address are three dots; `own` may be empty.
pub(crate) fn blotted(text: &str, own: &str) -> String {
    let local = own.split('@').next().unwrap_or_default().to_lowercase();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    let kept: Vec<&str> = words
        .map(|word| {
            let lower = word.to_lowercase();
            let mail = lower.contains(['@', '＠']) || lower.contains("%40");
            let named = local.chars().count() > 2 && lower.contains(&local);
            if mail || named { MASK } else { word }
        })
        .collect();
    kept.join(" ")
}

/// What all guarded types are inside.
#[derive(Clone)]
struct Guarded {
    value: String,
    guard: Guard,
}

impl Guarded {
    fn reveal(&self, kind: Kind, viewing: Viewing) -> Shown {
        let shown = match rule(kind, viewing.purpose, self.guard) {
            Rule::Show => self.value.clone(),
            Rule::ReadersElseMask | Rule::ReadersElseHide if viewing.reads_persons => self.value.clone(),
            Rule::ReadersElseMask => masked(kind, &self.value),
            Rule::ReadersElseHide | Rule::Hide => return Shown::Secret,
        };
        Shown::Text(shown)
    }
}

/// `m•••@example.jp`, always with three dots, so that the length is not told; of anything else only the dots.
fn masked(kind: Kind, value: &str) -> String {
    match (kind, value.chars().next(), value.rsplit_once('@')) {
        (Kind::Address, Some(first), Some((local, domain))) if local.chars().count() > 1 => {
            format!("{first}{MASK}@{domain}")
        }
        (Kind::Address, _, Some((_, domain))) => format!("{MASK}@{domain}"),
        _ => MASK.to_owned(),
    }
}

macro_rules! guarded {
    ($($(#[$doc:meta])* $name:ident $kind:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Guarded);

        impl $name {
            pub(crate) fn new(value: String, guard: Guard) -> Self {
                $name(Guarded { value, guard })
            }

            /// What the policy lets out for this use.
            pub fn reveal(&self, viewing: Viewing) -> Shown {
                self.0.reveal(Kind::$kind, viewing)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

guarded! {
    /// The address of a channel, such as a mail address.
    ChannelAddress Address;
    /// A postal address or whereabouts.
    Whereabouts Place;
    /// The name of a person or the label of a household.
    PersonName Name;
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "minato@example.jp";

    #[test]
    fn every_cell_stands_in_the_table_once() {
        for kind in Kind::ALL {
            for purpose in Purpose::ALL {
                let rows = POLICY.iter().filter(|(k, p, _)| (*k, *p) == (kind, purpose)).count();
                assert_eq!(rows, 1, "{kind:?} {purpose:?}");
            }
        }
    }

    #[test]
    fn under_secrecy_only_a_safe_address_comes_out_and_only_for_delivery() {
        for kind in [Kind::Address, Kind::Place] {
            for purpose in Purpose::ALL {
                for guard in [Guard::Secret, Guard::SecretSafe] {
                    for reads_persons in [true, false] {
                        let shown =
                            Guarded { value: VALUE.into(), guard }.reveal(kind, Viewing { purpose, reads_persons });
                        let open = (kind, purpose, guard) == (Kind::Address, Purpose::Deliver, Guard::SecretSafe);
                        assert_eq!(shown.text().is_some(), open, "{kind:?} {purpose:?} {guard:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn without_secrecy_each_use_sees_what_it_needs() {
        let address = ChannelAddress::new(VALUE.into(), Guard::Open);
        let seen = |purpose, reads_persons| address.reveal(Viewing { purpose, reads_persons }).to_string();
        for reads in [true, false] {
            assert_eq!(seen(Purpose::Deliver, reads), VALUE);
            assert_eq!(seen(Purpose::Letter, reads), VALUE);
            assert_eq!(seen(Purpose::Export, reads), HIDDEN);
            assert_eq!(seen(Purpose::Calendar, reads), HIDDEN);
            assert_eq!(seen(Purpose::Log, reads), HIDDEN);
        }
        assert_eq!(seen(Purpose::StaffScreen, true), VALUE);
        assert_eq!(seen(Purpose::StaffScreen, false), "m•••@example.jp");
    }

    #[test]
    fn names_and_places_cell_by_cell() {
        let text = "港町1丁目";
        for (guard, purpose, reads, place, name) in [
            (Guard::Open, Purpose::Deliver, false, text, text),
            (Guard::Open, Purpose::StaffScreen, true, text, text),
            (Guard::Open, Purpose::StaffScreen, false, "•••", "•••"),
            (Guard::Open, Purpose::Letter, false, text, text),
            (Guard::Open, Purpose::Export, true, HIDDEN, HIDDEN),
            (Guard::Open, Purpose::Calendar, true, HIDDEN, HIDDEN),
            (Guard::Open, Purpose::Log, true, HIDDEN, HIDDEN),
            (Guard::Secret, Purpose::Deliver, true, HIDDEN, HIDDEN),
            (Guard::Secret, Purpose::StaffScreen, true, HIDDEN, text),
            (Guard::Secret, Purpose::StaffScreen, false, HIDDEN, HIDDEN),
            (Guard::Secret, Purpose::Letter, true, HIDDEN, HIDDEN),
            (Guard::Secret, Purpose::Export, true, HIDDEN, HIDDEN),
            (Guard::Secret, Purpose::Calendar, true, HIDDEN, HIDDEN),
            (Guard::Secret, Purpose::Log, true, HIDDEN, HIDDEN),
        ] {
            let viewing = Viewing { purpose, reads_persons: reads };
            assert_eq!(
                Whereabouts::new(text.into(), guard).reveal(viewing).to_string(),
                place,
                "{guard:?} {purpose:?}"
            );
            assert_eq!(PersonName::new(text.into(), guard).reveal(viewing).to_string(), name, "{guard:?} {purpose:?}");
        }
    }

    #[test]
    fn what_servers_say_is_kept_without_addresses() {
        let address = ChannelAddress::new(VALUE.into(), Guard::Secret);
        let said = "5.1.1 <minato@example.jp>: Recipient address\r\nrejected: User MINATO unknown, ask a%40b.jp";
        assert_eq!(address.blot(said), "5.1.1 ••• Recipient address rejected: User ••• unknown, ask •••");
    }

    #[test]
    fn debug_shows_nothing() {
        let address = ChannelAddress::new(VALUE.into(), Guard::Open);
        assert_eq!(format!("{address:?}"), "ChannelAddress(…)");
        assert_eq!(format!("{:?}", address.reveal(Viewing::deliver())), "Shown::Text(…)");
        assert_eq!(masked(Kind::Address, "a@example.jp"), "•••@example.jp");
    }
}
