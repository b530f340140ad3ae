//! Articles from XLSX. The file is a zip from outside: it is measured before it is believed.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};

use super::table::{COLUMNS, Line, arrange, head, read_lines};
use super::{Incoming, Problems};

/// Most bytes that all parts together may unpack to.
const MAX_UNPACKED: u64 = 300 * 1024 * 1024;
/// Most parts.
const MAX_PARTS: usize = 1000;
/// Most rows.
const MAX_ROWS: usize = 200_000;
/// Most tags outside of the sheets; a text has four and more.
const MAX_TAGS: usize = 8_000_000;

/// How an OLE file begins.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

pub(super) fn read(name: &str, bytes: &[u8], incoming: &mut Vec<Incoming>, problems: &mut Problems) {
    if bytes.starts_with(OLE) {
        problems.add(name, None, None, "has a password or is an old .xls; save it as .xlsx without a password");
        return;
    }
    if let Err(reason) = measure(bytes) {
        problems.add(name, None, None, reason);
        return;
    }
    let mut lines = Vec::new();
    if let Err(reason) = read_sheet(name, bytes, &mut lines, problems) {
        problems.add(name, None, None, reason);
        return;
    }
    read_lines(name, lines, incoming, problems);
}

/// Unpacks every part once without keeping it, and stops at the limits. Sizes that the file
/// states about itself are not believed.
fn measure(bytes: &[u8]) -> Result<(), String> {
    let damaged = |e: zip::result::ZipError| format!("is not an XLSX file or is damaged ({e}); save it again as .xlsx");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(format!("has {} parts inside, at most {MAX_PARTS}; this is not a plain table", archive.len()));
    }
    let mut left = MAX_UNPACKED;
    let mut tags = 0;
    let mut seen = Vec::new();
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(damaged)?;
        let is_sheet = part.name().map_err(damaged)?.to_lowercase().contains("worksheets/");
        seen.clear();
        loop {
            // A word that was cut by the end of the chunk before stands whole in this one.
            seen.drain(..seen.len().saturating_sub(64));
            let old = seen.len();
            let n = (&mut part).take(1 << 16).read_to_end(&mut seen);
            let n = n.map_err(|e| format!("is damaged ({e}); save it again as .xlsx"))?;
            if n == 0 {
                break;
            }
            left = left.checked_sub(n as u64).ok_or_else(|| {
                format!("unpacks to more than {} MB; nothing was read from it", MAX_UNPACKED / 1024 / 1024)
            })?;
            // Sheets are read cell by cell; the other parts are held in memory as a whole.
            if !is_sheet {
                tags += seen[old..].iter().filter(|b| **b == b'<').count();
                if tags > MAX_TAGS || states_too_much(&seen) {
                    return Err("holds more texts than a table of articles; nothing was read from it".into());
                }
            }
        }
    }
    Ok(())
}

/// Whether a number of texts is stated for which the reader would make room that no table needs.
fn states_too_much(xml: &[u8]) -> bool {
    const WORD: &[u8] = b"uniqueCount";
    let stated = xml.windows(WORD.len()).enumerate().filter(|(_, w)| *w == WORD).map(|(at, _)| &xml[at + WORD.len()..]);
    stated.into_iter().any(|rest| {
        let digits = rest.iter().skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit());
        digits.fold(0usize, |n, b| n.saturating_mul(10).saturating_add(usize::from(b - b'0'))) > MAX_TAGS
    })
}

/// Reads the first sheet cell by cell, so that one far-away cell does not make a table of a billion cells.
fn read_sheet(name: &str, bytes: &[u8], lines: &mut Vec<Line>, problems: &mut Problems) -> Result<(), String> {
    let damaged = |e: calamine::XlsxError| format!("cannot be read as XLSX ({e}); save it again as .xlsx");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheet = book.sheet_names().first().cloned().ok_or("has no sheet")?;
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(damaged)?;
    let mut places: Option<Vec<usize>> = None;
    let mut row: Vec<String> = Vec::new();
    let mut number = 0;
    loop {
        let cell = reader.next_cell().map_err(damaged)?;
        let next = cell.as_ref().map_or(0, |cell| cell.get_position().0 as usize + 1);
        if next != number && !row.is_empty() {
            match &places {
                Some(places) => lines.extend(arrange(name, number, &row, places, problems)),
                None => match head(name, &row, problems) {
                    Some(found) => places = Some(found),
                    // What is wrong with the head is told; the rest has no names.
                    None => return Ok(()),
                },
            }
            row.clear();
        }
        number = next;
        let Some(cell) = cell else { break };
        let column = cell.get_position().1 as usize;
        let value = text(cell.get_value()).map_err(|error| {
            format!("row {number} shows the error {error} in column {}; mend its formula", column + 1)
        })?;
        if value.is_empty() {
            continue;
        }
        if number > MAX_ROWS {
            return Err(format!("has a cell in row {number}; at most {MAX_ROWS} rows are read, import it in parts"));
        }
        if column >= COLUMNS.len() * 4 {
            return Err(format!("row {number} has a cell far to the right (column {}); remove it", column + 1));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = value;
    }
    if places.is_none() {
        return Err("the first sheet is empty; its first row names the columns".into());
    }
    Ok(())
}

/// A cell as text, or the error that it shows.
fn text(value: &DataRef<'_>) -> Result<String, String> {
    Ok(match value {
        DataRef::String(s) => s.clone(),
        DataRef::SharedString(s) => (*s).to_owned(),
        DataRef::Bool(b) => b.to_string(),
        // A code that looks like a number must not get a decimal point.
        DataRef::Float(f) if f.fract() == 0.0 && f.abs() < 1e15 => format!("{f:.0}"),
        DataRef::Float(f) => f.to_string(),
        DataRef::Int(i) => i.to_string(),
        DataRef::DateTime(d) => {
            let (year, month, day, ..) = d.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(s) => s.chars().take(10).collect(),
        DataRef::DurationIso(s) => s.clone(),
        DataRef::Error(e) => return Err(e.to_string()),
        DataRef::Empty => String::new(),
    })
}
