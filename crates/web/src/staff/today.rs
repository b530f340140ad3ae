//! `/` of the staff's face: what is mine and when it is due.

use std::collections::BTreeSet;

use access::inquiry::{self, Whose};
use access::{Action, two_person};
use askama::Template;
use axum::response::Response;
use knowledge::desk::{self, Beside, State};
use knowledge::{draft, feedback, question};

use super::frame::Frame;
use super::gate::Staff;
use super::inquiries::address;
use super::two_person::may_decide;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::lists::desk_of;

/// Most lines of one part; the part's own page has the rest.
const MOST: usize = 8;

/// A thing to do.
struct Todo {
    url: String,
    title: String,
    place: String,
    when: String,
    late: bool,
}

/// Things of one kind.
struct Part {
    title: &'static str,
    url: String,
    total: usize,
    todos: Vec<Todo>,
}

#[derive(Template)]
#[template(path = "staff/today.html")]
struct TodayPage {
    frame: Frame,
    sections: Vec<String>,
    /// Parts in which something waits.
    parts: Vec<Part>,
    /// Whether the person's roles have any work that this page shows.
    has_work: bool,
    /// Why the search has no vectors just now, for whoever can see to it.
    vectors: Option<String>,
}

/// `/`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let frame = staff.frame("today");
    let sections = staff.who.sections.iter().map(|s| frame.section(s)).collect();
    let mut parts = Vec::new();
    if staff.who.may(Action::InquiryAnswer) {
        parts.push(inquiries(&staff, &frame).await?);
    }
    if staff.who.may(Action::ArticleRead) {
        parts.extend(articles(&staff, &frame).await?);
    }
    if staff.who.may(Action::QuestionAnswer) {
        parts.push(questions(&staff, &frame).await?);
    }
    if staff.who.may(Action::SendApprove) {
        parts.push(sends(&staff, &frame).await?);
    }
    if staff.who.may(Action::TwoPersonDecide) {
        parts.push(changes(&staff, &frame).await?);
    }
    let has_work = !parts.is_empty();
    parts.retain(|part| part.total > 0);
    let sees_to_it = staff.who.may(Action::JobManage);
    let vectors = if sees_to_it { super::vectors::fault(&frame, &staff.city.library) } else { None };
    show(&TodayPage { frame, sections, parts, has_work, vectors })
}

/// The sections that a person works for: those of the role, also where the role reaches the whole city.
fn own(staff: &Staff, action: Action) -> BTreeSet<String> {
    match staff.who.where_may(action) {
        Some(sections) => sections.into_iter().map(str::to_owned).collect(),
        None => staff.who.sections.iter().cloned().collect(),
    }
}

async fn inquiries(staff: &Staff, frame: &Frame) -> Result<Part, Failure> {
    let filter = inquiry::Filter { whose: Whose::ToAnswer, state: Some("open"), pending: true, ..Default::default() };
    let organisation = staff.city.organisation();
    let today = staff.visit.today();
    let mut tx = staff.city.db.read().await?;
    let page = inquiry::list(&mut tx, &staff.who, &organisation, today, &filter).await?;
    let todos = page.rows.iter().take(MOST).map(|row| {
        let due = row.own.iter().map(|t| t.due(&row.inquiry)).min().unwrap_or(row.inquiry.due_on);
        Todo {
            url: address(&row.inquiry),
            title: row.inquiry.title.clone(),
            place: format!("{}から", frame.section(&row.inquiry.section)),
            when: format!("{}まで", frame.day(&due)),
            late: due < today,
        }
    });
    Ok(Part {
        title: "答える照会",
        url: "/inquiries".into(),
        total: usize::try_from(page.total).unwrap_or(0),
        todos: todos.collect(),
    })
}

async fn articles(staff: &Staff, frame: &Frame) -> Result<Vec<Part>, Failure> {
    let organisation = staff.city.organisation();
    let today = staff.visit.today();
    let desk = desk_of(staff, &organisation);
    let mut tx = staff.city.db.read().await?;
    let drafts = desk.visible(draft::heads(&mut tx).await?);
    let tallies = feedback::counts(&mut tx, staff.visit.now.minus(feedback::LATELY)).await?;
    drop(tx);
    let beside = Beside { organisation: &organisation, drafts: &drafts, tallies: &tallies };
    let sections = own(staff, Action::ArticleRead);
    let filter = desk::Filter { sections: Some(sections.clone()), state: Some(State::ReviewDue), ..Default::default() };
    let overdue = desk::list(&staff.city.library.snapshot(), beside, &filter, today);
    let lines = overdue.lines.iter().take(MOST).map(|line| Todo {
        url: format!("/articles/{}", line.article.code),
        title: line.article.text(city::Lang::Ja).0.question.clone(),
        place: frame.section(&line.article.content.section),
        when: frame.some_day(&line.article.content.review_due),
        late: line.article.content.review_due.is_some_and(|due| due < today),
    });
    let mut parts = vec![Part {
        title: "見直しの期限が来たFAQ",
        url: "/articles?state=review-due".into(),
        total: overdue.total,
        todos: lines.collect(),
    }];
    parts.extend(undivided(staff, frame, &sections));
    let waiting = |state: &str, mine: bool| -> Vec<&draft::DraftHead> {
        let is_mine = |d: &draft::DraftHead| !mine || d.author == staff.who.account;
        drafts
            .iter()
            .filter(|d| d.state.code() == state && sections.contains(&staff.section_today(&d.section)) && is_mine(d))
            .collect()
    };
    let todo = |d: &&draft::DraftHead| Todo {
        url: format!("/drafts/{}", d.id),
        title: if d.question.is_empty() { "（まだ質問がありません）".into() } else { d.question.clone() },
        place: frame.section(&d.section),
        when: frame.moment(&d.updated_at),
        late: false,
    };
    for (title, state, mine) in [("承認を待つ原稿", "submitted", false), ("差し戻された自分の原稿", "returned", true)]
    {
        let found = waiting(state, mine);
        parts.push(Part {
            title,
            url: "/drafts".into(),
            total: found.len(),
            todos: found.iter().take(MOST).map(todo).collect(),
        });
    }
    Ok(parts)
}

