//! `/trial`: a question as a citizen would ask it, what they would get, and why.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use knowledge::{Found, Outcome};
use search::{Explanation, Kind, TermExplanation, kind_of_name};

use super::fields::Fields;
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::ask::tidy;
use crate::citizen::show;
use crate::errors::Failure;

/// Articles that are shown.
const SHOWN: usize = 10;
/// Longest question that is tried, in characters.
const MAX_ASKED: usize = 400;
/// Where a word stands, in the order of the fields of a document.
const PLACES: [&str; search::FIELDS] = ["質問", "キーワード", "事実", "要約", "答え", "市民の言い方"];

/// What speaks for an article, as staff read it.
fn name_of(feature: &str) -> &'static str {
    match kind_of_name(feature) {
        Some(Kind::Words | Kind::Sentences) => "言葉が合う",
        Some(Kind::Substitutes) => "言いかえが合う",
        Some(Kind::Sounds) => "読みが合う",
        Some(Kind::Characters) => "文字の並びが似ている",
        Some(Kind::Directions | Kind::Vectors) => "意味が近い",
        Some(Kind::Intents) => "たずね方が合う",
        Some(Kind::Answered) => "市民の言い方に近い",
        None if feature == "asked_before" => "市民の言い方に近い",
        Some(Kind::Question) | None => "そのほか",
    }
}

/// A word of the question as it was read.
struct Word {
    surface: String,
    base: String,
    reading: String,
    /// How much it says, 0 to 100.
    weight: u32,
}

/// How a word of the question is met in an article.
struct Met {
    surface: String,
    /// Where it stands itself.
    places: Vec<&'static str>,
    /// What stands for it.
    substitutes: String,
}

/// What speaks for or against an article.
struct Reason {
    name: &'static str,
    speaks_for: bool,
    /// Length of its bar, 0 to 100.
    length: u32,
}

struct Row {
    code: String,
    question: String,
    section: String,
    met: Vec<Met>,
    reasons: Vec<Reason>,
}

#[derive(Template)]
#[template(path = "staff/trial.html")]
struct TrialPage {
    frame: Frame,
    asked: String,
    outcome: Option<Outcome>,
    percent: u32,
    words: Vec<Word>,
    rows: Vec<Row>,
}

impl TrialPage {
    fn example(&self) -> &'static str {
        "引っ越してきました。住民票はどうしますか"
    }
}

fn percent(share: f32) -> u32 {
    (100.0 * share.clamp(0.0, 1.0)).round() as u32
}

/// Parts of the features by kind, the largest first; what is too small to see is left out.
fn reasons(explanation: &Explanation) -> Vec<Reason> {
    let mut sums: Vec<(&'static str, f32)> = Vec::new();
    for (name, _, part) in &explanation.features {
        let kind = name_of(name);
        match sums.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, sum)) => *sum += part,
            None => sums.push((kind, *part)),
        }
    }
    sums.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let largest = sums.first().map_or(1.0, |(_, sum)| sum.abs()).max(0.05);
    let reason =
        |(name, sum): (&'static str, f32)| Reason { name, speaks_for: sum > 0.0, length: percent(sum.abs() / largest) };
    sums.into_iter().map(reason).filter(|r| r.length >= 5).collect()
}

fn met(term: &TermExplanation) -> Option<Met> {
    let places = PLACES.iter().zip(term.counts).filter(|(_, n)| *n > 0).map(|(place, _)| *place).collect();
    let met = Met { surface: term.surface.clone(), places, substitutes: term.substitutes.join("・") };
    (!met.places.is_empty() || !met.substitutes.is_empty()).then_some(met)
}

fn row(frame: &Frame, found: &Found, explanation: &Explanation) -> Row {
    Row {
        code: found.article.code.clone(),
        question: found.article.text(city::Lang::Ja).0.question.clone(),
        section: frame.section(&found.article.content.section),
        met: explanation.terms.iter().filter_map(met).collect(),
        reasons: reasons(explanation),
    }
}

pub(crate) async fn get(staff: Staff, Query(pairs): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    let frame = staff.frame("articles");
    let asked = tidy(Fields::from_pairs(pairs).get("q"), MAX_ASKED);
    let library = &staff.city.library;
    let (mut outcome, mut probability) = (None, 0.0);
    let (mut words, mut rows) = (Vec::new(), Vec::new());
    if !asked.is_empty() {
        library.prepare(&asked).await;
        let answer = library.ask(&asked, staff.visit.today(), SHOWN);
        (outcome, probability) = (Some(answer.outcome), answer.probability);
        let explained = library.explain(&asked, &answer.found);
        rows = answer.found.iter().zip(&explained).map(|(found, why)| row(&frame, found, why)).collect();
        let read = library.read_question(&asked).into_iter();
        words = read
            .map(|t| Word { surface: t.surface, base: t.base, reading: t.reading, weight: percent(t.weight) })
            .collect();
    }
    show(&TrialPage { asked, outcome, percent: percent(probability), words, rows, frame })
}
