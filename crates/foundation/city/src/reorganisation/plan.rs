//! What the steps of a reorganisation would write, and what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Date;

use super::{Previous, Step, StepAction};
use crate::organisation::Choice;
use crate::{Organisation, Section, SectionChange, day_in_words};

/// What is wrong with a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Id of the step.
    pub step: String,
    /// Its place in the list.
    pub position: i64,
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong and what to do, in Japanese.
    pub reason: String,
}

/// An end that a span gets.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// Id of the step that gives it.
    pub(crate) step: String,
    pub(crate) code: String,
    pub(crate) valid_from: Date,
    pub(crate) successor: Option<String>,
    pub(crate) previous: Previous,
}

/// What is to be written so that the steps take effect on the day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) ends: Vec<End>,
    pub(crate) begins: BTreeMap<String, Section>,
    pub(crate) splits: Vec<Choice>,
    pub(crate) problems: Vec<Problem>,
}

type Wrong = (&'static str, String);

struct Planner<'a> {
    organisation: &'a Organisation,
    before: Date,
    day: Date,
    ending: BTreeSet<&'a str>,
    created: BTreeSet<&'a str>,
    done: BTreeSet<(&'a str, &'static str)>,
    plan: Plan,
}

/// Plans the steps for a day; `before` is the day before it.
pub(crate) fn plan(organisation: &Organisation, before: Date, day: Date, steps: &[Step]) -> Plan {
    let of = |wanted: fn(&StepAction) -> bool| -> BTreeSet<&str> {
        steps.iter().filter(|s| wanted(&s.action)).map(|s| s.section.as_str()).collect()
    };
    let mut planner = Planner {
        organisation,
        before,
        day,
        ending: of(StepAction::ends_section),
        created: of(|a| matches!(a, StepAction::Create(_))),
        done: BTreeSet::new(),
        plan: Plan::default(),
    };
    for step in steps {
        if let Err((field, reason)) = planner.step(step) {
            let problem = Problem { step: step.id.clone(), position: step.position, field, reason };
            planner.plan.problems.push(problem);
        }
    }
    planner.plan
}

fn is_code(code: &str) -> bool {
    (1..=30).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !code.starts_with('-')
        && !code.ends_with('-')
}

impl<'a> Planner<'a> {
    fn step(&mut self, step: &'a Step) -> Result<(), Wrong> {
        let code = step.section.as_str();
        let once = if step.action.ends_section() { "end" } else { step.action.kind() };
        if !self.done.insert((code, once)) {
            return Err((
                "section",
                format!("{}には同じ種類の手順がもうあります。一つにまとめてください。", self.name(code)),
            ));
        }
        match &step.action {
            StepAction::Create(data) => self.create(code, data),
            StepAction::Rename { name, name_easy, name_en } => {
                let names = SectionChange {
                    name: Some(name.clone()),
                    name_easy: Some(name_easy.clone()),
                    name_en: Some(name_en.clone()),
                    ..SectionChange::default()
                };
                self.change(step, &names)
            }
            StepAction::Change(change) => self.change(step, change),
            StepAction::Merge { into } => self.end(step, "into", std::slice::from_ref(into)),
            StepAction::End { successor } => self.end(step, "successor", std::slice::from_ref(successor)),
            StepAction::Split { into } => {
                if into.iter().collect::<BTreeSet<_>>().len() < 2 {
                    return Err(("into", "分割の先は、ちがう課を二つ以上選んでください。".into()));
                }
                self.end(step, "into", into)?;
                self.plan.splits.push(Choice {
                    code: code.to_owned(),
                    ended_on: self.before,
                    successors: into.clone(),
                });
                Ok(())
            }
        }
    }

    fn create(&mut self, code: &str, data: &SectionChange) -> Result<(), Wrong> {
        if !is_code(code) {
            let reason = "課コードは半角の小文字・数字・ハイフン（30字まで）で入力してください。";
            return Err(("section", reason.into()));
        }
        if self.organisation.knows(code) {
            let reason = format!("課コード「{code}」は使われたことがあります。ほかのコードにしてください。");
            return Err(("section", reason));
        }
        data.check(true)?;
        let mut section = blank(code, self.day);
        data.apply(&mut section);
        self.plan.begins.insert(code.to_owned(), section);
        Ok(())
    }

