//! Articles from tables: rows of cells, whether they came from CSV or XLSX.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use calendar::Date;
use city::Lang;

use super::{Draft, Located, Problems};
use crate::{ArticleText, Facts};

/// The columns, in the order in which an export writes them.
pub(crate) const COLUMNS: [&str; 21] = [
    "code", "lang", "question", "summary", "answer", "topics", "section", "keywords", "related", "checked_on", "review_due",
    "valid_from", "valid_to", "who", "deadline", "bring", "fee", "place", "hours", "online_label", "online_url",
];
/// Longest cell, in characters; Excel's own limit is 32,767.
const MAX_CELL: usize = 33_000;

/// One row with its number in the sheet and one cell per column of [`COLUMNS`].
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) cells: Vec<String>,
}

/// Finds the columns in the head; `None` if the table cannot be read.
pub(super) fn head(name: &str, cells: &[String], problems: &mut Problems) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let mut fine = true;
    for cell in cells {
        let wanted = cell.trim().trim_start_matches('\u{FEFF}').to_lowercase();
        match COLUMNS.iter().position(|c| *c == wanted) {
            Some(column) if places.contains(&column) => {
                problems.add(name, Some(1), Some(&wanted), "stands twice in the head");
                fine = false;
            }
            Some(column) => places.push(column),
            None if wanted.is_empty() => places.push(usize::MAX),
            None => {
                let shown: String = wanted.chars().take(40).collect();
                problems.add(name, Some(1), Some(&shown), format!("is not a column; the columns are {}", COLUMNS.join(", ")));
                fine = false;
            }
        }
    }
    for needed in ["code", "question", "summary", "answer", "topics", "section", "checked_on"] {
        if !places.iter().any(|p| COLUMNS.get(*p) == Some(&needed)) {
            problems.add(name, Some(1), Some(needed), "is missing from the head");
            fine = false;
        }
    }
    fine.then_some(places)
}

/// Reads CSV: UTF-8 with or without byte order mark, or CP932.
pub(super) fn read_csv(name: &str, bytes: &[u8], located: &mut Vec<Located>, problems: &mut Problems) {
    let Some(text) = decode(name, bytes, problems) else { return };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut places = None;
    let mut lines = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let number = index + 1;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.add(name, Some(number), None, format!("cannot be read as CSV: {error}"));
                return;
            }
        };
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        match &places {
            None => match head(name, &cells, problems) {
                Some(found) => places = Some(found),
                None => return,
            },
            Some(places) => {
                if record.len() > places.len() && record.iter().skip(places.len()).any(|c| !c.trim().is_empty()) {
                    let reason = format!("has {} cells, the head has {}; is a quotation mark missing?", record.len(), places.len());
                    problems.add(name, Some(number), None, reason);
                    continue;
                }
                lines.extend(arrange(number, &cells, places));
            }
        }
    }
    if places.is_none() {
        problems.add(name, None, None, "the file is empty; its first row names the columns");
    }
    read_lines(name, lines, located, problems);
}

/// Puts cells into the order of [`COLUMNS`]; `None` for an empty row.
pub(super) fn arrange(number: usize, cells: &[String], places: &[usize]) -> Option<Line> {
    if cells.iter().all(|c| c.trim().is_empty()) {
        return None;
    }
    let mut ordered = vec![String::new(); COLUMNS.len()];
    for (cell, place) in cells.iter().zip(places) {
        if let Some(target) = ordered.get_mut(*place) {
            *target = cell.replace("\r\n", "\n").trim().to_owned();
        }
    }
    Some(Line { number, cells: ordered })
}

fn decode<'a>(name: &str, bytes: &'a [u8], problems: &mut Problems) -> Option<Cow<'a, str>> {
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let at = match std::str::from_utf8(body) {
        Ok(text) => return Some(Cow::Borrowed(text)),
        Err(error) => error.valid_up_to(),
    };
    if body.len() != bytes.len() {
        // It says that it is UTF-8, so a wrong byte is damage and not another encoding.
        problems.add(name, Some(row_of(body, at)), None, "holds bytes that are not UTF-8; the file is damaged, save it again");
        return None;
    }
    let (text, broken) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(body);
    if broken {
        // The first line that CP932 cannot read, either.
        let row = body
            .split(|b| *b == b'\n')
            .position(|line| encoding_rs::SHIFT_JIS.decode_without_bom_handling(line).1)
            .map_or_else(|| row_of(body, at), |line| line + 1);
        problems.add(name, Some(row), None, "is neither UTF-8 nor CP932 (Shift_JIS); save the file as UTF-8");
        return None;
    }
    Some(text)
}

