//! `/thesaurus`: the city's own words beside those of the program.

pub(crate) mod edit;
pub(crate) mod files;

use access::Action;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use knowledge::thesaurus::{self, CityRelation, Typed};
use knowledge::{Library, reading};
use search::thesaurus::{Relation, RelationKind};
use text::normal;

use super::fields::Fields;
use super::frame::Frame;
use super::gate::Staff;
use super::lists::{Asked, Choice, Pager, choices, page_number};
use super::shown::Names;
use crate::citizen::show;
use crate::errors::Failure;

/// Relations on a page.
const PER_PAGE: usize = 50;
/// Relations of the program that are shown for a word.
const SHIPPED_SHOWN: usize = 30;

/// A relation as the list shows it.
struct Row {
    id: String,
    relation: Relation,
    kind: &'static str,
    remarks: Vec<String>,
    by: String,
    at: String,
}

/// A relation of the program.
struct ShippedRow {
    relation: &'static Relation,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "staff/thesaurus/list.html")]
struct ListPage {
    frame: Frame,
    may_write: bool,
    /// All relations of the city, whatever the filter.
    total: usize,
    word: String,
    kinds: Vec<Choice>,
    filtered: bool,
    rows: Vec<Row>,
    pager: Pager,
    shipped: Vec<ShippedRow>,
    shipped_more: usize,
    /// What was just taken away, to put it back.
    undo: Option<Typed>,
}

/// A text as it is compared with a filter.
fn folded(text: &str) -> String {
    normal::fold_kana(&normal::normalise(text))
}

/// Whether one of the two words holds the word of the filter.
fn holds(relation: &Relation, word: &str) -> bool {
    [&relation.term, &relation.other].into_iter().any(|own| folded(own).contains(word))
}

fn row(frame: &Frame, library: &Library, names: &Names, r: CityRelation) -> Row {
    Row {
        kind: thesaurus::kind_name(r.relation.kind),
        remarks: thesaurus::remarks(library, &r.relation),
        by: names.of(&r.actor),
        at: frame.moment(&r.at),
        id: r.id,
        relation: r.relation,
    }
}

/// The program's relations of a word, those that begin with it first; and how many more there are.
fn shipped(word: &str, kind: Option<RelationKind>) -> (Vec<ShippedRow>, usize) {
    if word.is_empty() {
        return (Vec::new(), 0);
    }
    let all = reading::shipped().relations().iter();
    let mut found: Vec<&'static Relation> =
        all.filter(|r| kind.is_none_or(|kind| r.kind == kind) && holds(r, word)).collect();
    let far = |r: &Relation| ![&r.term, &r.other].into_iter().any(|own| folded(own).starts_with(word));
    found.sort_by_key(|r| far(r));
    let more = found.len().saturating_sub(SHIPPED_SHOWN);
    let row = |relation: &'static Relation| ShippedRow { relation, kind: thesaurus::kind_name(relation.kind) };
    (found.into_iter().take(SHIPPED_SHOWN).map(row).collect(), more)
}

/// What the address says was taken away.
fn undo(asked: &Fields) -> Option<Typed> {
    asked.has("undo_term").then(|| Typed {
        term: asked.get("undo_term").to_owned(),
        kind: asked.get("undo_kind").to_owned(),
        other: asked.get("undo_other").to_owned(),
        note: asked.get("undo_note").to_owned(),
    })
}

/// `/thesaurus`
pub(crate) async fn get(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(pairs);
    let (word, kind) = (folded(asked.get("q")), RelationKind::from_code(asked.get("kind")));
    let frame = staff.frame("articles");
    let mut tx = staff.city.db.read().await?;
    let all = thesaurus::all(&mut tx).await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let total = all.len();
    let is_asked = |r: &CityRelation| {
        kind.is_none_or(|kind| r.relation.kind == kind) && (word.is_empty() || holds(&r.relation, &word))
    };
    let found: Vec<CityRelation> = all.into_iter().filter(is_asked).collect();
    let pager = Pager::new("/thesaurus", &asked, &["q", "kind"], found.len(), PER_PAGE);
    let on_page = found.into_iter().skip((page_number(&asked) - 1) * PER_PAGE).take(PER_PAGE);
    let rows = on_page.map(|r| row(&frame, &staff.city.library, &names, r)).collect();
    let (shipped, shipped_more) = shipped(&word, kind);
    let mut kinds = vec![("", "すべて")];
    kinds.extend(RelationKind::ALL.map(|kind| (kind.code(), thesaurus::kind_name(kind))));
    let may_write = staff.who.may(Action::ThesaurusWrite);
    show(&ListPage {
        may_write,
        total,
        kinds: choices(&kinds, asked.get("kind")),
        filtered: !word.is_empty() || kind.is_some(),
        word: asked.get("q").to_owned(),
        rows,
        pager,
        shipped,
        shipped_more,
        undo: if may_write { undo(&asked) } else { None },
        frame,
    })
}
