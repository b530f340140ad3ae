//! Dates, hours and deadlines as a Japanese town hall (役所) counts them.
//!
//! Everything here is plain computation: no file, no network, and no look at
//! the system's time except in [`SystemClock`]. All civil time is Japan
//! Standard Time (日本標準時, JST), which is the fixed offset +09:00, so no
//! time-zone database is needed. Japan's summer time of 1948–1951 is ignored:
//! no deadline of today reaches back to it.
//!
//! | Question | Item |
//! |---|---|
//! | What time is it? | [`Clock`], [`Instant`] |
//! | Is this a national holiday (祝日・休日)? | [`holiday()`] |
//! | What is this date in Japanese eras (和暦)? | [`format_wareki`], [`parse_wareki`] |
//! | Which fiscal year (年度)? | [`fiscal_year`] |
//! | How old (年齢)? | [`age_on`] |
//! | Is the office working (開庁日)? | [`BusinessCalendar`] |
//! | When does the period end (期限)? | [`due_date`], [`Deadline`] |
//! | Is the counter open (開庁時間)? | [`OfficeHours`] |
//! | When is an answer due, counted in open hours? | [`OfficeClock`], [`Promise`] |

mod age;
mod business;
mod clock;
mod deadline;
mod era;
mod fiscal;
mod holiday;
mod hours;
mod office_clock;
mod period;
mod serde_text;
mod time;
mod wareki;

pub use age::{age_on, plain_age_on};
pub use business::{BusinessCalendar, BusinessError, Closure, Closures, MAX_BUSINESS_DAYS};
pub use clock::{Clock, FrozenClock, Instant, SystemClock};
pub use deadline::{Deadline, DeadlineState, Pause};
pub use era::{Era, Wareki};
pub use fiscal::{fiscal_year, fiscal_year_bounds};
pub use holiday::holiday;
pub use hours::{Monthly, OfficeHours, Status};
pub use jiff::civil::{Date, DateTime, Weekday};
pub use office_clock::{OfficeClock, Promise};
pub use period::{DeadlineError, FirstDay, Period, Roll, due_date, end_of_day};
pub use serde_text::date as date_text;
pub use time::{Block, Time, TimeError};
pub use wareki::{WarekiError, format_wareki, parse_wareki};