    fn change(&mut self, step: &Step, change: &SectionChange) -> Result<(), Wrong> {
        let code = step.section.as_str();
        change.check(false)?;
        if self.ending.contains(code) {
            let reason = format!("{}はこの組織改正で終わります。変更の手順を消してください。", self.name(code));
            return Err(("section", reason));
        }
        let span = self.standing(code)?.clone();
        if let Some(planned) = self.plan.begins.get_mut(code) {
            // Renamed and moved on the same day is one new span.
            change.apply(planned);
            return Ok(());
        }
        self.plan.ends.push(self.ended(step, &span, None));
        let mut new = Section { valid_from: self.day, ..span };
        change.apply(&mut new);
        self.plan.begins.insert(code.to_owned(), new);
        Ok(())
    }

    fn end(&mut self, step: &Step, field: &'static str, targets: &[String]) -> Result<(), Wrong> {
        let code = step.section.as_str();
        let span = self.standing(code)?.clone();
        let name = self.name(code);
        if let Some(to) = span.valid_to {
            let reason = format!("{name}は{}で終わる予定です。先にその予定を取り消してください。", day_in_words(to));
            return Err(("section", reason));
        }
        for target in targets {
            self.target(code, &name, target).map_err(|reason| (field, reason))?;
        }
        let end = self.ended(step, &span, targets.first().cloned());
        self.plan.ends.push(end);
        Ok(())
    }

    /// Whether a section may take over from another.
    fn target(&self, code: &str, name: &str, target: &str) -> Result<(), String> {
        let day = day_in_words(self.day);
        if target.is_empty() {
            return Err(format!("{name}の仕事を引き継ぐ課を選んでください。引き継ぐ課がないと終われません。"));
        }
        if target == code {
            return Err(format!("{name}の仕事を同じ課には引き継げません。ほかの課を選んでください。"));
        }
        if self.ending.contains(target) {
            let other = self.name(target);
            return Err(format!("{name}の引き継ぎ先の{other}も同じ日に終わります。{day}に残る課を選んでください。"));
        }
        if !self.created.contains(target) && self.organisation.own(target, self.day).is_none() {
            return Err(format!("引き継ぎ先「{target}」は{day}にありません。先に新設の手順を加えてください。"));
        }
        Ok(())
    }

    /// The span of a section on the day before, if nothing else is planned for it.
    fn standing(&self, code: &str) -> Result<&'a Section, Wrong> {
        let Some(span) = self.organisation.own(code, self.before) else {
            let day = day_in_words(self.before);
            return Err(("section", format!("課「{code}」は{day}にありません。課を選びなおしてください。")));
        };
        let name = self.name(code);
        if let Some(later) = self.organisation.spans(code).iter().find(|s| s.valid_from >= self.day) {
            let day = day_in_words(later.valid_from);
            let reason = format!("{name}には{day}からの変更が予定されています。先にその予定を取り消してください。");
            return Err(("section", reason));
        }
        if span.valid_to == Some(self.before) {
            let day = day_in_words(self.before);
            let reason = format!("{name}はほかの組織改正で{day}に終わります。課を選びなおしてください。");
            return Err(("section", reason));
        }
        Ok(span)
    }

    fn ended(&self, step: &Step, span: &Section, successor: Option<String>) -> End {
        End {
            step: step.id.clone(),
            code: span.code.clone(),
            valid_from: span.valid_from,
            successor,
            previous: Previous { valid_to: span.valid_to.map(|d| d.to_string()), successor: span.successor.clone() },
        }
    }

    fn name(&self, code: &str) -> String {
        match self.organisation.own(code, self.before) {
            Some(section) => format!("「{}」", section.name),
            None => format!("課「{code}」"),
        }
    }
}

fn blank(code: &str, day: Date) -> Section {
    Section {
        code: code.to_owned(),
        valid_from: day,
        valid_to: None,
        successor: None,
        department: String::new(),
        name: String::new(),
        name_easy: String::new(),
        name_en: String::new(),
        phone: String::new(),
        extension: None,
        place: String::new(),
        place_easy: String::new(),
        place_en: String::new(),
        duties: String::new(),
        hours: calendar::OfficeHours::default(),
        open_in_closures: false,
    }
}