/// Articles of sections that became several, until somebody says whose they are.
fn undivided(staff: &Staff, frame: &Frame, own: &BTreeSet<String>) -> Vec<Part> {
    let (organisation, today) = (staff.city.organisation(), staff.visit.today());
    let snapshot = staff.city.library.snapshot();
    let part = |choice: &city::Choice| {
        let name = organisation.own(&choice.code, choice.ended_on).map_or(choice.code.as_str(), |s| &s.name);
        let of_it = |a: &&std::sync::Arc<knowledge::Article>| {
            a.content.section == choice.code && own.contains(&staff.section_today(&choice.code))
        };
        let todos: Vec<Todo> = snapshot
            .articles
            .iter()
            .filter(of_it)
            .map(|article| Todo {
                url: format!("/articles/{}", article.code),
                title: article.text(city::Lang::Ja).0.question.clone(),
                place: format!("{name}（{}まで）から", frame.day(&choice.ended_on)),
                when: String::new(),
                late: false,
            })
            .collect();
        let total = todos.len();
        let todos = todos.into_iter().take(MOST).collect();
        Part {
            title: "受け持つ課を決めるFAQ", url: format!("/articles?section={}", choice.code), total, todos
        }
    };
    organisation.needs_choice(today).into_iter().map(part).filter(|part| part.total > 0).collect()
}

async fn questions(staff: &Staff, frame: &Frame) -> Result<Part, Failure> {
    let organisation = staff.city.organisation();
    let filter = question::Filter {
        sections: Some(own(staff, Action::QuestionAnswer).into_iter().collect()),
        states: vec!["received".into(), "assigned".into()],
        before: None,
        offset: 0,
        limit: i64::try_from(MOST).unwrap_or(i64::MAX),
    };
    let mut tx = staff.city.db.read().await?;
    let listing = question::list(&mut tx, &organisation, staff.visit.today(), &filter).await?;
    let todos = listing.questions.iter().map(|q| Todo {
        url: format!("/questions/{}", question::short_number(&q.number)),
        title: q.body.chars().take(60).collect(),
        place: q.section.as_deref().map_or_else(|| "課が決まっていません".to_owned(), |s| frame.section(s)),
        when: frame.moment(&q.created_at),
        late: q.hops > 0 || q.reopened,
    });
    Ok(Part {
        title: "答えを待つ質問",
        url: "/questions".into(),
        total: usize::try_from(listing.total).unwrap_or(0),
        todos: todos.collect(),
    })
}

async fn sends(staff: &Staff, frame: &Frame) -> Result<Part, Failure> {
    let mut tx = staff.city.db.read().await?;
    let waiting = super::sends::list::for_approval(&mut tx, staff).await?;
    let todos = waiting.iter().take(MOST).map(|s| Todo {
        url: super::sends::address(s),
        title: s.title.clone(),
        place: frame.section(&s.section),
        when: s.starts_at.map_or_else(|| "承認の後すぐ".into(), |at| format!("{}に送る", frame.moment(&at))),
        late: s.urgent || s.starts_at.is_some_and(|at| at < staff.visit.now),
    });
    Ok(Part {
        title: "承認を待つ配信", url: "/sends?tab=waiting".into(), total: waiting.len(), todos: todos.collect()
    })
}

async fn changes(staff: &Staff, frame: &Frame) -> Result<Part, Failure> {
    let mut tx = staff.city.db.read().await?;
    let open: Vec<_> = two_person::latest(&mut tx, staff.app.clock.as_ref(), 500)
        .await?
        .into_iter()
        .filter(|c| c.state == "asked" && c.asked_by != staff.who.account && may_decide(&staff.who, &c.kind))
        .collect();
    let todos = open.iter().take(MOST).map(|c| Todo {
        url: "/changes".into(),
        title: c.reason.clone(),
        place: "2人目の確認".into(),
        when: frame.moment(&c.asked_at),
        late: false,
    });
    Ok(Part {
        title: "2人目の確認を待つ変更", url: "/changes".into(), total: open.len(), todos: todos.collect()
    })
}
