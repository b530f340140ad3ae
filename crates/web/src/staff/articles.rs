//! The articles on the staff's face: the list from which a section works.

pub(crate) mod bulk;
pub(crate) mod compare;
pub(crate) mod files;
pub(crate) mod one;
pub(crate) mod query;
pub(crate) mod views;
pub(crate) mod wordings;

use access::Action;
use access::store::saved_view::{self, SavedView};
use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use city::{Lang, TOPICS};
use knowledge::desk::{self, Beside, Line, Listing, State};
use knowledge::upkeep::Refusal;
use knowledge::{draft, feedback};

use self::query::{Asked, SORTS};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::lists::desk_of;

/// What the staff calls a language.
pub(crate) fn lang_name(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "日本語",
        Lang::Easy => "やさしい日本語",
        Lang::En => "English",
    }
}

/// A choice of a select field.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Choice {
        let value = value.into();
        Choice { chosen: value == chosen, value, label: label.into() }
    }
}

/// The sections of today as choices; `may` leaves out those in which the action is not allowed.
pub(crate) fn section_choices(staff: &Staff, may: Option<Action>, chosen: &str) -> Vec<Choice> {
    let organisation = staff.city.organisation();
    let sections = organisation.sections_on(staff.visit.today());
    let open = sections.into_iter().filter(|s| may.is_none_or(|action| staff.who.may_in(action, &s.code)));
    open.map(|s| Choice::new(s.code.clone(), format!("{} {}", s.department, s.name), chosen)).collect()
}

/// A state as a tag: colour and word.
fn state_tag(state: State) -> (&'static str, &'static str) {
    let tone = match state {
        State::Public => "ok",
        State::ReviewDue => "bad",
        State::ReviewSoon | State::Waiting => "warn",
        State::Before | State::Ended => "dim",
        State::HasDraft => "",
    };
    (tone, state.name())
}

/// A line of the list as the page shows it.
struct Row {
    code: String,
    question: String,
    missing: Vec<&'static str>,
    section: String,
    tags: Vec<(&'static str, &'static str)>,
    draft: Option<String>,
    review_due: String,
    late: bool,
    yes: i64,
    no: i64,
    marked: bool,
}

/// A 原稿 of an article that was never published.
struct NewDraft {
    id: String,
    question: String,
    section: String,
    state: &'static str,
}

/// A tab: a state with the number of articles.
struct Tab {
    url: String,
    label: &'static str,
    count: usize,
    current: bool,
}

/// A way to put something off or on again after a bulk form came back.
#[derive(Default)]
pub(super) struct Returned {
    /// Codes that were marked.
    pub(super) marked: Vec<String>,
    /// Why nothing was changed.
    pub(super) reason: Option<String>,
    /// Why each of these cannot be changed.
    pub(super) refused: Vec<Refusal>,
    /// What is wrong with the name of a view.
    pub(super) view: Option<String>,
    /// The field's values.
    pub(super) values: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "staff/articles/list.html")]
struct ListPage {
    frame: Frame,
    asked: Asked,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    new_drafts: Vec<NewDraft>,
    total: usize,
    page: usize,
    pages: usize,
    previous: Option<String>,
    next: Option<String>,
    sections: Vec<Choice>,
    topics: Vec<Choice>,
    langs: Vec<Choice>,
    sorts: Vec<Choice>,
    new_sections: Vec<Choice>,
    to_sections: Vec<Choice>,
    views: Vec<SavedView>,
    query: String,
    filtered: bool,
    may_write: bool,
    may_approve: bool,
    may_import: bool,
    returned: Returned,
}

impl ListPage {
    fn value(&self, name: &str) -> &str {
        self.returned.values.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v)
    }
}

/// `/articles`
pub(crate) async fn get(staff: Staff, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Asked::read(query.as_deref().unwrap_or(""));
    show(&page(&staff, asked, Returned::default()).await?)
}

/// The list again, with what was wrong.
async fn again(staff: &Staff, asked: Asked, returned: Returned) -> Result<Response, Failure> {
    let mut response = show(&page(staff, asked, returned).await?)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// The articles that fit what is asked.
async fn listing(staff: &Staff, asked: &Asked, per_page: usize) -> Result<Listing, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let mut tx = staff.city.db.read().await?;
    let heads = desk.visible(draft::heads(&mut tx).await?);
    let tallies = feedback::counts(&mut tx, staff.visit.now.minus(feedback::LATELY)).await?;
    drop(tx);
    let snapshot = staff.city.library.snapshot();
    let mut filter = asked.filter(&staff.who, per_page);
    if !asked.q.is_empty() {
        filter.text = Some(staff.city.library.matches(&snapshot, &asked.q));
    }
    let beside = Beside { organisation: &organisation, drafts: &heads, tallies: &tallies };
    Ok(desk::list(&snapshot, beside, &filter, staff.visit.today()))
}

