//! Tables of articles for the import.

/// Columns that every table here has.
pub(crate) const HEAD: &str = "code,lang,question,summary,answer,topics,section,checked_on";

/// A row that is right in a city with the demo's sections.
pub(crate) fn row(code: &str) -> String {
    format!("{code},ja,{code}はどうしますか,{code}の要約です。,{code}の答えです。,waste,shimin,2026-10-03")
}

/// A table of rows that are right.
pub(crate) fn table<'a>(codes: impl IntoIterator<Item = &'a str>) -> String {
    lines(codes.into_iter().map(row))
}

/// A table with these rows below the head.
pub(crate) fn lines(rows: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut text = format!("{HEAD}\n");
    for row in rows {
        text.push_str(row.as_ref());
        text.push('\n');
    }
    text
}

/// A table of one article, right but for the cells given.
pub(crate) fn with(cells: &[(&str, &str)]) -> String {
    let mut columns: Vec<&str> = HEAD.split(',').collect();
    let right = row("kasa");
    let mut values: Vec<&str> = right.split(',').collect();
    for (column, value) in cells {
        match columns.iter().position(|c| c == column) {
            Some(place) => values[place] = value,
            None => {
                columns.push(column);
                values.push(value);
            }
        }
    }
    let quoted: Vec<String> = values.iter().map(|v| format!("\"{}\"", v.replace('"', "\"\""))).collect();
    format!("{}\n{}\n", columns.join(","), quoted.join(","))
}
