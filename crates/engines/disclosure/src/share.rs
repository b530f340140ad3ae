//! Shares, medians and quantiles.

use thiserror::Error;

use crate::rule::{Rule, RuleError};
use crate::table::MAX_COUNT;

/// Why a figure is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Withheld {
    /// The rule cannot be followed.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Too few persons or cases in all.
    #[error("too few in all")]
    FewInAll,
    /// Too few that have what is asked for.
    #[error("too few that have it")]
    FewWith,
    /// Too few that do not have what is asked for.
    #[error("too few that have it not")]
    FewWithout,
    /// Nobody or everybody, and zero may not be seen.
    #[error("nobody or everybody")]
    NobodyOrEverybody,
    /// Too few values on one side of the quantile.
    #[error("too few beyond the quantile")]
    FewBeyond,
    /// More than all, or counts above [`MAX_COUNT`].
    #[error("the counts are no share")]
    NoShare,
    /// A quantile below 1 or above 99 percent.
    #[error("quantiles are 1 to 99 percent")]
    NoQuantile,
}

/// A share that may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    /// How many have it; rounded where the rule rounds.
    pub with: u64,
    /// Of how many; rounded where the rule rounds.
    pub of: u64,
}

impl Share {
    /// In whole percent, halves up.
    pub fn percent(&self) -> u64 {
        // `of` is never zero where `share` made it: it is at least the smallest
        // count that may be seen.
        let (with, of) = (u128::from(self.with), u128::from(self.of.max(1)));
        u64::try_from((with * 200 + of) / (of * 2)).unwrap_or(u64::MAX)
    }
}

/// The share `with` of `of`, where there are at least [`Rule::least`] in all
/// and both those with and those without are nobody or at least as many.
///
/// Where the rule rounds, both counts are rounded before, so that the percentage
/// does not give back what was rounded away.
///
/// # Errors
/// Why it is withheld.
pub fn share(with: u64, of: u64, rule: &Rule) -> Result<Share, Withheld> {
    rule.check()?;
    let without = of.checked_sub(with).filter(|_| of <= MAX_COUNT).ok_or(Withheld::NoShare)?;
    if of < rule.least {
        return Err(Withheld::FewInAll);
    }
    if (with == 0 || without == 0) && !rule.shows_zero {
        return Err(Withheld::NobodyOrEverybody);
    }
    if rule.hides(with) {
        return Err(Withheld::FewWith);
    }
    if rule.hides(without) {
        return Err(Withheld::FewWithout);
    }
    Ok(Share { with: rule.rounded(with), of: rule.rounded(of) })
}

/// The smallest of the values that has at least this many percent of all
/// values at or below it (the inverse of the empirical distribution function;
/// 50 is the lower median).
///
/// Told only for at least `2 * least` values, with at least [`Rule::least`] of
/// them up to the quantile and as many from it on: nine tenths of ten values
/// would be the second longest of somebody.
///
/// # Errors
/// Why it is withheld.
pub fn quantile(values: &[u64], percent: u8, rule: &Rule) -> Result<u64, Withheld> {
    rule.check()?;
    if !(1..=99).contains(&percent) {
        return Err(Withheld::NoQuantile);
    }
    let all = values.len() as u128;
    let least = u128::from(rule.least);
    if all < least * 2 {
        return Err(Withheld::FewInAll);
    }
    let up_to = (all * u128::from(percent)).div_ceil(100);
    if up_to < least || all - up_to + 1 < least {
        return Err(Withheld::FewBeyond);
    }
    let mut values = values.to_vec();
    values.sort_unstable();
    let place = usize::try_from(up_to - 1).map_err(|_| Withheld::NoQuantile)?;
    values.get(place).copied().ok_or(Withheld::NoQuantile)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { least: 5, shows_zero: true, rounding: None };

    #[test]
    fn a_share_is_told_where_both_sides_are_large_or_nobody() {
        assert_eq!(share(5, 10, &RULE).map(|share| share.percent()), Ok(50));
        assert_eq!(share(0, 5, &RULE).map(|share| share.percent()), Ok(0));
        assert_eq!(share(5, 5, &RULE).map(|share| share.percent()), Ok(100));
        assert_eq!(share(4, 10, &RULE), Err(Withheld::FewWith));
        assert_eq!(share(6, 10, &RULE), Err(Withheld::FewWithout));
        assert_eq!(share(0, 4, &RULE), Err(Withheld::FewInAll));
        assert_eq!(share(0, 0, &RULE), Err(Withheld::FewInAll));
    }

    #[test]
    fn nobody_and_everybody_are_withheld_with_zero() {
        let rule = Rule { shows_zero: false, ..RULE };
        assert_eq!(share(0, 50, &rule), Err(Withheld::NobodyOrEverybody));
        assert_eq!(share(50, 50, &rule), Err(Withheld::NobodyOrEverybody));
        assert_eq!(share(25, 50, &rule), Ok(Share { with: 25, of: 50 }));
    }

    #[test]
    fn a_share_of_rounded_counts_is_no_more_exact_than_they_are() {
        let rule = Rule { rounding: Some(10), ..RULE };
        assert_eq!(share(17, 43, &rule), Ok(Share { with: 20, of: 40 }));
        assert_eq!(share(43, 43, &rule).map(|share| share.percent()), Ok(100));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        assert_eq!(share(11, 10, &RULE), Err(Withheld::NoShare));
        assert_eq!(share(u64::MAX, u64::MAX, &RULE), Err(Withheld::NoShare));
        assert_eq!(share(5, 10, &Rule { least: 0, ..RULE }), Err(Withheld::Rule(RuleError::Least)));
    }

    #[test]
    fn halves_of_a_percent_are_rounded_up() {
        assert_eq!(share(25, 200, &RULE).map(|share| share.percent()), Ok(13));
        assert_eq!(Share { with: u64::MAX, of: 0 }.percent(), u64::MAX);
        assert_eq!(Share { with: u64::MAX, of: u64::MAX }.percent(), 100);
    }

    #[test]
    fn a_median_needs_twice_the_least() {
        let ten: Vec<u64> = (1..=10).rev().collect();
        assert_eq!(quantile(&ten, 50, &RULE), Ok(5));
        assert_eq!(quantile(&ten[1..], 50, &RULE), Err(Withheld::FewInAll));
        assert_eq!(quantile(&[], 50, &RULE), Err(Withheld::FewInAll));
    }

    #[test]
    fn a_quantile_needs_values_on_both_sides() {
        let ten: Vec<u64> = (1..=10).collect();
        assert_eq!(quantile(&ten, 90, &RULE), Err(Withheld::FewBeyond));
        assert_eq!(quantile(&ten, 10, &RULE), Err(Withheld::FewBeyond));
        let fifty: Vec<u64> = (1..=50).collect();
        assert_eq!(quantile(&fifty, 90, &RULE), Ok(45));
        assert_eq!(quantile(&fifty, 10, &RULE), Ok(5));
        assert_eq!(quantile(&fifty, 92, &RULE), Ok(46));
        assert_eq!(quantile(&fifty, 93, &RULE), Err(Withheld::FewBeyond));
        assert_eq!(quantile(&fifty, 0, &RULE), Err(Withheld::NoQuantile));
        assert_eq!(quantile(&fifty, 100, &RULE), Err(Withheld::NoQuantile));
    }
}
