//! Primary and secondary suppression.

use crate::audit::audit;
use crate::complement::Cells;
use crate::published::{Cell, Published};
use crate::rule::{Rule, RuleError};
use crate::table::Table;

/// What may be published of a table.
///
/// Counts that [`Rule::hides`] are hidden (primary), and as many others as it
/// takes (secondary) until [`audit`] finds every hidden figure protected: at
/// least two counts are possible for it, and one of them is at least
/// [`Rule::least`]. Secondary figures are counts that are not zero where these
/// are enough, then zeros, then totals; among these the ones with the smallest
/// counts, found by cheapest paths one hidden figure after the other. That is a
/// good choice and not always the best one. The same table gives the same
/// result.
///
/// # Errors
/// The rule cannot be followed.
pub fn suppress(table: &Table, rule: &Rule) -> Result<Published, RuleError> {
    rule.check()?;
    let mut cells = Cells::new(table, rule);
    cells.protect_all();
    cells.show_what_is_not_needed();
    let shown = |index: usize| {
        let count = table.counts[index];
        match (cells.is_hidden(index), rule.rounding) {
            (true, _) => Cell::Hidden { primary: rule.hides(count) },
            (false, Some(_)) if count > 0 => Cell::Rounded(rule.rounded(count)),
            (false, _) => Cell::Shown(count),
        }
    };
    let cells = (0..table.counts.len()).map(shown).collect();
    let mut published = Published { shape: table.shape.clone(), rule: *rule, cells };
    // The audit knows nothing of how the figures were chosen. What it does not
    // find protected is not published.
    if !audit(&published).iter().all(|interval| interval.is_protected(rule.least)) {
        published.cells = table.counts.iter().map(|&count| Cell::Hidden { primary: rule.hides(count) }).collect();
    }
    Ok(published)
}
