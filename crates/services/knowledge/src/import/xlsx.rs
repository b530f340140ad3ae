//! Articles from XLSX. The file is a zip from outside: it is measured before it is believed.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};

use super::table::{COLUMNS, arrange, head, read_lines};
use super::{Draft, Problems};

/// Most bytes that all parts together may unpack to.
const MAX_UNPACKED: u64 = 300 * 1024 * 1024;
/// Most parts.
const MAX_PARTS: usize = 1000;
/// Most rows.
const MAX_ROWS: u32 = 200_000;

/// How an OLE file begins.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

pub(super) fn read(name: &str, bytes: &[u8], drafts: &mut Vec<Draft>, problems: &mut Problems) {
    if bytes.starts_with(OLE) {
        problems.add(name, None, None, "has a password or is an old .xls; save it as .xlsx without a password");
        return;
    }
    if let Err(reason) = measure(bytes) {
        problems.add(name, None, None, reason);
        return;
    }
    match rows(bytes) {
        Ok(rows) => {
            let mut rows = rows.into_iter();
            let Some((_, first)) = rows.next() else {
                problems.add(name, None, None, "the first sheet is empty; its first row names the columns");
                return;
            };
            let Some(places) = head(name, &first, problems) else { return };
            let lines = rows.filter_map(|(number, cells)| arrange(name, number, &cells, &places, problems)).collect();
            read_lines(name, lines, drafts, problems);
        }
        Err(reason) => problems.add(name, None, None, reason),
    }
}

/// Unpacks every part once without keeping it, and stops at the limit. Sizes that the file
/// states about itself are not believed.
fn measure(bytes: &[u8]) -> Result<(), String> {
    let damaged = |e: zip::result::ZipError| format!("is not an XLSX file or is damaged ({e}); save it again as .xlsx");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(format!("has {} parts inside, at most {MAX_PARTS}; this is not a plain table", archive.len()));
    }
    let mut left = MAX_UNPACKED;
    let mut sink = vec![0u8; 1 << 16];
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(damaged)?;
        loop {
            let n = part.read(&mut sink).map_err(|e| format!("is damaged ({e}); save it again as .xlsx"))? as u64;
            if n == 0 {
                break;
            }
            left = left.checked_sub(n).ok_or_else(|| {
                format!("unpacks to more than {} MB; nothing was read from it", MAX_UNPACKED / 1024 / 1024)
            })?;
        }
    }
    Ok(())
}

/// Rows of the first sheet with their numbers, cell by cell, so that one far-away cell does not
/// make a table of a billion cells.
fn rows(bytes: &[u8]) -> Result<Vec<(usize, Vec<String>)>, String> {
    let damaged = |e: calamine::XlsxError| format!("cannot be read as XLSX ({e}); save it again as .xlsx");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheet = book.sheet_names().first().cloned().ok_or("has no sheet")?;
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(damaged)?;
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let value = text(cell.get_value());
        if value.is_empty() {
            continue;
        }
        if row >= MAX_ROWS {
            return Err(format!("has more than {MAX_ROWS} rows; import it in parts"));
        }
        let column = column as usize;
        if column >= COLUMNS.len() * 4 {
            return Err(format!("row {} has a cell far to the right (column {}); remove it", row + 1, column + 1));
        }
        let number = row as usize + 1;
        if rows.last().is_none_or(|(last, _)| *last != number) {
            rows.push((number, Vec::new()));
        }
        if let Some((_, cells)) = rows.last_mut() {
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = value;
        }
    }
    Ok(rows)
}

fn text(value: &DataRef<'_>) -> String {
    match value {
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
        DataRef::Error(e) => e.to_string(),
        DataRef::Empty => String::new(),
    }
}
