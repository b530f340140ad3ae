//! Articles from tables: rows of cells, whether they came from CSV or XLSX.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use calendar::Date;
use city::Lang;

use super::{Incoming, Place, Problems};
use crate::check::shown;
use crate::{ArticleText, Content, Facts};

/// The columns, in the order in which an export writes them.
pub(crate) const COLUMNS: [&str; 21] = [
    "code",
    "lang",
    "question",
    "summary",
    "answer",
    "topics",
    "section",
    "keywords",
    "related",
    "checked_on",
    "review_due",
    "valid_from",
    "valid_to",
    "who",
    "deadline",
    "bring",
    "fee",
    "place",
    "hours",
    "online_label",
    "online_url",
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
                problems.add(
                    name,
                    Some(1),
                    Some(&shown),
                    format!("is not a column; the columns are {}", COLUMNS.join(", ")),
                );
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
pub(super) fn read_csv(name: &str, bytes: &[u8], incoming: &mut Vec<Incoming>, problems: &mut Problems) {
    let Some(text) = decode(name, bytes, problems) else { return };
    if let Some(at) = text.find('\0') {
        let reason = "holds the character U+0000; the file is UTF-16 or damaged, save it as “CSV UTF-8”";
        problems.add(name, Some(row_of(text.as_bytes(), at)), None, reason);
        return;
    }
    let numbers = match rows(&text) {
        Ok(numbers) => numbers,
        Err((row, reason)) => {
            problems.add(name, Some(row), None, reason);
            return;
        }
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut places: Option<Vec<usize>> = None;
    let mut lines = Vec::new();
    for (record, number) in reader.records().zip(numbers) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.add(name, Some(number), None, format!("cannot be read as CSV: {error}"));
                return;
            }
        };
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        match &places {
            None => {
                if let Some(separator) = other_separator(&cells) {
                    let reason =
                        format!("parts its cells by {separator}; save the file as CSV with commas between the cells");
                    problems.add(name, Some(number), None, reason);
                    return;
                }
                match head(name, &cells, problems) {
                    Some(found) => places = Some(found),
                    None => return,
                }
            }
            Some(places) => lines.extend(arrange(name, number, &cells, places, problems)),
        }
    }
    if places.is_none() {
        problems.add(name, None, None, "the file is empty; its first row names the columns");
    }
    read_lines(name, lines, incoming, problems);
}

/// The row of each record as a spreadsheet counts: empty lines are rows, line ends in cells are not.
/// Quotation marks that do not fit are told with their row: the reader takes them for text, and
/// rows may vanish in a cell.
fn rows(text: &str) -> Result<Vec<usize>, (usize, &'static str)> {
    #[derive(PartialEq)]
    enum In {
        NewLine,
        NewCell,
        Plain,
        Quoted,
        Closed,
    }
    let (mut place, mut row, mut rows) = (In::NewLine, 1, Vec::new());
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if place == In::NewLine && !matches!(byte, b'\r' | b'\n') {
            rows.push(row);
            place = In::NewCell;
        }
        place = match (place, byte) {
            (In::Quoted, b'"') if bytes.next_if_eq(&b'"').is_none() => In::Closed,
            (In::Quoted, _) => In::Quoted,
            (_, b'\r' | b'\n') => {
                if byte == b'\r' {
                    bytes.next_if_eq(&b'\n');
                }
                row += 1;
                In::NewLine
            }
            (_, b',') => In::NewCell,
            (In::NewCell, b'"') => In::Quoted,
            (In::Closed, b' ') => In::Closed,
            (In::Closed, _) => {
                return Err((
                    row,
                    "has text after a quotation mark (\") that closes a cell; inside of a cell, write it twice",
                ));
            }
            _ => In::Plain,
        };
    }
    if place == In::Quoted { Err((row, "opens a quotation mark (\") that is never closed")) } else { Ok(rows) }
}

