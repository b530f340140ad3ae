//! Articles of the demo city as sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use model::{Checked, Fact, Source, SourceArticle, Style, Task, check, prompt};
use text::Analyzer;

pub(crate) static WORDS: LazyLock<Analyzer> = LazyLock::new(|| {
    let path = std::env::var_os("MADOGUCHI_DICT").expect("MADOGUCHI_DICT names the dictionary; ./test sets it");
    Analyzer::load(&PathBuf::from(path), None).expect("dictionary")
});

static ARTICLES: LazyLock<BTreeMap<String, toml::Table>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../demo/minamo/faq");
    let mut all = BTreeMap::new();
    for file in std::fs::read_dir(folder).expect("demo city") {
        let text = std::fs::read_to_string(file.expect("entry").path()).expect("file");
        let table: toml::Table = text.parse().expect("TOML");
        for article in table["article"].as_array().expect("articles") {
            let article = article.as_table().expect("article");
            all.insert(article["code"].as_str().expect("code").to_owned(), article.clone());
        }
    }
    all
});

/// Every code, in order.
pub(crate) fn codes() -> Vec<&'static str> {
    ARTICLES.keys().map(String::as_str).collect()
}

fn text(table: &toml::Table, key: &str) -> String {
    table.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned()
}

fn facts(table: &toml::Table, english: bool) -> Vec<Fact> {
    let names = [
        ("who", "対象", "For"),
        ("deadline", "期限", "Deadline"),
        ("bring", "必要なもの", "Please bring"),
        ("fee", "手数料", "Fee"),
        ("place", "場所", "Place"),
        ("hours", "受付時間", "Hours"),
        ("online_label", "オンライン", "Online"),
    ];
    let Some(facts) = table.get("facts").and_then(|f| f.as_table()) else { return Vec::new() };
    let value = |key: &str| match facts.get(key)? {
        toml::Value::Array(items) => {
            Some(items.iter().filter_map(|i| i.as_str()).collect::<Vec<_>>().join(if english { "; " } else { "、" }))
        }
        other => other.as_str().map(str::to_owned),
    };
    names
        .iter()
        .filter_map(|(key, ja, en)| {
            let label = if english { en } else { ja };
            Some(Fact { key: key.replace("_label", ""), label: (*label).to_owned(), value: value(key)? })
        })
        .collect()
}

fn whole(table: &toml::Table) -> String {
    let values: Vec<String> = facts(table, false).into_iter().map(|f| f.value).collect();
    [text(table, "question"), text(table, "summary"), text(table, "answer"), values.join("\n")].join("\n")
}

/// An article in the language of a style, or in Japanese where it has no other.
pub(crate) fn article(code: &str, style: Style) -> SourceArticle {
    let table = ARTICLES.get(code).unwrap_or_else(|| panic!("no article {code}"));
    let name = match style {
        Style::Plain => "",
        Style::Easy => "easy",
        Style::English => "en",
    };
    let versions: Vec<(&str, &toml::Table)> = ["", "easy", "en"]
        .into_iter()
        .filter_map(|n| Some((n, if n.is_empty() { table } else { table.get(n)?.as_table()? })))
        .collect();
    let own = versions.iter().find(|(n, _)| *n == name).map_or(table, |(_, t)| *t);
    SourceArticle {
        code: code.to_owned(),
        version: 1,
        question: text(own, "question"),
        summary: text(own, "summary"),
        answer: text(own, "answer"),
        facts: facts(own, style == Style::English && !std::ptr::eq(own, table)),
        section: if style == Style::English { "Citizens' Affairs Section".into() } else { "市民課".into() },
        phone: "000-123-4511".into(),
        url: format!("https://www.city.minamo.example/articles/{code}"),
        also: versions.iter().filter(|(_, t)| !std::ptr::eq(*t, own)).map(|(_, t)| whole(t)).collect(),
    }
}

/// Articles as a source.
pub(crate) fn source(codes: &[&str], style: Style) -> Source {
    Source { articles: codes.iter().map(|c| article(c, style)).collect() }
}

/// The check of a rephrasing.
pub(crate) fn checked(reply: &str, source: &Source, style: Style) -> Checked {
    let task = Task::Rephrase { style };
    let made = prompt(&task, source, "質問");
    check(reply, &task, source, &made.instruction, &WORDS)
}