fn row_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().filter(|b| **b == b'\n').count() + 1
}

/// Reads rows: `ja` rows are articles, others their translations, in any order.
pub(super) fn read_lines(name: &str, lines: Vec<Line>, located: &mut Vec<Located>, problems: &mut Problems) {
    let first = located.len();
    let mut by_code: HashMap<String, usize> = HashMap::new();
    let mut translations = Vec::new();
    for line in lines {
        let cell = |column: &str| -> &str {
            COLUMNS.iter().position(|c| *c == column).and_then(|i| line.cells.get(i)).map_or("", String::as_str)
        };
        if let Some(long) = COLUMNS.iter().find(|c| cell(c).chars().count() > MAX_CELL) {
            problems.add(name, Some(line.number), Some(long), format!("has more than {MAX_CELL} characters"));
            continue;
        }
        let lang = match cell("lang") {
            "" => Lang::Ja,
            code => match Lang::from_code(code) {
                Some(lang) => lang,
                None => {
                    problems.add(name, Some(line.number), Some("lang"), format!("{code:?} is not ja, easy or en"));
                    continue;
                }
            },
        };
        let text = text_of(&cell);
        let code = cell("code").to_owned();
        if lang != Lang::Ja {
            translations.push((line.number, code, lang, text));
            continue;
        }
        let mut date = |column: &str| -> Option<Date> {
            let value = cell(column);
            if value.is_empty() {
                return None;
            }
            let parsed = value.replace('/', "-").parse().ok();
            if parsed.is_none() {
                problems.add(name, Some(line.number), Some(column), format!("{value:?} is not a day like 2026-10-03"));
            }
            parsed
        };
        let (checked_on, review_due, valid_from, valid_to) =
            (date("checked_on"), date("review_due"), date("valid_from"), date("valid_to"));
        let checked_on = match checked_on {
            Some(day) => day,
            None => {
                if cell("checked_on").is_empty() {
                    problems.add(name, Some(line.number), Some("checked_on"), "is empty; give the day of the last check");
                }
                continue;
            }
        };
        let draft = Draft {
            code: code.clone(),
            section: cell("section").to_owned(),
            topics: list(cell("topics")),
            related: list(cell("related")),
            checked_on,
            review_due,
            valid_from,
            valid_to,
            texts: BTreeMap::from([(Lang::Ja, text)]),
        };
        by_code.entry(code).or_insert(located.len());
        located.push(Located { draft, file: name.into(), row: Some(line.number) });
    }
    for (row, code, lang, text) in translations {
        match by_code.get(&code).and_then(|i| located.get_mut(*i)) {
            Some(article) => {
                if article.draft.texts.insert(lang, text).is_some() {
                    problems.add(name, Some(row), Some("lang"), format!("{code:?} has two rows in {}", lang.code()));
                }
            }
            None => problems.add(name, Some(row), Some("code"), format!("{code:?} has no Japanese row in this file")),
        }
    }
    debug_assert!(located.len() >= first);
}

fn text_of<'a>(cell: &impl Fn(&str) -> &'a str) -> ArticleText {
    let optional = |column: &str| Some(cell(column)).filter(|v| !v.is_empty()).map(str::to_owned);
    ArticleText {
        question: cell("question").to_owned(),
        summary: cell("summary").to_owned(),
        answer: cell("answer").to_owned(),
        keywords: list(cell("keywords")),
        facts: Facts {
            who: optional("who"),
            deadline: optional("deadline"),
            bring: list(cell("bring")),
            fee: optional("fee"),
            place: optional("place"),
            hours: optional("hours"),
            online_label: optional("online_label"),
            online_url: optional("online_url"),
        },
    }
}

fn list(cell: &str) -> Vec<String> {
    cell.split([';', '；', '\n']).map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}
