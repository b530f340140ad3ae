//! `ask`: a question in the terminal.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use city::{Lang, Organisation};
use knowledge::{Answer, Article, FactKind, Library, Outcome};
use search::Explanation;
use web::facts;

use super::say;
use crate::cli::Ask;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::house;

pub(super) async fn ask(config: &Config, city: Option<&str>, ask: &Ask, json: bool) -> Result<ExitCode, Failure> {
    let lang = Lang::from_code(&ask.lang)
        .ok_or_else(|| Failure::new(Code::Refused, format!("--lang {:?}: say ja, easy or en", ask.lang)))?;
    let city = config.chosen(city)?;
    let reading = config.reading(city)?;
    let db = config.open(city).await?;
    let organisation = Organisation::load(&db).await?;
    let library = Arc::new(Library::new(reading).keeping(config.index_file(city)));
    library.refresh(&db).await?;
    // Without vectors, or where they cannot be kept, the question is answered by its words.
    match library.embed(&db).await {
        Ok(filled) => {
            if let Some(error) = filled.failed {
                eprintln!("madoguchi: vectors of articles: {error}");
            }
        }
        Err(error) => eprintln!("madoguchi: vectors of articles could not be kept: {error}"),
    }
    db.close().await;
    let question = ask.question.join(" ");
    library.prepare(&question).await;
    let now = house::clock().now();
    let answer = library.ask(&question, now.jst_date(), usize::from(ask.limit));
    let explained = if ask.explain { library.explain(&question, &answer.found) } else { Vec::new() };
    let value = as_json(&answer, lang, &explained);
    let mut words = as_words(&answer, &organisation, lang, now, &explained);
    if ask.explain {
        let _infallible = write!(words, "\n\n── 最初の答えが合っている確からしさ {:.0} %", 100.0 * answer.probability);
        words.push_str("\n── 質問の読み方（ことば／読み／重み）");
        for term in library.read_question(&question) {
            let _infallible = write!(words, "\n   {}／{}／{:.2}", term.base, term.reading, term.weight);
        }
    }
    let said = say(json, &value, || words);
    Ok(if answer.outcome == Outcome::Unsure { ExitCode::from(Code::Nothing as u8) } else { said })
}

fn as_json(answer: &Answer, lang: Lang, explained: &[Explanation]) -> serde_json::Value {
    let found: Vec<_> = answer
        .found
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let (text, found_lang) = f.article.text(lang);
            let mut value = serde_json::json!({
                "code": f.article.code, "lang": found_lang.code(), "question": text.question, "summary": text.summary,
                "answer": text.answer, "facts": text.facts, "section": f.article.content.section,
                "checked_on": f.article.content.checked_on.to_string(), "version": f.article.version, "score": f.hit.score,
            });
            if let Some(e) = explained.get(i) {
                value["features"] = e.features.iter().map(|(n, v, w)| serde_json::json!([n, v, w])).collect();
            }
            value
        })
        .collect();
    serde_json::json!({ "outcome": answer.outcome.code(), "probability": answer.probability, "found": found })
}

fn as_words(
    answer: &Answer,
    organisation: &Organisation,
    lang: Lang,
    now: calendar::Instant,
    explained: &[Explanation],
) -> String {
    let mut out = String::new();
    let say = |key: &str| words::message(lang, key, &[]);
    let mut others = answer.found.iter();
    if answer.outcome == Outcome::Unsure {
        let _infallible = writeln!(out, "{}\n{}", say("nothing-title"), say(words::TRY_AGAIN));
        if !answer.found.is_empty() {
            let _infallible = write!(out, "\n{}", say("nearest-title"));
        }
    } else if answer.is_sure() {
        if let Some(first) = others.next() {
            whole(&mut out, &first.article, organisation, lang, now);
        }
    } else {
        let _infallible = writeln!(out, "{}\n{}", say("unsure-title"), say("unsure-lead"));
    }
    let rest: Vec<_> = others.collect();
    if !rest.is_empty() {
        let _infallible =
            writeln!(out, "{}", if answer.is_sure() { format!("\n{}", say("other-answers")) } else { String::new() });
        for found in rest {
            let _infallible = writeln!(out, "  ・{}  [{}]", found.article.text(lang).0.question, found.article.code);
        }
    }
    for (explanation, found) in explained.iter().zip(&answer.found) {
        explain(&mut out, explanation, &found.article);
    }
    out.trim_end().to_owned()
}

fn whole(out: &mut String, article: &Article, organisation: &Organisation, lang: Lang, now: calendar::Instant) {
    // Plain Japanese keeps its readings in brackets: a terminal has no ruby.
    let (text, _) = article.text(lang);
    let _infallible = writeln!(out, "{}\n\n{}\n", text.question, text.summary);
    for (kind, items) in text.facts.present() {
        let name = words::message(lang, facts::key(kind), &[]);
        let _infallible =
            writeln!(out, "  {name}{} {}", " ".repeat(16usize.saturating_sub(width(&name))), items.join("／"));
        if let (FactKind::Online, Some(url)) = (kind, &text.facts.online_url) {
            let _infallible = writeln!(out, "  {} {url}", " ".repeat(16));
        }
    }
    let _infallible = writeln!(out, "\n{}\n", text.answer);
    if let Some(section) = organisation.section(&article.content.section, now.jst_date()) {
        let status = words::open_status(lang, organisation, section, now);
        let _infallible = writeln!(out, "{} {} {} {}", section.name(lang), section.phone, status.label, status.detail);
    }
    let day = words::day(lang, article.content.checked_on);
    let checked = words::message(lang, "checked-on", &[("date", &day)]);
    let version = words::message(lang, "version", &[("n", &article.version.to_string())]);
    let _infallible = writeln!(out, "{checked} ・ {version}");
}

/// Columns on a terminal: Japanese letters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Features that are shown of an article, the strongest first.
const SHOWN_FEATURES: usize = 12;

fn explain(out: &mut String, explanation: &Explanation, article: &Article) {
    let _infallible = writeln!(out, "\n── {}  得点 {:.2}", article.code, explanation.score);
    let _infallible = writeln!(
        out,
        "   ことば（見出し語／読み）      重み   語形   読み   質問・見出し・事実・要約・答え・たずねられ方での回数"
    );
    for term in &explanation.terms {
        let counts = term.counts.map(|n| n.to_string()).join(" ");
        let shown = format!("{}（{}／{}）", term.surface, term.base, term.reading);
        let pad = " ".repeat(30usize.saturating_sub(width(&shown)));
        let _infallible = writeln!(
            out,
            "   {shown}{pad} {:>4.2} {:>6.2} {:>6.2}   {counts}",
            term.weight, term.by_word, term.by_reading
        );
    }
    for term in explanation.terms.iter().filter(|t| !t.substitutes.is_empty()) {
        let _infallible = writeln!(out, "   {} の代わりに: {}", term.surface, term.substitutes.join("・"));
    }
    let _infallible = writeln!(out, "   ほかの候補とちがうところ（値 → 得点への働き）");
    for (name, value, part) in explanation.features.iter().take(SHOWN_FEATURES) {
        let _infallible = writeln!(out, "   {name:28} {value:>7.3} → {part:>+7.3}");
    }
}
