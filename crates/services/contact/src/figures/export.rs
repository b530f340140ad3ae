//! A report as a table for files.

use calendar::Date;
use city::Organisation;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::figure::{FIGURES, Figure, Unit};
use super::report::{Numbers, Report};
use crate::ContactError;

/// A column's head: title and unit.
fn head(figure: &Figure) -> String {
    let unit = match figure.unit {
        Unit::Count => "件",
        Unit::Share => "%",
        Unit::Seconds => "秒",
        Unit::PerContact => "回",
        Unit::Points => "点",
        Unit::Hours => "時間",
    };
    format!("{}（{unit}）", figure.title)
}

/// The number under that head: per cent for shares, rounded as far as it means something.
fn number(figure: &Figure, numbers: &Numbers) -> Option<f64> {
    let (factor, digits) = match figure.unit {
        Unit::Count => (1.0, 1.0),
        Unit::Share => (100.0, 100.0),
        Unit::Seconds => (1.0, 10.0),
        Unit::PerContact | Unit::Points | Unit::Hours => (1.0, 1_000.0),
    };
    figure.value(numbers).map(|value| (value * factor * digits).round() / digits)
}

/// Heads, then a row for each line, then the total; an empty cell where there is nothing to measure.
pub fn table(report: &Report, organisation: &Organisation, today: Date) -> Vec<Vec<String>> {
    let row = |label: String, numbers: &Numbers| {
        let cells = FIGURES.iter().map(|f| number(f, numbers).map(|n| n.to_string()).unwrap_or_default());
        std::iter::once(label).chain(cells).collect::<Vec<_>>()
    };
    let mut rows = vec![std::iter::once(report.by.head().to_owned()).chain(FIGURES.iter().map(head)).collect()];
    rows.extend(report.lines.iter().map(|l| row(report.by.label(&l.code, organisation, today), &l.numbers)));
    rows.push(row("合計".to_owned(), &report.total));
    rows
}

/// The same as a workbook, with a sheet that tells how each figure is computed.
///
/// # Errors
///
/// A rule that could not be kept, with the writer's own words.
pub fn xlsx(report: &Report, organisation: &Organisation, today: Date) -> Result<Vec<u8>, ContactError> {
    workbook(report, organisation, today)
        .map_err(|e| ContactError::Rule(format!("Excelのファイルを作れません（{e}）。")))
}

fn workbook(report: &Report, organisation: &Organisation, today: Date) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet().set_name("数字")?;
    sheet.write_string_with_format(0, 0, report.by.head(), &bold)?;
    sheet.set_column_width(0, 26)?;
    for (column, figure) in (1u16..).zip(FIGURES) {
        sheet.write_string_with_format(0, column, head(figure), &bold)?;
        sheet.set_column_width(column, 16)?;
    }
    let lines = report.lines.iter().map(|l| (report.by.label(&l.code, organisation, today), &l.numbers));
    let total = std::iter::once(("合計".to_owned(), &report.total));
    for (row, (label, numbers)) in (1u32..).zip(lines.chain(total)) {
        sheet.write_string(row, 0, label)?;
        for (column, figure) in (1u16..).zip(FIGURES) {
            if let Some(n) = number(figure, numbers) {
                sheet.write_number(row, column, n)?;
            }
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    let sheet = book.add_worksheet().set_name("数字の意味")?;
    sheet.set_column_width(0, 30)?;
    sheet.set_column_width(1, 100)?;
    for (row, figure) in (0u32..).zip(FIGURES) {
        sheet.write_string_with_format(row, 0, figure.title, &bold)?;
        sheet.write_string(row, 1, figure.meaning(&report.limits))?;
    }
    book.save_to_buffer()
}
