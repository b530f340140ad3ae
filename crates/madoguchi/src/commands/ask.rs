//! `ask`: a question in the terminal.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use calendar::Status;
use city::{Lang, Organisation};
use knowledge::{Answer, Article, FactKind, Library};
use search::Explanation;

use super::say;
use crate::cli::Ask;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::house;

pub(super) async fn ask(config: &Config, city: Option<&str>, ask: &Ask, json: bool) -> Result<ExitCode, Failure> {
    let lang = Lang::from_code(&ask.lang)
        .ok_or_else(|| Failure::new(Code::Refused, format!("--lang {:?}: say ja, easy or en", ask.lang)))?;
    let city = config.chosen(city)?;
    let analyzer = config.analyzer(city)?;
    let db = config.open(city).await?;
    let organisation = Organisation::load(&db).await?;
    let library = Arc::new(Library::new(analyzer));
    library.refresh(&db).await?;
    db.close().await;
    let question = ask.question.join(" ");
    let now = house::clock().now();
    let answer = library.ask(&question, now.jst_date(), usize::from(ask.limit));
    let explained = if ask.explain { library.explain(&question, &answer.found) } else { Vec::new() };
    let value = as_json(&answer, lang, &explained);
    let mut words = as_words(&answer, &organisation, lang, now, &explained);
    if ask.explain {
        words.push_str("\n\n── 質問の読み方（ことば／読み／重み）");
        for term in library.read_question(&question) {
            let _infallible = write!(words, "\n   {}／{}／{:.2}", term.base, term.reading, term.weight);
        }
    }
    let said = say(json, &value, || words);
    Ok(if answer.found.is_empty() { ExitCode::from(Code::Nothing as u8) } else { said })
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
                "answer": text.answer, "facts": text.facts, "section": f.article.section,
                "checked_on": f.article.checked_on.to_string(), "version": f.article.version, "score": f.hit.score,
            });
            if let Some(e) = explained.get(i) {
                value["features"] = e.features.iter().map(|(n, v, w)| serde_json::json!([n, v, w])).collect();
            }
            value
        })
        .collect();
    serde_json::json!({ "sure": answer.sure, "found": found })
}

fn as_words(
    answer: &Answer,
    organisation: &Organisation,
    lang: Lang,
    now: calendar::Instant,
    explained: &[Explanation],
) -> String {
    let mut out = String::new();
    let mut others = answer.found.iter();
    if answer.found.is_empty() {
        out.push_str("答えが見つかりませんでした。言葉を変えて、もう一度聞いてください。\n");
    } else if answer.sure {
        if let Some(first) = others.next() {
            whole(&mut out, &first.article, organisation, lang, now);
        }
    } else {
        out.push_str("ぴったりの答えか分かりません。近いものはこちらです。\n");
    }
    let rest: Vec<_> = others.collect();
    if !rest.is_empty() {
        out.push_str(if answer.sure { "\nほかの答え\n" } else { "\n" });
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
    let (text, _) = article.text(lang);
    let _infallible = writeln!(out, "{}\n\n{}\n", text.question, text.summary);
    for (kind, items) in text.facts.present() {
        let name = match kind {
            FactKind::Who => "対象の方",
            FactKind::Deadline => "いつまで",
            FactKind::Bring => "持ってくるもの",
            FactKind::Fee => "お金",
            FactKind::Place => "どこで",
            FactKind::Hours => "受付時間",
            FactKind::Online => "オンライン",
        };
        let _infallible = writeln!(out, "  {name}{}{}", "　".repeat(8 - name.chars().count()), items.join("／"));
        if let (FactKind::Online, Some(url)) = (kind, &text.facts.online_url) {
            let _infallible = writeln!(out, "  {}{url}", "　".repeat(8));
        }
    }
    let _infallible = writeln!(out, "\n{}\n", text.answer);
    let today = now.jst_date();
    if let Some(section) = organisation.section(&article.section, today) {
        let open = match organisation.status(section, now) {
            Status::OpenAllDay => "24時間開いています".to_owned(),
            Status::Open { until } => {
                let until = until.jst();
                format!("いま開いています（{}時{:02}分まで）", until.hour(), until.minute())
            }
            Status::Closed { opens: Some(opens) } => {
                let at = opens.jst();
                format!("いま閉まっています（次は{}月{}日 {}時{:02}分から）", at.month(), at.day(), at.hour(), at.minute())
            }
            Status::Closed { opens: None } => "いま閉まっています".to_owned(),
        };
        let _infallible = writeln!(out, "{} {} {open}", section.name(lang), section.phone);
    }
    let day = article.checked_on;
    let _infallible = writeln!(out, "{}年{}月{}日に確認 ・ 第{}版", day.year(), day.month(), day.day(), article.version);
}

fn explain(out: &mut String, explanation: &Explanation, article: &Article) {
    let _infallible = writeln!(out, "\n── {}  得点 {:.2}", article.code, explanation.score);
    let _infallible = writeln!(out, "   ことば（見出し語／読み）      重み   語形   読み   質問・見出し・事実・答えでの回数");
    for term in &explanation.terms {
        let [q, k, f, a] = term.counts;
        let shown = format!("{}（{}／{}）", term.surface, term.base, term.reading);
        let pad = " ".repeat(30usize.saturating_sub(shown.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()));
        let _infallible = writeln!(
            out,
            "   {shown}{pad} {:>4.2} {:>6.2} {:>6.2}   {q} {k} {f} {a}",
            term.weight, term.by_word, term.by_reading
        );
    }
    for (name, value, weighted) in &explanation.features {
        let _infallible = writeln!(out, "   {name:22} {value:>7.3} → {weighted:>7.3}");
    }
}
