//! `gate run`: the golden questions are asked, and it is told which topics the bot may answer on.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use city::Lang;
use contact::gate::{self, TopicGate, Verdict};
use contact::golden_run::{self, Failed, Run};
use knowledge::Library;

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::{house, progress};

/// A run with what failed in it and the gate that stands after it.
struct Told {
    run: Run,
    failed: Vec<Failed>,
    gate: Option<TopicGate>,
}

pub(super) async fn run(
    config: &Config,
    city: Option<&str>,
    topic: Option<&str>,
    json: bool,
) -> Result<ExitCode, Failure> {
    if let Some(unknown) = topic.filter(|code| city::topic(code).is_none()) {
        let codes: Vec<&str> = city::TOPICS.iter().map(|t| t.code).collect();
        return Err(Failure::new(Code::Refused, format!("there is no topic {unknown:?}"))
            .hint(format!("topics: {}", codes.join(", "))));
    }
    let city = config.chosen(city)?;
    let reading = config.reading(city)?;
    let db = config.open(city).await?;
    let library = Arc::new(Library::new(reading).keeping(config.index_file(city)));
    let bar = progress::bar("たずねています", None, json);
    let (clock, mut entropy) = (house::clock(), house::entropy()());
    let runs = golden_run::run(&db, clock.as_ref(), entropy.as_mut(), &library, topic, "command").await?;
    bar.finish_and_clear();
    let mut tx = db.read().await?;
    let mut book = gate::read(&mut tx).await?;
    let mut told = Vec::new();
    for run in runs {
        let gate = book.topics.iter().position(|t| t.topic == run.topic).map(|at| book.topics.swap_remove(at));
        told.push(Told { failed: golden_run::failures(&mut tx, &run.id).await?, gate, run });
    }
    drop(tx);
    db.close().await;
    let passed = !told.is_empty() && told.iter().all(Told::reached);
    let value: Vec<_> = told.iter().map(Told::as_json).collect();
    let said = say(json, &serde_json::json!({ "passed": passed, "topics": value }), || as_words(&told));
    Ok(if passed { said } else { ExitCode::from(Code::Nothing as u8) })
}

impl Told {
    fn mark(&self) -> i64 {
        self.gate.as_ref().map_or(100, |g| g.mark)
    }

    fn reached(&self) -> bool {
        self.run.reaches(self.mark())
    }

    fn as_json(&self) -> serde_json::Value {
        let failed = self.failed.iter().map(|f| {
            serde_json::json!({ "words": f.words, "expected": f.expected, "came": f.came, "came_articles": f.came_articles })
        });
        serde_json::json!({
            "topic": self.run.topic, "passed": self.run.passed, "total": self.run.total, "mark": self.mark(),
            "reached": self.reached(), "live": self.gate.as_ref().is_some_and(|g| g.verdict.is_live()),
            "index_version": self.run.index_version, "ranking_model": self.run.ranking_model,
            "language_model": self.run.language_model, "failed": failed.collect::<Vec<_>>(),
        })
    }
}

fn as_words(told: &[Told]) -> String {
    if told.is_empty() {
        return "there are no golden questions; add them on the staff's face under 自動応答の管理".into();
    }
    let mut words = String::new();
    for one in told {
        let state = match one.gate.as_ref().map(|g| g.verdict) {
            Some(verdict) if verdict.is_live() => "live",
            Some(Verdict::Off | Verdict::AllOff) => "turned off",
            _ => "not live",
        };
        let name = city::topic(&one.run.topic).map_or("", |t| t.name(Lang::Ja));
        let r = &one.run;
        let line =
            format!("{} {name}: {}/{} ({} %, mark {} %), {state}", r.topic, r.passed, r.total, r.percent(), one.mark());
        let _infallible = writeln!(words, "{line}");
        for f in &one.failed {
            let wanted = if f.expected.is_empty() { "refuse".to_owned() } else { f.expected.join(" or ") };
            let _infallible =
                writeln!(words, "    {}\n      expected {wanted}; {} {}", f.words, f.came, f.came_articles.join(" "));
        }
    }
    words.truncate(words.trim_end().len());
    words
}
