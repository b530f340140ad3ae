//! What is too small to be seen, and how counts are rounded.

use thiserror::Error;

use crate::network::Bound;

/// The greatest [`Rule::least`] that is accepted. Thresholds in use are 3 to
/// 30; the limit only keeps sums far from the end of the number range.
pub const MAX_LEAST: u64 = 1_000_000;

/// The rule of a city for the figures it publishes.
///
/// Secondary suppression is no choice: without it, a hidden count is one
/// subtraction away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The smallest count of persons or cases that may be seen, 1 to
    /// [`MAX_LEAST`]. Counts from 1 to `least - 1` are hidden.
    pub least: u64,
    /// Whether a count of zero may be seen. Zero tells of nobody, but it tells
    /// something about everybody who might have been counted.
    pub shows_zero: bool,
    /// Base of conventional rounding: what is shown is the nearest multiple,
    /// halves up. Totals are rounded by themselves, so that they need not be
    /// the sum of their parts. At most `2 * least`, so that nothing that may be
    /// seen becomes zero. A zero that may be seen stays exact.
    pub rounding: Option<u64>,
}

/// A rule that cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RuleError {
    /// [`Rule::least`] is zero or above [`MAX_LEAST`].
    #[error("the smallest count that may be seen must be 1 to {MAX_LEAST}")]
    Least,
    /// [`Rule::rounding`] is zero or above `2 * least`.
    #[error("the base of rounding must be 1 to twice the smallest count that may be seen")]
    Rounding,
}

impl Rule {
    /// Whether the rule can be followed.
    ///
    /// # Errors
    /// [`RuleError`] says which number is out of range.
    pub fn check(&self) -> Result<(), RuleError> {
        if self.least == 0 || self.least > MAX_LEAST {
            return Err(RuleError::Least);
        }
        match self.rounding {
            Some(base) if base == 0 || base > self.least * 2 => Err(RuleError::Rounding),
            _ => Ok(()),
        }
    }

    /// Whether the count itself must not be seen (primary suppression).
    pub fn hides(&self, count: u64) -> bool {
        if count == 0 { !self.shows_zero } else { count < self.least }
    }

    /// The count as it is shown. Only for a rule that was checked and counts
    /// within `table::MAX_COUNT`.
    pub(crate) fn rounded(&self, count: u64) -> u64 {
        match self.rounding {
            Some(base) => (count + base / 2) / base * base,
            None => count,
        }
    }

    /// What a reader who knows the rule knows of a count that is shown as this
    /// multiple. Zero is never shown as a multiple, so the count is at least
    /// `least`.
    pub(crate) fn behind(&self, rounded: u64) -> Bound {
        let base = self.rounding.unwrap_or(1);
        Bound {
            low: rounded.saturating_sub(base / 2).max(self.least),
            high: (rounded + (base - 1)).saturating_sub(base / 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(least: u64, rounding: Option<u64>) -> Rule {
        Rule { least, shows_zero: true, rounding }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert_eq!(rule(0, None).check(), Err(RuleError::Least));
        assert_eq!(rule(u64::MAX, None).check(), Err(RuleError::Least));
        assert_eq!(rule(5, Some(0)).check(), Err(RuleError::Rounding));
        assert_eq!(rule(5, Some(11)).check(), Err(RuleError::Rounding));
        assert_eq!(rule(5, Some(10)).check(), Ok(()));
        assert_eq!(rule(MAX_LEAST, Some(2 * MAX_LEAST)).check(), Ok(()));
    }

    #[test]
    fn halves_are_rounded_up() {
        let shown: Vec<_> = [5, 14, 15, 24].map(|n| rule(5, Some(10)).rounded(n)).into();
        assert_eq!(shown, [10, 10, 20, 20]);
        let shown: Vec<_> = [5, 7, 8, 12, 13].map(|n| rule(5, Some(5)).rounded(n)).into();
        assert_eq!(shown, [5, 5, 10, 10, 15]);
    }

    #[test]
    fn what_is_behind_a_multiple_is_all_that_rounds_to_it() {
        for base in 1..=14 {
            let rule = rule(7, Some(base));
            for count in 7..100 {
                let shown = rule.rounded(count);
                let behind = rule.behind(shown);
                let all: Vec<_> = (7..200).filter(|&n| rule.rounded(n) == shown).collect();
                assert_eq!((behind.low, behind.high), (all[0], all[all.len() - 1]), "{count} by {base}");
            }
        }
    }
}
