//! `import faq` of XLSX.

use flate2::{Compress, Compression, Crc, FlushCompress};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use crate::support::table::{HEAD, row};
use crate::support::{City, code};

/// A workbook whose first sheet has the head.
fn book(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write(sheet, 0, HEAD);
    fill(sheet);
    book.save_to_buffer().expect("a workbook")
}

fn write(sheet: &mut Worksheet, line: u32, cells: &str) {
    for (column, cell) in (0u16..).zip(cells.split(',')) {
        sheet.write_string(line, column, cell).expect("a cell");
    }
}

#[track_caller]
fn refused(city: &City, bytes: &[u8], parts: &[&str]) {
    city.import("faq.xlsx", bytes)
        .failed(code::REFUSED, &[&["error(s), nothing was stored:\n  faq.xlsx"], parts].concat());
}

#[test]
fn a_table_is_taken_as_a_person_makes_it() {
    let city = City::bare();
    let day = Format::new().set_num_format("yyyy年m月d日");
    let bytes = book(|sheet| {
        for (column, name) in (8u16..).zip(["fee", "review_due", "hours", "deadline", "bring"]) {
            sheet.write_string(0, column, name).expect("a cell");
        }
        write(sheet, 1, &row("kasa"));
        // An empty row, a code that is a number, real dates, a number, a truth, a line break in a cell.
        write(sheet, 3, &row("kutsu"));
        sheet.write_number(3, 0, 4_126.0).expect("a cell");
        sheet
            .write_datetime_with_format(3, 7, ExcelDateTime::from_ymd(2026, 10, 3).expect("a day"), &day)
            .expect("a cell");
        sheet.write_number(3, 8, 300.0).expect("a cell");
        sheet
            .write_datetime_with_format(3, 9, ExcelDateTime::from_ymd(2027, 4, 30).expect("a day"), &day)
            .expect("a cell");
        sheet.write_number(3, 10, 8.45).expect("a cell");
        sheet.write_boolean(3, 11, true).expect("a cell");
        sheet.write_string(3, 12, "印鑑\n本人確認書類;はがき").expect("a cell");
    });
    assert!(city.import("faq.xlsx", bytes).done().starts_with("2 new, 0 changed, 0 unchanged"));
    let all = city.articles();
    let line = all.lines().find(|l| l.starts_with("4126,ja,")).expect("the code stands without a decimal point");
    for part in [",2026-10-03,2027-04-30,", ",true,", ",印鑑;本人確認書類;はがき,", ",300,", ",8.45,"] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn wrong_cells_are_told_with_the_sheets_row() {
    let city = City::bare();
    let before = city.articles();
    let bytes = book(|sheet| {
        write(sheet, 1, &row("kasa"));
        write(sheet, 5, &row("kutsu").replace("2026-10-03", "never"));
        write(sheet, 6, &row("kasa"));
    });
    refused(
        &city,
        &bytes,
        &[
            "2 error(s)",
            "row 6, column checked_on: \"never\"",
            "row 7, column code: \"kasa\" stands already in faq.xlsx, row 2",
        ],
    );
    let beyond = book(|sheet| write(sheet, 1, &format!("{},more", row("kasa"))));
    refused(&city, &beyond, &["row 2: has a cell in column 9, which the head does not name (\"more\")"]);
    let unknown = book(|sheet| write(sheet, 0, &format!("{HEAD},colour")));
    refused(&city, &unknown, &["row 1, column colour: is not a column"]);
    let failing = book(|sheet| {
        write(sheet, 1, &row("kasa"));
        sheet.write_formula(1, 4, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).expect("a cell");
    });
    refused(&city, &failing, &["row 2", "#DIV/0!"]);
    let mut empty = Workbook::new();
    empty.add_worksheet();
    refused(
        &city,
        &empty.save_to_buffer().expect("a workbook"),
        &["the first sheet is empty; its first row names the columns"],
    );
    city.import("faq.xlsx", book(|_| {})).failed(code::REFUSED, &["faq.xlsx: there is no article in it"]);
    assert_eq!(city.articles(), before);
}

#[test]
fn a_far_away_cell_does_not_make_a_giant_table() {
    let city = City::bare();
    for (line, column) in [(1_048_575, 16_383), (1_048_575, 0), (1, 16_383)] {
        let bytes = book(|sheet| {
            write(sheet, 1, &row("kasa"));
            sheet.write_string(line, column, "x").expect("a cell");
        });
        city.write("faq.xlsx", bytes);
        let said = city.run(["import", "faq", "faq.xlsx"]);
        assert!(said.peak_mb < 200, "{} MB", said.peak_mb);
        let parts: &[&str] =
            if line > 1 { &["row 1048576", "at most 200000 rows"] } else { &["row 2", "column 16384"] };
        said.failed(code::REFUSED, parts);
    }
    assert_eq!(city.articles().lines().count(), 1);
}

#[test]
fn files_that_are_no_workbook_are_told() {
    let city = City::bare();
    let before = city.articles();
    let whole = book(|sheet| {
        for line in 1..200 {
            write(sheet, line, &row(&format!("row-{line}")));
        }
    });
    for share in [0.1, 0.5, 0.9, 0.999] {
        let cut = &whole[..(whole.len() as f64 * share) as usize];
        refused(&city, cut, &["is not an XLSX file or is damaged", "save it again as .xlsx"]);
    }
    for text in ["", "code,question\n", "PK\x03\x04 and no more"] {
        refused(&city, text.as_bytes(), &["is not an XLSX file or is damaged"]);
    }
    let mut ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    ole.resize(4096, 0);
    refused(&city, &ole, &["has a password or is an old .xls; save it as .xlsx without a password"]);
    // A zip that holds something else, and a workbook whose parts are not what they are called.
    refused(&city, &zip(&[Part::of("readme.txt", b"hello")]), &["cannot be read as XLSX", "save it again as .xlsx"]);
    for wrong in [
        &b""[..],
        b"<worksheet",
        b"\xFF\xFE\x00",
        b"<a></b>",
        b"<!DOCTYPE x [<!ENTITY a \"b\">]><worksheet>&a;</worksheet>",
    ] {
        let sheet = Part::of("xl/worksheets/sheet1.xml", wrong);
        let said = city.import("faq.xlsx", workbook(sheet));
        said.failed(code::REFUSED, &["faq.xlsx"]);
    }
    // Each byte of a small file in turn: refused or read, never a crash.
    let small = book(|sheet| write(sheet, 1, &row("kasa")));
    let step = small.len() / 40;
    for at in (0..small.len()).step_by(step) {
        let mut flipped = small.clone();
        flipped[at] ^= 0x55;
        city.write("faq.xlsx", flipped);
        let said = city.run(["import", "faq", "--dry-run", "faq.xlsx"]);
        assert!(matches!(said.status.code(), Some(0 | code::REFUSED)), "byte {at}: {}", said.err);
        assert!(!said.err.contains("panicked"), "byte {at}: {}", said.err);
    }
    assert_eq!(city.articles(), before);
}

#[test]
fn a_zip_bomb_is_refused_without_being_held() {
    let city = City::bare();
    // 310 MB of zeros in cells, in a file of about 1 MB.
    let bomb = workbook(Part::repeated("xl/worksheets/sheet1.xml", SHEET, ZEROS, 310 * 1024 * 1024, SHEET_END));
    assert!(bomb.len() < 4 * 1024 * 1024, "{} bytes", bomb.len());
    city.write("faq.xlsx", bomb);
    let said = city.run(["import", "faq", "faq.xlsx"]);
    assert!(said.peak_mb < 200, "{} MB", said.peak_mb);
    said.failed(code::REFUSED, &["faq.xlsx: unpacks to more than 300 MB; nothing was read from it"]);
    // Below that limit: a sheet of millions of cells, and as many texts that no cell uses.
    let sheet = || Part::repeated("xl/worksheets/sheet1.xml", SHEET, ZEROS, 100 * 1024 * 1024, SHEET_END);
    let texts = Part::repeated("xl/sharedStrings.xml", b"<sst>", b"<si><t>a</t></si>", 100 * 1024 * 1024, b"</sst>");
    let stated = Part::of("xl/sharedStrings.xml", b"<sst count=\"1\" uniqueCount=\"18446744073709551615\"></sst>");
    let much = Part::of("xl/sharedStrings.xml", b"<sst uniqueCount = '20000000000'><si><t>a</t></si></sst>");
    for (parts, words) in [
        (vec![sheet()], "faq.xlsx, row 1, column 0: is not a column"),
        (vec![sheet(), texts], "holds more texts than a table of articles"),
        (vec![sheet(), stated], "holds more texts than a table of articles"),
        (vec![sheet(), much], "holds more texts than a table of articles"),
    ] {
        city.write("faq.xlsx", workbook_of(parts));
        let said = city.run(["import", "faq", "faq.xlsx"]);
        assert!(said.peak_mb < 200, "{} MB", said.peak_mb);
        said.failed(code::REFUSED, &[words]);
    }
    assert_eq!(city.articles().lines().count(), 1);
}

const SHEET: &[u8] = b"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>";
const ZEROS: &[u8] =
    b"<row><c><v>0</v></c><c><v>0</v></c><c><v>0</v></c><c><v>0</v></c><c><v>0</v></c><c><v>0</v></c></row>";
const SHEET_END: &[u8] = b"</sheetData></worksheet>";

/// A part of a zip, packed.
struct Part {
    name: &'static str,
    packed: Vec<u8>,
    crc: u32,
    size: u32,
}

impl Part {
    fn of(name: &'static str, bytes: &[u8]) -> Self {
        Part::repeated(name, b"", b"", 0, bytes)
    }

    /// Much of the same: it is packed once, and the packed block repeated.
    fn repeated(name: &'static str, begin: &[u8], middle: &[u8], size: usize, end: &[u8]) -> Self {
        let block = middle.repeat((1 << 20) / middle.len().max(1));
        let times = size / block.len().max(1);
        let mut crc = Crc::new();
        let mut packed = pack(begin, FlushCompress::Full);
        crc.update(begin);
        let packed_block = pack(&block, FlushCompress::Full);
        for _ in 0..times {
            packed.extend_from_slice(&packed_block);
            crc.update(&block);
        }
        packed.extend(pack(end, FlushCompress::Finish));
        crc.update(end);
        Part { name, packed, crc: crc.sum(), size: crc.amount() }
    }
}

fn pack(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(bytes.len() + 1024);
    Compress::new(Compression::best(), false).compress_vec(bytes, &mut packed, flush).expect("packed");
    packed
}

/// A zip of parts, by the letter of PKWARE's APPNOTE.
fn zip(parts: &[Part]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let offset = out.len() as u32;
        let mut common = Vec::new();
        for field in [20u16, 0, 8, 0, 0x21] {
            common.extend(field.to_le_bytes());
        }
        for field in [part.crc, part.packed.len() as u32, part.size] {
            common.extend(field.to_le_bytes());
        }
        common.extend((part.name.len() as u16).to_le_bytes());
        common.extend(0u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(part.name.as_bytes());
        out.extend(&part.packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(part.name.as_bytes());
    }
    let (start, count) = (out.len() as u32, parts.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([(directory.len() as u32).to_le_bytes(), start.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

fn workbook(sheet: Part) -> Vec<u8> {
    workbook_of(vec![sheet])
}

/// The least that a workbook has, around a sheet and more.
fn workbook_of(more: Vec<Part>) -> Vec<u8> {
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let types = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
    );
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let mut parts = vec![
        Part::of("[Content_Types].xml", types.as_bytes()),
        Part::of("_rels/.rels", relation("officeDocument", "xl/workbook.xml").as_bytes()),
        Part::of("xl/workbook.xml", book.as_bytes()),
        Part::of("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml").as_bytes()),
    ];
    parts.extend(more);
    zip(&parts)
}