/// The separator of a head that was written with another one than commas.
fn other_separator(cells: &[String]) -> Option<&'static str> {
    let [only] = cells else { return None };
    let columns = |separator| {
        let names = only.split(separator).map(|c: &str| c.trim().to_lowercase());
        names.filter(|c| COLUMNS.contains(&c.as_str())).count()
    };
    [(';', "semicolons"), ('\t', "tabs")].into_iter().find(|(c, _)| columns(*c) > 1).map(|(_, words)| words)
}

/// Puts cells into the order of [`COLUMNS`]; `None` for a row that is empty or cannot be read.
pub(super) fn arrange(
    name: &str,
    number: usize,
    cells: &[String],
    places: &[usize],
    problems: &mut Problems,
) -> Option<Line> {
    if cells.iter().all(|c| c.trim().is_empty()) {
        return None;
    }
    let mut ordered = vec![String::new(); COLUMNS.len()];
    for (i, cell) in cells.iter().enumerate().filter(|(_, c)| !c.trim().is_empty()) {
        match places.get(i).and_then(|place| ordered.get_mut(*place)) {
            Some(target) => *target = cell.replace("\r\n", "\n").trim().to_owned(),
            None => {
                let reason = format!(
                    "has a cell in column {}, which the head does not name ({}); is a name missing there, or a quotation mark here?",
                    i + 1,
                    shown(cell.trim())
                );
                problems.add(name, Some(number), None, reason);
                return None;
            }
        }
    }
    Some(Line { number, cells: ordered })
}

fn decode<'a>(name: &str, bytes: &'a [u8], problems: &mut Problems) -> Option<Cow<'a, str>> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        problems.add(name, None, None, "is UTF-16 (“Unicode text”); save it as “CSV UTF-8”");
        return None;
    }
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let at = match std::str::from_utf8(body) {
        Ok(text) => return Some(Cow::Borrowed(text)),
        Err(error) => error.valid_up_to(),
    };
    if body.len() != bytes.len() {
        // It says that it is UTF-8, so a wrong byte is damage and not another encoding.
        problems.add(
            name,
            Some(row_of(body, at)),
            None,
            "holds bytes that are not UTF-8; the file is damaged, save it again",
        );
        return None;
    }
    let (text, broken) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(body);
    if broken {
        // The first line that CP932 cannot read, either.
        let mut start = 0;
        for line in body.split_inclusive(|b| *b == b'\n') {
            if encoding_rs::SHIFT_JIS.decode_without_bom_handling(line).1 {
                break;
            }
            start += line.len();
        }
        problems.add(
            name,
            Some(row_of(body, start)),
            None,
            "is neither UTF-8 nor CP932 (Shift_JIS); save the file as UTF-8",
        );
        return None;
    }
    Some(text)
}

/// The row of a byte as a spreadsheet counts: a line end between quotation marks does not end the row.
/// Neither mark nor line end can be a part of a longer character, in UTF-8 or in CP932.
fn row_of(bytes: &[u8], at: usize) -> usize {
    let mut quoted = false;
    let mut row = 1;
    for byte in &bytes[..at.min(bytes.len())] {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => row += 1,
            _ => {}
        }
    }
    row
}

/// The line of a byte.
pub(super) fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at.min(bytes.len())].iter().filter(|b| **b == b'\n').count() + 1
}

