//! `/sealed/signs`: the words at which a person must look at once; read, tried out and changed by the desk.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use casework::entry::Suspicion;
use casework::triage::{self, Needs, SignList, SignRule};
use casework::{CaseError, House, member::DeskRole};

use super::At;
use super::bar::Bar;
use super::shared::{AtForm, DESK, at, onto};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::{Staff, encode};
use crate::staff::lists::Asked;
use crate::staff::shown::Names;

/// Words of a rule in the list.
const SHOWN_WORDS: usize = 8;
/// Longest words that are tried out, in characters.
const LONGEST_TRIAL: usize = 10_000;

/// What a hint is called.
pub(crate) fn hint_name(hint: Option<Suspicion>) -> &'static str {
    match hint {
        Some(Suspicion::First) => "1号のおそれ",
        Some(Suspicion::Second) => "2号のおそれ",
        None => "",
    }
}

struct Row {
    name: String,
    url: String,
    hint: &'static str,
    needs_all: bool,
    words: Vec<String>,
    more: usize,
    except: usize,
    why: String,
}

impl Row {
    fn of(rule: &SignRule) -> Row {
        Row {
            name: rule.name.clone(),
            url: format!("/sealed/signs/rule?name={}", encode(&rule.name)),
            hint: hint_name(rule.hints_at),
            needs_all: rule.needs == Needs::All,
            words: rule.words.iter().take(SHOWN_WORDS).cloned().collect(),
            more: rule.words.len().saturating_sub(SHOWN_WORDS),
            except: rule.except.len(),
            why: rule.why.clone(),
        }
    }
}

/// A version in the history.
struct Change {
    version: i64,
    who: String,
    at: String,
    /// What is other than in the version before.
    what: Vec<String>,
}

#[derive(Template)]
#[template(path = "staff/sealed/signs.html")]
struct SignsPage {
    frame: Frame,
    bar: Bar,
    version: i64,
    rows: Vec<Row>,
    changes: Vec<Change>,
    /// What was tried out, and which rules saw something in it.
    tried: Option<(String, Vec<(String, String)>)>,
}

/// Who may see and change the list.
async fn reader(staff: Staff) -> Result<At, Failure> {
    let at = at(staff).await?;
    may(&at)?;
    Ok(at)
}

fn may(at: &At) -> Result<(), Failure> {
    let may = [DeskRole::Consultant, DeskRole::Supervisor].into_iter().any(|role| at.staff.is_at(DESK, role));
    if may { Ok(()) } else { Err(Failure::not_found()) }
}

fn rule_named<'a>(list: &'a SignList, name: &str) -> Option<&'a SignRule> {
    list.rules.iter().find(|rule| rule.name == name)
}

/// What changed from one version to the next.
fn differences(before: &SignList, after: &SignList) -> Vec<String> {
    let mut what = Vec::new();
    for rule in &after.rules {
        match rule_named(before, &rule.name) {
            None => what.push(format!("加えた：{}", rule.name)),
            Some(old) if old != rule => what.push(format!("直した：{}", rule.name)),
            Some(_) => {}
        }
    }
    let gone = before.rules.iter().filter(|rule| rule_named(after, &rule.name).is_none());
    what.extend(gone.map(|rule| format!("外した：{}", rule.name)));
    what
}

async fn page(at: &At, tried: Option<String>) -> Result<SignsPage, Failure> {
    let frame = at.staff.frame("sealed");
    let history = triage::history(at.house(), DESK).await?;
    let mut tx = at.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let list = history.first().ok_or_else(Failure::not_found)?;
    let changes = history.windows(2).map(|pair| Change {
        version: pair[0].version,
        who: pair[0].changed_by.as_deref().map_or_else(String::new, |by| names.of(by)),
        at: pair[0].changed_at.map_or_else(String::new, |at| frame.moment(&at)),
        what: differences(&pair[1], &pair[0]),
    });
    Ok(SignsPage {
        bar: Bar::looked_at(&at.staff, "signs").await?,
        version: list.version,
        rows: list.rules.iter().map(Row::of).collect(),
        changes: changes.collect(),
        tried: tried.map(|words| {
            let seen = triage::look(&list.rules, &words);
            (words, seen)
        }),
        frame,
    })
}

/// `/sealed/signs`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    show(&page(&reader(staff).await?, None).await?)
}

/// `POST /sealed/signs/trial`: which rules see something in these words. Nothing of them is kept.
pub(crate) async fn trial(AtForm(at, fields): AtForm) -> Result<Response, Failure> {
    may(&at)?;
    let words: String = fields.raw("words").chars().take(LONGEST_TRIAL).collect();
    show(&page(&at, Some(words)).await?)
}

#[derive(Template)]
#[template(path = "staff/sealed/sign_rule.html")]
struct RulePage {
    frame: Frame,
    bar: Bar,
    form: Form,
    /// The name under which the rule stands in the list; empty for a new one.
    was: String,
    /// The version of the list that is seen.
    version: i64,
    needs: Choices,
    hints: Choices,
    /// How the rule stands now, where somebody else has changed the list.
    now: Option<Row>,
    now_words: String,
}

