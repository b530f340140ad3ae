//! Rules about source files: where SQL stands, where time and chance come from, how long a file is.

use std::path::Path;

use crate::{files, read};

/// Longest source file, in lines; a longer one wants a second noun.
const MAX_LINES: usize = 520;

/// Beginnings of statements.
const SQL: [&str; 5] = ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM ", "\"CREATE TABLE"];

/// Time and chance from the air, and the files that may take them.
const FROM_THE_AIR: [(&str, &[&str]); 6] = [
    ("SystemTime::now", &["crates/engines/calendar/src/clock.rs"]),
    ("Zoned::now", &[]),
    ("Timestamp::now", &["crates/engines/calendar/src/clock.rs"]),
    ("rand::rng()", &[]),
    ("SysRng", &["crates/madoguchi/src/house.rs", "crates/testkit/src/randomness.rs"]),
    ("Uuid::now", &[]),
];

pub(crate) fn check(top: &Path) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for file in files(&top.join("crates"), "rs")? {
        let shown = file.strip_prefix(top).unwrap_or(&file).display().to_string();
        let text = read(&file)?;
        if shown.starts_with("crates/xtask/") {
            continue;
        }
        let lines = text.lines().count();
        if lines > MAX_LINES && !shown.contains("/tests/") {
            wrong.push(format!("{shown}: {lines} lines, at most {MAX_LINES}; a second noun lives inside"));
        }
        let own_sql = shown.starts_with("crates/foundation/store/")
            || shown.starts_with("crates/testkit/")
            || shown.ends_with("/store.rs")
            || shown.contains("/src/store/")
            || shown.contains("/tests/");
        for (number, line) in text.lines().enumerate() {
            let place = || format!("{shown}:{}", number + 1);
            if !own_sql && SQL.iter().any(|s| line.contains(s)) {
                wrong.push(format!("{}: SQL stands in a crate's store.rs or store/", place()));
            }
            for (word, allowed) in FROM_THE_AIR {
                if line.contains(word) && !allowed.contains(&shown.as_str()) && !shown.contains("/tests/") {
                    wrong.push(format!("{}: {word}: time and randomness are arguments", place()));
                }
            }
            if line.contains("#[ignore") {
                wrong.push(format!("{}: a test that does not run", place()));
            }
        }
    }
    for file in files(&top.join("crates"), "html")? {
        let shown = file.strip_prefix(top).unwrap_or(&file).display().to_string();
        if !shown.starts_with("crates/web/") {
            wrong.push(format!("{shown}: HTML lives in web"));
        }
        for (number, line) in read(&file)?.lines().enumerate() {
            let inline = line.contains("<script") && !line.contains("<script type=\"module\" src=");
            if inline || line.contains(" style=") || line.contains(" onclick=") {
                wrong.push(format!(
                    "{shown}:{}: the content security policy allows no inline script or style",
                    number + 1
                ));
            }
        }
    }
    Ok(wrong)
}
