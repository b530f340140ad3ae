//! Japanese eras (元号) and years counted in them (和暦).

use std::fmt;

use jiff::civil::{Date, date};

/// An era (元号) of the modern rule of one era for one reign (一世一元).
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Era {
    /// 明治, from 1868-01-25.
    Meiji,
    /// 大正, from 1912-07-30.
    Taisho,
    /// 昭和, from 1926-12-25.
    Showa,
    /// 平成, from 1989-01-08.
    Heisei,
    /// 令和, from 2019-05-01.
    Reiwa,
}

impl Era {
    /// All eras, the earliest first.
    pub const ALL: [Era; 5] = [Era::Meiji, Era::Taisho, Era::Showa, Era::Heisei, Era::Reiwa];

    /// The first day of the era in the Gregorian calendar.
    ///
    /// 明治 is counted from the start of the lunisolar year 慶応4年, as its
    /// proclamation ordered; 大正 and 昭和 from the day of their proclamation;
    /// 平成 and 令和 from the day set by cabinet order (元号を改める政令).
    pub const fn first_day(self) -> Date {
        match self {
            Era::Meiji => date(1868, 1, 25),
            Era::Taisho => date(1912, 7, 30),
            Era::Showa => date(1926, 12, 25),
            Era::Heisei => date(1989, 1, 8),
            Era::Reiwa => date(2019, 5, 1),
        }
    }

    /// The era after this one; `None` for the present era.
    pub const fn next(self) -> Option<Era> {
        match self {
            Era::Meiji => Some(Era::Taisho),
            Era::Taisho => Some(Era::Showa),
            Era::Showa => Some(Era::Heisei),
            Era::Heisei => Some(Era::Reiwa),
            Era::Reiwa => None,
        }
    }

    /// The era that `date` is written in; `None` before 明治.
    pub fn of(date: Date) -> Option<Era> {
        Era::ALL.into_iter().rev().find(|era| era.first_day() <= date)
    }

    /// The name in two characters, as in 「令和」.
    pub const fn name(self) -> &'static str {
        match self {
            Era::Meiji => "明治",
            Era::Taisho => "大正",
            Era::Showa => "昭和",
            Era::Heisei => "平成",
            Era::Reiwa => "令和",
        }
    }

    /// The letter used on forms (M, T, S, H, R).
    pub const fn letter(self) -> char {
        match self {
            Era::Meiji => 'M',
            Era::Taisho => 'T',
            Era::Showa => 'S',
            Era::Heisei => 'H',
            Era::Reiwa => 'R',
        }
    }

    /// Whether documents write `date` in this era.
    ///
    /// On 1912-07-30 and 1926-12-25 the era changed during the day, so family
    /// registers (戸籍) know that day by the old name too: 明治45年7月30日 and
    /// 大正15年12月25日 are real dates. The changes since took effect at midnight.
    pub(crate) fn covers(self, date: Date) -> bool {
        let until = self.next().map(Era::first_day);
        let ends_during_day = matches!(self, Era::Meiji | Era::Taisho);
        self.first_day() <= date && until.is_none_or(|until| date < until || (ends_during_day && date == until))
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A year in an era, as in 令和8年; displayed so, with 元年 for the first.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Wareki {
    /// The era.
    pub era: Era,
    /// The year in the era; 1 is 元年.
    pub year: u16,
}

impl Wareki {
    /// The era year that `date` lies in; `None` before 明治 (1868-01-25).
    pub fn of(date: Date) -> Option<Wareki> {
        let era = Era::of(date)?;
        let year = date.year() - era.first_day().year() + 1;
        u16::try_from(year).ok().map(|year| Wareki { era, year })
    }

    /// The Gregorian year (西暦) that the era year lies in; `None` for year 0
    /// and for years after 9999.
    pub fn gregorian_year(self) -> Option<i16> {
        let years = i16::try_from(self.year.checked_sub(1)?).ok()?;
        let year = self.era.first_day().year().checked_add(years)?;
        (year <= Date::MAX.year()).then_some(year)
    }
}

impl fmt::Display for Wareki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            1 => write!(f, "{}元年", self.era),
            year => write!(f, "{}{year}年", self.era),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eras_begin_on_their_first_day() {
        for era in Era::ALL {
            let first = era.first_day();
            assert_eq!(Wareki::of(first), Some(Wareki { era, year: 1 }));
            let eve = first.yesterday().expect("a day before");
            assert_eq!(Era::of(eve).and_then(Era::next), (era != Era::Meiji).then_some(era));
        }
    }

    #[test]
    fn years_in_eras() {
        let shown = |y, m, d| Wareki::of(date(y, m, d)).map(|w| w.to_string());
        assert_eq!(shown(2026, 11, 23).as_deref(), Some("令和8年"));
        assert_eq!(shown(2019, 4, 30).as_deref(), Some("平成31年"));
        assert_eq!(shown(2019, 5, 1).as_deref(), Some("令和元年"));
        assert_eq!(shown(1989, 1, 7).as_deref(), Some("昭和64年"));
        assert_eq!(shown(1868, 1, 24), None);
        assert_eq!(Wareki::of(Date::MAX).and_then(Wareki::gregorian_year), Some(9999));
    }

    #[test]
    fn impossible_years_have_no_gregorian_year() {
        let era = Era::Reiwa;
        assert_eq!(Wareki { era, year: 0 }.gregorian_year(), None);
        assert_eq!(Wareki { era, year: 7982 }.gregorian_year(), None);
        assert_eq!(Wareki { era, year: u16::MAX }.gregorian_year(), None);
    }
}