/// Reads rows: `ja` rows are articles, others their translations, in any order.
pub(super) fn read_lines(name: &str, lines: Vec<Line>, incoming: &mut Vec<Incoming>, problems: &mut Problems) {
    let file: std::sync::Arc<str> = name.into();
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
                    problems.add(
                        name,
                        Some(line.number),
                        Some("lang"),
                        format!("{} is not ja, easy or en", shown(code)),
                    );
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
            let parsed = day(value);
            if parsed.is_none() {
                problems.add(
                    name,
                    Some(line.number),
                    Some(column),
                    format!("{} is not a day like 2026-10-03", shown(value)),
                );
            }
            parsed
        };
        let (checked_on, review_due, valid_from, valid_to) =
            (date("checked_on"), date("review_due"), date("valid_from"), date("valid_to"));
        if cell("checked_on").is_empty() {
            problems.add(name, Some(line.number), Some("checked_on"), "is empty; give the day of the last check");
        }
        let article = Incoming {
            place: Place { file: file.clone(), row: Some(line.number) },
            code: code.clone(),
            content: Content {
                section: cell("section").to_owned(),
                topics: list(cell("topics")),
                related: list(cell("related")),
                // Stands in for a day that was refused above, so that the rest of the row is checked as well.
                checked_on: checked_on.unwrap_or(Date::MIN),
                review_due,
                valid_from,
                valid_to,
                texts: BTreeMap::from([(Lang::Ja, text)]),
            },
        };
        by_code.entry(code).or_insert(incoming.len());
        incoming.push(article);
    }
    for (row, code, lang, text) in translations {
        match by_code.get(&code).and_then(|i| incoming.get_mut(*i)) {
            Some(article) => {
                if article.content.texts.insert(lang, text).is_some() {
                    problems.add(
                        name,
                        Some(row),
                        Some("lang"),
                        format!("{} has two rows in {}", shown(&code), lang.code()),
                    );
                }
            }
            None => problems.add(
                name,
                Some(row),
                Some("code"),
                format!("{} has no Japanese row in this file", shown(&code)),
            ),
        }
    }
}

/// A day as spreadsheets write it: 2026-10-03, 2026/10/3.
fn day(value: &str) -> Option<Date> {
    let mut parts = value.split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) || parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
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

/// Between items of a list in one cell.
const SEPARATORS: [char; 3] = [';', '；', '\n'];

/// The items of a cell. A separator after a backslash belongs to the item.
fn list(cell: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut chars = cell.chars().peekable();
    while let Some(c) = chars.next() {
        if SEPARATORS.contains(&c) {
            items.push(String::new());
            continue;
        }
        let escaped = chars.next_if(|next| c == '\\' && (*next == '\\' || SEPARATORS.contains(next)));
        if let Some(item) = items.last_mut() {
            item.push(escaped.unwrap_or(c));
        }
    }
    items.iter().map(|s| s.trim()).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

/// One cell for the items of a list; what `list` reads.
pub(crate) fn list_cell(items: &[String]) -> String {
    let escape = |item: &String| {
        let mut out = String::with_capacity(item.len());
        for c in item.chars() {
            if c == '\\' || SEPARATORS.contains(&c) {
                out.push('\\');
            }
            out.push(c);
        }
        out
    };
    items.iter().map(escape).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_survives_its_cell() {
        for items in [&["a", "b c"][..], &["a; b", "c；d"], &["\\", "\\;"], &["C:\\n", "x\\"], &[]] {
            let items: Vec<String> = items.iter().map(|s| (*s).to_owned()).collect();
            assert_eq!(list(&list_cell(&items)), items);
        }
        assert_eq!(list(" a ;;b；c\nd\\e"), ["a", "b", "c", "d\\e"]);
    }

    #[test]
    fn days_are_read_as_spreadsheets_write_them() {
        for written in ["2026-10-03", "2026/10/03", "2026/10/3"] {
            assert_eq!(day(written).map(|d| d.to_string()).as_deref(), Some("2026-10-03"));
        }
        for wrong in
            ["", "2026-10", "26-10-03", "2026-13-01", "2026-02-29", "令和8年10月3日", "2026-10-03-1", "+026-1-1"]
        {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        for end in ["\n", "\r\n"] {
            let head = "code,question,summary,answer,topics,section,checked_on";
            let good = "a,\"q\n1\",s,a,waste,x,2026-10-03";
            let bad = "b,q,s,a,waste,x,never";
            let text = [head, "", good, "", "", bad, good, ""].join(end);
            let mut problems = Problems::default();
            read_csv("x.csv", text.as_bytes(), &mut Vec::new(), &mut problems);
            let rows: Vec<_> = problems.list.iter().map(|p| p.row).collect();
            assert_eq!(rows, [Some(6)], "{problems}");
        }
    }
}
