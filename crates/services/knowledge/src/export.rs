//! Export of articles, in the forms that the import takes.

use city::Lang;
use rust_xlsxwriter::{Format, Workbook};

use crate::import::{TABLE_COLUMNS, list_cell};
use crate::{Article, ArticleText, KnowledgeError};

/// A form of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// CSV in UTF-8 with byte order mark, which spreadsheets open without questions.
    Csv,
    /// XLSX.
    Xlsx,
    /// TOML.
    Toml,
}

impl Form {
    /// The form by a file's ending.
    pub fn of_name(name: &str) -> Option<Form> {
        match name.rsplit('.').next()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Form::Csv),
            "xlsx" => Some(Form::Xlsx),
            "toml" => Some(Form::Toml),
            _ => None,
        }
    }
}

/// The articles as a file.
pub fn write(articles: &[Article], form: Form) -> Result<Vec<u8>, KnowledgeError> {
    let failed = |reason: String| KnowledgeError::File { file: "export".into(), reason };
    match form {
        Form::Csv => {
            let mut bytes = b"\xEF\xBB\xBF".to_vec();
            let mut out = csv::Writer::from_writer(&mut bytes);
            out.write_record(TABLE_COLUMNS).map_err(|e| failed(e.to_string()))?;
            for row in rows(articles) {
                out.write_record(&row).map_err(|e| failed(e.to_string()))?;
            }
            out.flush().map_err(|e| failed(e.to_string()))?;
            drop(out);
            Ok(bytes)
        }
        Form::Xlsx => xlsx(articles).map_err(|e| failed(e.to_string())),
        Form::Toml => toml_text(articles).map(String::into_bytes).map_err(|e| failed(e.to_string())),
    }
}

fn rows(articles: &[Article]) -> impl Iterator<Item = Vec<String>> {
    articles.iter().flat_map(|a| a.content.texts.iter().map(move |(lang, text)| row(a, *lang, text)))
}

fn row(article: &Article, lang: Lang, text: &ArticleText) -> Vec<String> {
    let main = lang == Lang::Ja;
    let of_article = |value: String| if main { value } else { String::new() };
    let day = |date: Option<calendar::Date>| of_article(date.map(|d| d.to_string()).unwrap_or_default());
    let fact = |value: &Option<String>| value.clone().unwrap_or_default();
    let f = &text.facts;
    vec![
        article.code.clone(),
        lang.code().to_owned(),
        text.question.clone(),
        text.summary.clone(),
        text.answer.clone(),
        of_article(article.content.topics.join(";")),
        of_article(article.content.section.clone()),
        list_cell(&text.keywords),
        of_article(article.content.related.join(";")),
        day(Some(article.content.checked_on)),
        day(article.content.review_due),
        day(article.content.valid_from),
        day(article.content.valid_to),
        fact(&f.who),
        fact(&f.deadline),
        list_cell(&f.bring),
        fact(&f.fee),
        fact(&f.place),
        fact(&f.hours),
        fact(&f.online_label),
        fact(&f.online_url),
    ]
}

fn xlsx(articles: &[Article]) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let head = Format::new().set_bold();
    let body = Format::new().set_text_wrap();
    for (column, name) in (0u16..).zip(&TABLE_COLUMNS) {
        sheet.write_string_with_format(0, column, *name, &head)?;
        sheet.set_column_width(column, if matches!(*name, "question" | "summary" | "answer") { 48 } else { 18 })?;
    }
    sheet.set_freeze_panes(1, 1)?;
    for (line, cells) in (1u32..).zip(rows(articles)) {
        for (column, cell) in (0u16..).zip(cells) {
            if !cell.is_empty() {
                sheet.write_string_with_format(line, column, cell, &body)?;
            }
        }
    }
    book.save_to_buffer()
}

fn toml_text(articles: &[Article]) -> Result<String, toml::ser::Error> {
    use toml::{Table, Value};
    let list = |items: &[String]| Value::Array(items.iter().cloned().map(Value::String).collect());
    let text_into = |table: &mut Table, text: &ArticleText| -> Result<(), toml::ser::Error> {
        table.insert("question".into(), text.question.clone().into());
        table.insert("summary".into(), text.summary.clone().into());
        table.insert("answer".into(), format!("{}\n", text.answer).into());
        if !text.keywords.is_empty() {
            table.insert("keywords".into(), list(&text.keywords));
        }
        let facts = Table::try_from(&text.facts)?;
        if !facts.is_empty() {
            table.insert("facts".into(), Value::Table(facts));
        }
        Ok(())
    };
    let mut all = Vec::new();
    for article in articles {
        let mut table = Table::new();
        table.insert("code".into(), article.code.clone().into());
        table.insert("section".into(), article.content.section.clone().into());
        table.insert("topics".into(), list(&article.content.topics));
        if !article.content.related.is_empty() {
            table.insert("related".into(), list(&article.content.related));
        }
        for (key, date) in [
            ("checked_on", Some(article.content.checked_on)),
            ("review_due", article.content.review_due),
            ("valid_from", article.content.valid_from),
            ("valid_to", article.content.valid_to),
        ] {
            if let Some(day) = date.and_then(|d| d.to_string().parse().ok()) {
                table.insert(key.into(), Value::Datetime(day));
            }
        }
        for (lang, text) in &article.content.texts {
            if *lang == Lang::Ja {
                text_into(&mut table, text)?;
            } else {
                let mut translation = Table::new();
                text_into(&mut translation, text)?;
                table.insert(lang.code().into(), Value::Table(translation));
            }
        }
        all.push(Value::Table(table));
    }
    toml::to_string_pretty(&Table::from_iter([("article".to_owned(), Value::Array(all))]))
}
