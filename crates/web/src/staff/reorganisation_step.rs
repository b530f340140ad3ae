//! A step of a reorganisation: read from its form, and told in a sentence.

use calendar::Date;
use city::reorganisation::{Step, StepAction};
use city::{Organisation, Section};

use super::fields::Fields;
use super::form::Refused;
use super::section_form;
use crate::errors::Failure;

/// Code, name, and what it does.
pub(crate) const KINDS: &[(&str, &str, &str)] = &[
    ("create", "新設", "新しい課を作ります。"),
    ("rename", "改称", "課の名前を変えます。コードと記事は、そのままです。"),
    ("change", "変更", "部・電話・場所・窓口の時間を変えます。"),
    ("merge", "統合", "課をほかの課に合わせます。記事や質問は、統合先が引き継ぎます。"),
    ("split", "分割", "課をいくつかの課に分けます。記事の行き先が決まるまで、はじめの課が答えます。"),
    ("end", "廃止", "課をなくします。残った記事や質問は、引き継ぎ先が受け持ちます。"),
];

/// What a section's fields are called in a sentence.
const FIELDS: &[(&str, &str)] = &[
    ("department", "部"),
    ("name", "名前"),
    ("name_easy", "やさしい日本語の名前"),
    ("name_en", "英語の名前"),
    ("phone", "電話番号"),
    ("extension", "内線"),
    ("place", "場所"),
    ("place_easy", "やさしい日本語の場所"),
    ("place_en", "英語の場所"),
    ("duties", "担当する仕事"),
    ("hours", "窓口の時間"),
    ("open_in_closures", "閉庁日の扱い"),
];

/// The action that a form describes; `before` is the section as it stands.
pub(crate) fn read(fields: &Fields, before: Option<&Section>) -> Result<StepAction, Refused> {
    let kind = fields.get("kind");
    if kind != "create" && before.is_none() {
        return Err(Refused::Field("section", "課を選んでください。".into()));
    }
    let field = |(field, reason)| Refused::Field(field, reason);
    let text = |name: &str| fields.get(name).to_owned();
    match kind {
        "create" => Ok(StepAction::Create(section_form::change(fields, None, true).map_err(field)?)),
        "rename" => {
            if before.is_some_and(|s| s.name == fields.get("name") && s.name_en == fields.get("name_en")) {
                return Err(Refused::Field("name", "名前が、いまと同じです。新しい名前を入れてください。".into()));
            }
            Ok(StepAction::Rename { name: text("name"), name_easy: text("name_easy"), name_en: text("name_en") })
        }
        "change" => {
            let mut change = section_form::change(fields, before, false).map_err(field)?;
            let department = fields.get("department");
            change.department = before.is_none_or(|s| s.department != department).then(|| department.to_owned());
            Ok(StepAction::Change(change))
        }
        "merge" => Ok(StepAction::Merge { into: text("into") }),
        "split" => {
            let into: Vec<String> =
                fields.all("into").into_iter().filter(|c| !c.is_empty()).map(str::to_owned).collect();
            Ok(StepAction::Split { into })
        }
        "end" => Ok(StepAction::End { successor: text("successor") }),
        _ => Err(Refused::Other(Failure::not_found())),
    }
}

/// A step in a sentence.
pub(crate) fn sentence(organisation: &Organisation, day: Date, steps: &[Step], step: &Step) -> String {
    let before = day.yesterday().unwrap_or(day);
    let name = |code: &str| {
        let created = steps.iter().find_map(|s| match &s.action {
            StepAction::Create(new) if s.section == code => new.name.clone(),
            _ => None,
        });
        let own = || organisation.own(code, before).or_else(|| organisation.own(code, day)).map(|s| s.name.clone());
        format!("「{}」", created.or_else(own).unwrap_or_else(|| code.to_owned()))
    };
    let own = name(&step.section);
    match &step.action {
        StepAction::Create(new) => {
            format!("{own}（{}）を新設します。", new.department.as_deref().unwrap_or_default())
        }
        StepAction::Rename { name, .. } => format!("{own}を「{name}」に改称します。"),
        StepAction::Change(change) => {
            let changed = change.fields();
            let words: Vec<&str> = FIELDS.iter().filter(|(f, _)| changed.contains(f)).map(|(_, w)| *w).collect();
            format!("{own}の{}を変えます。", words.join("・"))
        }
        StepAction::Merge { into } => format!("{own}を{}に統合します。", name(into)),
        StepAction::Split { into } => {
            let all: Vec<String> = into.iter().map(|code| name(code)).collect();
            let first = all.first().cloned().unwrap_or_default();
            format!("{own}を{}に分割します。記事の行き先が決まるまで、{first}が答えます。", all.join("と"))
        }
        StepAction::End { successor } => format!("{own}を廃止します。{}が引き継ぎます。", name(successor)),
    }
}
