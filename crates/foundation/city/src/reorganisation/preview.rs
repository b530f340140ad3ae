//! What a reorganisation would change, before anything is written.

use calendar::Date;

use super::plan::{self, Problem};
use super::{Step, StepAction};
use crate::edit::day_before;
use crate::organisation::{Department, departments};
use crate::{CityError, Organisation, Section};

/// How many records stand under the code of a section; counted by those who keep them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Articles.
    pub articles: u64,
    /// Questions of citizens that are not answered.
    pub questions: u64,
    /// Accounts that are assigned to it.
    pub accounts: u64,
    /// Open inquiries that it must answer.
    pub inquiries: u64,
}

/// What becomes of a section.
#[derive(Clone, Debug)]
pub struct Change {
    /// Id of the step.
    pub step: String,
    /// `create`, `rename`, `change`, `merge`, `split` or `end`.
    pub kind: &'static str,
    /// Code.
    pub section: String,
    /// As it stands on the day before; `None` for a new one.
    pub before: Option<Section>,
    /// As it stands on the day; `None` for one that ends.
    pub after: Option<Section>,
    /// Codes of those that take over, the first being the one that answers until a person has chosen.
    pub successors: Vec<String>,
    /// Whether a person must hand out its records, because several take over.
    pub needs_choice: bool,
    /// Records that stand under its code.
    pub affected: Affected,
}

/// A reorganisation seen from both sides of its day.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The day on which it takes effect.
    pub day: Date,
    /// The tree on the day before.
    pub before: Vec<Department<Section>>,
    /// The tree on the day, with the steps that are in order.
    pub after: Vec<Department<Section>>,
    /// What becomes of each section that a step names, in the order of the steps.
    pub changes: Vec<Change>,
    /// What must be put right first.
    pub problems: Vec<Problem>,
}

/// Shows what steps would do on a day. `affected` tells how many records stand under a code.
///
/// # Errors
///
/// [`CityError::Invalid`] for a day at the end of the calendar.
pub fn preview(
    organisation: &Organisation,
    day: Date,
    steps: &[Step],
    affected: impl Fn(&str) -> Affected,
) -> Result<Preview, CityError> {
    let before_day = day_before(day)?;
    let plan = plan::plan(organisation, before_day, day, steps);
    let before: Vec<Section> = organisation.sections_on(before_day).into_iter().cloned().collect();
    let changed = |code: &str| plan.ends.iter().any(|e| e.code == code) || plan.begins.contains_key(code);
    let mut after: Vec<Section> =
        organisation.sections_on(day).into_iter().filter(|s| !changed(&s.code)).cloned().collect();
    after.extend(plan.begins.values().cloned());
    after.sort_by(|a, b| a.code.cmp(&b.code));
    let changes = steps
        .iter()
        .map(|step| {
            let successors = step.action.successors();
            Change {
                step: step.id.clone(),
                kind: step.action.kind(),
                section: step.section.clone(),
                before: organisation.own(&step.section, before_day).cloned(),
                after: after.iter().find(|s| s.code == step.section).cloned(),
                needs_choice: matches!(step.action, StepAction::Split { .. }),
                successors,
                affected: affected(&step.section),
            }
        })
        .collect();
    Ok(Preview {
        day,
        before: departments(before, |s| &s.department),
        after: departments(after, |s| &s.department),
        changes,
        problems: plan.problems,
    })
}
