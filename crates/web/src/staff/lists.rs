//! Small parts that lists and forms of the staff's face share.

use std::collections::{BTreeSet, HashMap};

use access::inquiry::Acting;
use askama::filters::Safe;
use axum::extract::Query;
use city::Lang;
use knowledge::desk::Desk;
use store::Tx;

use super::fields::Fields;
use super::gate::{Staff, encode};
use crate::errors::Failure;
use words::ruby::escape;

/// The query of an address as it came.
pub(crate) type Asked = Query<Vec<(String, String)>>;

/// Something to choose.
pub(crate) struct Choice {
    pub(crate) value: &'static str,
    pub(crate) label: &'static str,
    pub(crate) chosen: bool,
}

/// Choices with one of them chosen.
pub(crate) fn choices(all: &[(&'static str, &'static str)], chosen: &str) -> Vec<Choice> {
    all.iter().map(|(value, label)| Choice { value, label, chosen: *value == chosen }).collect()
}

/// The sections of today by department, as the options of a `select`.
pub(crate) fn section_options(staff: &Staff, may: impl Fn(&str) -> bool, chosen: &str) -> Safe<String> {
    let mut html = String::new();
    for department in staff.city.organisation().tree(staff.visit.today()) {
        let own: Vec<_> = department.sections.iter().filter(|s| may(&s.code)).collect();
        if own.is_empty() {
            continue;
        }
        html.push_str(&format!("<optgroup label=\"{}\">", escape(&department.name)));
        for section in own {
            let mark = if section.code == chosen { " selected" } else { "" };
            let (code, name) = (escape(&section.code), escape(section.name(Lang::Ja)));
            html.push_str(&format!("<option value=\"{code}\"{mark}>{name}</option>"));
        }
        html.push_str("</optgroup>");
    }
    Safe(html)
}

/// A box that marks all boxes around it; the script shows it.
fn mark_all(words: &str) -> String {
    format!("<label class=\"check\" hidden><input type=\"checkbox\" data-mark-all>{words}</label>")
}

/// The sections of today by department, as boxes to mark.
pub(crate) fn section_boxes(staff: &Staff, marked: &BTreeSet<String>) -> Safe<String> {
    let mut html = format!("<div data-boxes>{}", mark_all("すべての課を選ぶ"));
    for department in staff.city.organisation().tree(staff.visit.today()) {
        let name = escape(&department.name);
        html.push_str(&format!("<fieldset data-boxes><legend>{name}</legend><div class=\"line\">"));
        if department.sections.len() > 1 {
            html.push_str(&mark_all(&format!("{name}のすべて")));
        }
        for section in department.sections {
            let mark = if marked.contains(&section.code) { " checked" } else { "" };
            let (code, name) = (escape(&section.code), escape(section.name(Lang::Ja)));
            html.push_str(&format!(
                "<label class=\"check\"><input type=\"checkbox\" name=\"section\" value=\"{code}\"{mark}>{name}</label>"
            ));
        }
        html.push_str("</div></fieldset>");
    }
    html.push_str("</div>");
    Safe(html)
}

/// Names of accounts by what audit or a record calls them.
pub(crate) async fn names(tx: &mut Tx, accounts: BTreeSet<String>) -> Result<HashMap<String, String>, Failure> {
    let mut names = HashMap::new();
    for actor in accounts {
        let found = access::store::account::get(tx, actor.trim_start_matches("account:")).await?;
        names.insert(actor, found.map_or_else(|| "—".to_owned(), |a| a.name));
    }
    Ok(names)
}

/// Where a list stands, with the addresses of the pages before and after.
pub(crate) struct Pager {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) total: usize,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// The page that is asked for, from 1.
pub(crate) fn page_number(asked: &Fields) -> usize {
    asked.get("page").parse().unwrap_or(1).clamp(1, 10_000)
}

impl Pager {
    /// `kept` are the fields of the filter that the other pages keep.
    pub(crate) fn new(path: &str, asked: &Fields, kept: &[&str], total: usize, per_page: usize) -> Self {
        let page = page_number(asked);
        let filter: String =
            kept.iter().filter(|k| asked.has(k)).map(|k| format!("{k}={}&", encode(asked.get(k)))).collect();
        let address = |page: usize| format!("{path}?{filter}page={page}");
        let from = (page - 1) * per_page;
        Pager {
            from: (from + 1).min(total),
            to: (from + per_page).min(total),
            total,
            before: (page > 1).then(|| address(page - 1)),
            after: (from + per_page < total).then(|| address(page + 1)),
        }
    }
}

/// Quotes a field of a CSV file; a text that a spreadsheet would take for a formula stays a text.
fn csv_field(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", safe.replace('"', "\"\""))
}

/// A CSV file in UTF-8 with byte order mark, which spreadsheets open without questions.
pub(crate) fn csv(rows: &[Vec<String>]) -> String {
    let lines = rows.iter().map(|row| row.iter().map(|f| csv_field(f)).collect::<Vec<_>>().join(","));
    format!("\u{feff}{}\r\n", lines.collect::<Vec<_>>().join("\r\n"))
}

/// A file to keep.
pub(crate) fn download(name: &str, bytes: impl Into<axum::body::Body>) -> axum::response::Response {
    let mut response = axum::response::Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert("content-type", axum::http::HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = axum::http::HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert("content-disposition", value);
    }
    response
}

/// Somebody at the desk.
pub(crate) fn desk_of<'a>(staff: &'a Staff, organisation: &'a city::Organisation) -> Desk<'a> {
    Desk { who: &staff.who, organisation, clock: staff.app.clock.as_ref() }
}

/// Somebody who acts on inquiries.
pub(crate) fn acting<'a>(
    staff: &'a Staff,
    organisation: &'a city::Organisation,
    entropy: store::Entropy<'a>,
) -> Acting<'a> {
    Acting { principal: &staff.who, organisation, clock: staff.app.clock.as_ref(), entropy }
}

#[cfg(test)]
mod tests {
    use super::csv;

    #[test]
    fn a_spreadsheet_takes_no_answer_for_a_formula() {
        let file = csv(&[vec!["課".into(), "=1+1".into()], vec!["\"引用\"".into(), "a,b\nc".into()]]);
        assert_eq!(file, "\u{feff}\"課\",\"'=1+1\"\r\n\"\"\"引用\"\"\",\"a,b\nc\"\r\n");
    }
}
