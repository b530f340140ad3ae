//! From a found article to an answer: ask the model, check, judge, fill in; on any failure the article itself.

use serde::{Deserialize, Serialize};
use text::Analyzer;

use crate::chat::{Chat, Finish};
use crate::check::{Checked, check, sentences};
use crate::prompt::{JUDGE_VERSION, Style, Task, Writer, judge as judge_prompt, prompt, verdicts};
use crate::source::{Source, render};
use crate::suspect::speaks_to_model;

/// An answer and how it came about. All of it can be kept beside the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// What is shown: checked and filled in, or the article's own words.
    pub text: String,
    /// What the model wrote, if it wrote anything.
    pub raw: Option<String>,
    /// [`Chat::identity`] of the model.
    pub model: String,
    /// Version of the text by which it was asked.
    pub prompt_version: String,
    /// What the check found, if there was anything to check.
    pub checked: Option<Checked>,
    /// What a second model said, if one was asked.
    pub judged: Option<Judged>,
    /// Why the article itself is shown.
    pub fell_back: Option<Why>,
}

/// What a second model said of each sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// [`Chat::identity`] of the judge.
    pub model: String,
    /// Version of the text by which it was asked.
    pub prompt_version: String,
    /// For each sentence whether it is supported; empty if the judge did not answer in the form asked for.
    pub supported: Vec<bool>,
}

/// Why a model's words are not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why", content = "detail")]
pub enum Why {
    /// There is nothing to answer from.
    NoSource,
    /// A text speaks to the model; the sign by which it is known.
    Suspicious(String),
    /// The model did not answer; the error's sentence.
    Model(String),
    /// The reply has no end.
    Unfinished,
    /// The check found faults.
    Check,
    /// The judge did not answer, or not in the form asked for; why.
    NoVerdict(String),
    /// The judge found a sentence without support.
    Judge,
}

/// Answers a question from a source.
///
/// A judge is asked only after the check has passed; it can refuse a reply and never save one.
pub async fn answer(
    chat: &dyn Chat,
    judge: Option<&dyn Chat>,
    words: &Analyzer,
    task: &Task,
    source: &Source,
    question: &str,
) -> Answered {
    let mut out = Answered {
        text: fallback(task, source),
        raw: None,
        model: chat.identity(),
        prompt_version: task.version().to_owned(),
        checked: None,
        judged: None,
        fell_back: None,
    };
    out.fell_back = attempt(&mut out, chat, judge, words, task, source, question).await.err();
    out
}

async fn attempt(
    out: &mut Answered,
    chat: &dyn Chat,
    judge: Option<&dyn Chat>,
    words: &Analyzer,
    task: &Task,
    source: &Source,
    question: &str,
) -> Result<(), Why> {
    if out.text.is_empty() {
        return Err(Why::NoSource);
    }
    if let Some(sign) = suspicious(task, source, question) {
        return Err(Why::Suspicious(sign.to_owned()));
    }
    let made = prompt(task, source, question);
    let reply = chat.complete(&made.request).await.map_err(|e| Why::Model(e.to_string()))?;
    out.raw = Some(reply.text.clone());
    if reply.finish != Finish::Stop {
        return Err(Why::Unfinished);
    }
    let checked = check(&reply.text, task, source, &made.instruction, words);
    let passed = checked.passed;
    out.checked = Some(checked);
    if !passed {
        return Err(Why::Check);
    }
    let filled = render(&reply.text, source).map_err(|_| Why::Check)?;
    if let Some(judge) = judge {
        let judged = verdict(judge, task, source, &filled).await?;
        let supported = !judged.supported.is_empty() && judged.supported.iter().all(|yes| *yes);
        let formed = !judged.supported.is_empty();
        out.judged = Some(judged);
        if !formed {
            return Err(Why::NoVerdict("not in the form asked for".into()));
        }
        if !supported {
            return Err(Why::Judge);
        }
    }
    out.text = filled;
    Ok(())
}

async fn verdict(judge: &dyn Chat, task: &Task, source: &Source, filled: &str) -> Result<Judged, Why> {
    let said = sentences(filled);
    let mut source = source.clone();
    if let Task::AskBack { choices, .. } = task {
        let article = crate::source::SourceArticle { answer: choices.join("\n"), ..Default::default() };
        source.articles.push(article);
    }
    let thread = if let Task::Condense { thread } = task { thread.as_slice() } else { &[] };
    let asked = judge_prompt(&source, thread, &said);
    let reply = judge.complete(&asked.request).await.map_err(|e| Why::NoVerdict(e.to_string()))?;
    let supported = verdicts(&reply.text, said.len()).unwrap_or_default();
    Ok(Judged { model: judge.identity(), prompt_version: JUDGE_VERSION.to_owned(), supported })
}

/// The first sign in any of the texts that one of them speaks to the model.
fn suspicious(task: &Task, source: &Source, question: &str) -> Option<&'static str> {
    let articles = source.articles.iter().flat_map(|a| {
        let facts = a.facts.iter().flat_map(|f| [f.label.as_str(), f.value.as_str()]);
        [&a.question, &a.summary, &a.answer, &a.section].map(String::as_str).into_iter().chain(facts)
    });
    let others: Vec<&str> = match task {
        Task::Rephrase { .. } => Vec::new(),
        Task::AskBack { choices, .. } => choices.iter().map(String::as_str).collect(),
        Task::Condense { thread } => thread.iter().map(|t| t.text.as_str()).collect(),
    };
    articles.chain(others).chain([question]).find_map(speaks_to_model)
}

/// What is shown without a model.
fn fallback(task: &Task, source: &Source) -> String {
    match task {
        Task::Rephrase { .. } => {
            let best = source.articles.first().map(|a| [a.summary.trim(), a.answer.trim()]);
            let texts = best.into_iter().flatten().filter(|text| !text.is_empty());
            texts.collect::<Vec<_>>().join("\n\n")
        }
        Task::AskBack { choices, .. } if choices.is_empty() => String::new(),
        Task::AskBack { style, choices } => {
            let ask = match style {
                Style::Plain => "次のうち、どれのことですか。",
                Style::Easy => "どれを 知(し)りたいですか。",
                Style::English => "Which of these do you mean?",
            };
            let list: Vec<String> = choices.iter().map(|c| format!("- {c}")).collect();
            format!("{ask}\n\n{}", list.join("\n"))
        }
        Task::Condense { thread } => {
            let who = |writer| match writer {
                Writer::Citizen => "市民",
                Writer::City => "市",
            };
            thread.iter().map(|t| format!("{}：{}", who(t.writer), t.text)).collect::<Vec<_>>().join("\n")
        }
    }
}