async fn page(staff: &Staff, asked: Asked, returned: Returned) -> Result<ListPage, Failure> {
    let found = listing(staff, &asked, 50).await?;
    let frame = staff.frame("articles");
    let mut tx = staff.city.db.read().await?;
    let views = saved_view::of_page(&mut tx, &staff.who.account, views::PAGE).await?;
    drop(tx);
    let rows = found.lines.iter().map(|line| row(&frame, line, &returned.marked)).collect();
    let new_drafts = found.new_drafts.iter().map(|d| NewDraft {
        id: d.id.clone(),
        question: or_untitled(&d.question),
        section: frame.section(&d.section),
        state: d.state.name(),
    });
    let all = Tab { url: asked.link("state", ""), label: "すべて", count: 0, current: asked.state.is_none() };
    let tabs = found.counts.iter().map(|(state, count)| Tab {
        url: asked.link("state", state.code()),
        label: state.name(),
        count: *count,
        current: asked.state == Some(*state),
    });
    let at = |page: usize| asked.link("page", &page.to_string());
    let mut sections = section_choices(staff, None, &asked.section);
    let whole = staff.who.where_may(Action::ArticleRead).is_none();
    let first = if whole { "すべての課" } else { "自分の課" };
    sections.insert(0, Choice::new("", first, &asked.section));
    if !whole {
        sections.insert(1, Choice::new("all", "すべての課", &asked.section));
    }
    // No section is chosen beforehand: a slip would move the marked articles.
    let mut to_sections = section_choices(staff, Some(Action::ArticleApprove), "");
    to_sections.insert(0, Choice::new("", "選んでください", ""));
    let organisation = staff.city.organisation();
    for choice in organisation.needs_choice(staff.visit.today()) {
        let name = organisation.own(&choice.code, choice.ended_on).map_or(choice.code.as_str(), |s| &s.name);
        let label = format!("{name}（{}まで）", frame.day(&choice.ended_on));
        sections.push(Choice::new(choice.code.clone(), label, &asked.section));
        if staff.who.may_in(Action::ArticleApprove, &staff.section_today(&choice.code)) {
            let heirs = section_choices(staff, None, "").into_iter().filter(|c| choice.successors.contains(&c.value));
            for heir in heirs.collect::<Vec<_>>() {
                if to_sections.iter().all(|c| c.value != heir.value) {
                    to_sections.push(heir);
                }
            }
        }
    }
    Ok(ListPage {
        tabs: std::iter::once(all).chain(tabs).collect(),
        new_drafts: new_drafts.collect(),
        total: found.total,
        page: found.page,
        pages: found.pages,
        previous: (found.page > 1).then(|| at(found.page - 1)),
        next: (found.page < found.pages).then(|| at(found.page + 1)),
        sections,
        topics: with_any("すべて", TOPICS.iter().map(|t| Choice::new(t.code, t.name(Lang::Ja), &asked.topic))),
        langs: with_any(
            "指定しない",
            [Lang::Easy, Lang::En]
                .into_iter()
                .map(|l| Choice::new(l.code(), format!("{}がない", lang_name(l)), &asked.missing)),
        ),
        sorts: SORTS.iter().map(|(code, label, _)| Choice::new(*code, *label, &asked.sort)).collect(),
        new_sections: section_choices(staff, Some(Action::ArticleWrite), staff.who.sections.first().map_or("", |s| s)),
        to_sections,
        views,
        query: asked.query(),
        filtered: !asked.is_plain(),
        may_write: staff.who.may(Action::ArticleWrite),
        may_approve: staff.who.may(Action::ArticleApprove),
        may_import: staff.who.may(Action::ImportRun),
        returned,
        rows,
        asked,
        frame,
    })
}

fn with_any(label: &str, choices: impl Iterator<Item = Choice>) -> Vec<Choice> {
    let mut all: Vec<Choice> = choices.collect();
    let chosen = all.iter().all(|c| !c.chosen);
    all.insert(0, Choice { value: String::new(), label: label.into(), chosen });
    all
}

/// A question, or words for none.
pub(crate) fn or_untitled(question: &str) -> String {
    if question.trim().is_empty() { "（質問がまだありません）".into() } else { question.to_owned() }
}

fn row(frame: &Frame, line: &Line, marked: &[String]) -> Row {
    let content = &line.article.content;
    let missing = [Lang::Easy, Lang::En].into_iter().filter(|l| !content.texts.contains_key(l));
    Row {
        code: line.article.code.clone(),
        question: or_untitled(&content.text(Lang::Ja).0.question),
        missing: missing.map(lang_name).collect(),
        section: frame.section(&content.section),
        tags: line.states.iter().map(|s| state_tag(*s)).collect(),
        draft: line.draft.as_ref().map(|d| d.id.clone()),
        review_due: frame.some_day(&content.review_due),
        late: content.review_due.is_some_and(|due| due < frame.today) && !line.states.contains(&State::Ended),
        yes: line.tally.yes,
        no: line.tally.no,
        marked: marked.contains(&line.article.code),
    }
}