fn choices(all: &[(&str, &str)]) -> Choices {
    all.iter().map(|(code, words)| ((*code).to_owned(), (*words).to_owned())).collect()
}

async fn rule_page(at: &At, form: Form, was: &str, version: i64, now: Option<&SignRule>) -> Result<RulePage, Failure> {
    Ok(RulePage {
        frame: at.staff.frame("sealed"),
        bar: Bar::looked_at(&at.staff, "signs").await?,
        form,
        was: was.to_owned(),
        version,
        needs: choices(&[("any", "どれか1つがあるとき"), ("all", "すべてがあるとき（順番は問わない）")]),
        hints: choices(&[("", "なし"), ("first", "1号（命・心身・財産への重い被害）"), ("second", "2号（長い欠席）")]),
        now: now.map(Row::of),
        now_words: now.map(|rule| rule.words.join("\n")).unwrap_or_default(),
    })
}

/// `/sealed/signs/rule?name=…`; without a name, a new one.
pub(crate) async fn rule(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let at = reader(staff).await?;
    let asked = Fields::from_pairs(pairs);
    let list = triage::current(at.house(), DESK).await?;
    let name = asked.get("name");
    if name.is_empty() {
        let form = Form::new("sign").with("needs", "any");
        return show(&rule_page(&at, form, "", list.version, None).await?);
    }
    let found = rule_named(&list, name).ok_or_else(Failure::not_found)?;
    let hint = match found.hints_at {
        Some(Suspicion::First) => "first",
        Some(Suspicion::Second) => "second",
        None => "",
    };
    let form = Form::new("sign")
        .with("name", &found.name)
        .with("words", found.words.join("\n"))
        .with("except", found.except.join("\n"))
        .with("needs", if found.needs == Needs::All { "all" } else { "any" })
        .with("hint", hint)
        .with("why", &found.why);
    show(&rule_page(&at, form, name, list.version, None).await?)
}

/// The rule of a form.
fn typed(fields: &Fields) -> SignRule {
    let lines = |name: &str| fields.raw(name).lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned);
    SignRule {
        name: fields.get("name").to_owned(),
        needs: if fields.get("needs") == "all" { Needs::All } else { Needs::Any },
        words: lines("words").collect(),
        except: lines("except").collect(),
        hints_at: match fields.get("hint") {
            "first" => Some(Suspicion::First),
            "second" => Some(Suspicion::Second),
            _ => None,
        },
        why: fields.get("why").to_owned(),
    }
}

/// Puts the rule of a form into the list, or takes it out.
async fn change(house: House<'_>, account: &str, fields: &Fields, removes: bool) -> Result<(), CaseError> {
    let mut list = triage::current(house, DESK).await?;
    if fields.get("version").parse() != Ok(list.version) {
        return Err(CaseError::Changed);
    }
    let place = list.rules.iter().position(|rule| rule.name == fields.get("was"));
    match (removes, place) {
        (true, Some(place)) => {
            list.rules.remove(place);
        }
        (true, None) => return Err(CaseError::NotFound),
        (false, Some(place)) => list.rules[place] = typed(fields),
        (false, None) => list.rules.push(typed(fields)),
    }
    triage::change(house, account, DESK, list.version, &list.rules).await.map(drop)
}

/// `POST /sealed/signs/rule`: a rule is added or changed. Over another's change it comes back with what was typed.
pub(crate) async fn post_rule(AtForm(at, fields): AtForm) -> Result<Response, Failure> {
    may(&at)?;
    let error = match change(at.house(), &at.staff.who.account, &fields, false).await {
        Ok(()) => return Ok(Redirect::to("/sealed/signs?done=signs-changed").into_response()),
        Err(error) => error,
    };
    let mut form = Form::sent("sign", &fields);
    let was = fields.get("was");
    if !matches!(error, CaseError::Changed) {
        onto(error, &mut form)?;
        let version = fields.get("version").parse().unwrap_or(0);
        return show_wrong(&rule_page(&at, form, was, version, None).await?);
    }
    let list = triage::current(at.house(), DESK).await?;
    let now = rule_named(&list, was);
    let sentence = match now {
        None if !was.is_empty() => {
            "ほかの人が先に、このしるしを外しました。もう一度送ると、新しいしるしとして加えます。"
        }
        None => "ほかの人が先に一覧を変えました。よければ、もう一度送ってください。",
        Some(_) => "ほかの人が先に一覧を変えました。下の「いまの内容」と見くらべて、よければもう一度送ってください。",
    };
    form.wrong("", sentence);
    show_wrong(&rule_page(&at, form, if now.is_some() { was } else { "" }, list.version, now).await?)
}

/// `POST /sealed/signs/removal`
pub(crate) async fn remove(AtForm(at, fields): AtForm) -> Result<Response, Failure> {
    may(&at)?;
    change(at.house(), &at.staff.who.account, &fields, true).await?;
    Ok(Redirect::to("/sealed/signs?done=signs-changed").into_response())
}
