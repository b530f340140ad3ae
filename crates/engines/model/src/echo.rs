//! The built-in model that has no mind: it gives back what it was given, so that the whole path works without a
//! service.

use crate::chat::{Chat, Finish, Pending, Reply, Request, Role};
use crate::fence::BAR;
use crate::prompt::{ASK_BACK_VERSION, CONDENSE_VERSION, FIRST, JUDGE_VERSION, SUMMARY};

/// For a rephrasing the summary of the first article and the placeholder of its section; for asking back the choices;
/// for condensing the first line of the thread. As a judge it says yes to a sentence that stands word for word in
/// another block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Chat for Echo {
    fn identity(&self) -> String {
        "echo".into()
    }

    fn complete<'a>(&'a self, request: &'a Request) -> Pending<'a> {
        let of = |role| request.messages.iter().find(|m| m.role == role).map_or("", |m| m.content.as_str());
        let (rules, data) = (of(Role::System), of(Role::User));
        let asked_for = |version: &str| rules.contains(&format!("version {version}"));
        let text = if asked_for(ASK_BACK_VERSION) {
            ask_back(rules, data)
        } else if asked_for(CONDENSE_VERSION) {
            lines(data, "").next().unwrap_or_default().to_owned()
        } else if asked_for(JUDGE_VERSION) {
            verdicts(data)
        } else {
            rephrase(rules, data)
        };
        let finish = Finish::Stop;
        Box::pin(async move { Ok(Reply { text, tokens_in: None, tokens_out: None, finish }) })
    }
}

/// Lines of data of the blocks whose head holds a title.
fn lines<'a>(data: &'a str, title: &'a str) -> impl Iterator<Item = &'a str> {
    let mut inside = false;
    data.lines().filter_map(move |line| {
        if let Some(inner) = line.strip_prefix(BAR) {
            return inside.then_some(inner);
        }
        inside = line.starts_with("<<DATA") && line.trim_end_matches('>').ends_with(title);
        None
    })
}

fn rephrase(rules: &str, data: &str) -> String {
    let summary = lines(data, FIRST).find_map(|line| line.strip_prefix(SUMMARY)?.strip_prefix(": "));
    let summary = summary.unwrap_or_default();
    let japanese = summary.chars().any(text::normal::is_kana);
    let place = rules.lines().any(|line| line == "{{a1.section}}");
    match (place, japanese) {
        (false, _) => summary.to_owned(),
        (true, true) => format!("{summary}\n担当課：{{{{a1.section}}}}"),
        (true, false) => format!("{summary}\nContact: {{{{a1.section}}}}"),
    }
}

fn ask_back(rules: &str, data: &str) -> String {
    let choices: Vec<String> =
        lines(data, "choices").filter_map(|l| Some(format!("- {}", l.strip_prefix("choice: ")?))).collect();
    let english = !rules.chars().any(text::normal::is_kana);
    let ask = if english { "Which of these do you mean?" } else { "次のうち、どれのことですか。" };
    format!("{ask}\n{}", choices.join("\n"))
}

fn verdicts(data: &str) -> String {
    let (others, asked) = data.rsplit_once("sentences>>").unwrap_or((data, ""));
    let known = |sentence: &str| others.contains(sentence.trim());
    let lines = asked.lines().filter_map(|line| line.strip_prefix(BAR)?.split_once(": "));
    lines.map(|(n, s)| format!("{n}: {}", if known(s) { "yes" } else { "no" })).collect::<Vec<_>>().join("\n")
}
