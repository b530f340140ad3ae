//! Imports go down; arrows on the same floor stand in the table of `docs/ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::{files, read};

/// Floors from the bottom. `store_derive` is part of `store`.
fn floor(folder: &str) -> Option<u8> {
    Some(match folder.split('/').next()? {
        "engines" => 1,
        "foundation" => 2,
        "services" => 3,
        "channels" => 4,
        "web" => 5,
        "madoguchi" => 6,
        _ => return None,
    })
}

pub(crate) fn check(top: &Path) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    let crates = top.join("crates");
    let mut floors: BTreeMap<String, (u8, String)> = BTreeMap::new();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for manifest in files(&crates, "toml")?.into_iter().filter(|p| p.ends_with("Cargo.toml")) {
        let shown = manifest.strip_prefix(top).unwrap_or(&manifest).display().to_string();
        let parsed: toml::Table = read(&manifest)?.parse().map_err(|e| format!("{shown}: {e}"))?;
        let folder = manifest.parent().and_then(|p| p.strip_prefix(&crates).ok()).ok_or("no folder")?;
        let folder = folder.display().to_string();
        let name = parsed["package"]["name"].as_str().unwrap_or_default().to_owned();
        if folder.rsplit('/').next() != Some(&name) {
            wrong.push(format!("{shown}: the folder and the crate have different names"));
        }
        for key in ["version", "edition", "license", "publish"] {
            if parsed["package"].get(key).and_then(|v| v.get("workspace")).is_none() {
                wrong.push(format!("{shown}: `{key}` must come from the workspace"));
            }
        }
        if parsed.get("lints").and_then(|l| l.get("workspace")).is_none() {
            wrong.push(format!("{shown}: lints must come from the workspace"));
        }
        let wanted = parsed.get("dependencies").and_then(|d| d.as_table());
        let names: BTreeSet<String> = wanted.map(|t| t.keys().cloned().collect()).unwrap_or_default();
        // The test kit makes and drops databases; it is never part of the binary.
        if names.contains("sqlx") && !matches!(name.as_str(), "store" | "testkit") {
            wrong.push(format!("{shown}: only `store` touches the database driver"));
        }
        if (names.contains("axum") || names.contains("askama")) && !matches!(name.as_str(), "web" | "madoguchi") {
            wrong.push(format!("{shown}: only `web` knows HTTP and HTML"));
        }
        if let Some(floor) = floor(&folder) {
            floors.insert(name.clone(), (floor, folder));
            imports.insert(name, names);
        }
    }
    let table = table(&read(&top.join("docs/ARCHITECTURE.md"))?);
    let mut used = BTreeSet::new();
    for (from, targets) in &imports {
        let (from_floor, _) = floors[from];
        for to in targets {
            let Some((to_floor, _)) = floors.get(to) else {
                if matches!(to.as_str(), "testkit" | "xtask") {
                    wrong.push(format!("{from} imports {to}, which is for tests and chores only"));
                }
                continue;
            };
            let arrow = (from.clone(), to.clone());
            if *to_floor > from_floor {
                wrong.push(format!("{from} imports {to}: imports go down only"));
            } else if *to_floor == from_floor {
                if !table.contains(&arrow) {
                    wrong.push(format!(
                        "{from} imports {to} on the same floor, which docs/ARCHITECTURE.md does not list"
                    ));
                }
                used.insert(arrow);
            }
        }
    }
    for (from, to) in table.difference(&used) {
        wrong.push(format!("docs/ARCHITECTURE.md lists {from} → {to}, which is not there"));
    }
    if let Some(circle) = circle(&used) {
        wrong.push(format!("the arrows of a floor run in a circle at {circle}"));
    }
    Ok(wrong)
}

/// Rows `| from | to | why |` below the heading with "Arrows".
fn table(text: &str) -> BTreeSet<(String, String)> {
    let section = text.split("\n## ").find(|s| s.starts_with("Arrows")).unwrap_or_default();
    section
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> =
                line.trim().trim_matches('|').split('|').map(|c| c.trim().trim_matches('`')).collect();
            let fit = cells.len() == 3 && !cells[0].is_empty() && cells[0] != "from" && !cells[0].starts_with('-');
            fit.then(|| (cells[0].to_owned(), cells[1].to_owned()))
        })
        .collect()
}

fn circle(arrows: &BTreeSet<(String, String)>) -> Option<String> {
    let mut left: BTreeSet<_> = arrows.clone();
    loop {
        let targets: BTreeSet<String> = left.iter().map(|(_, to)| to.clone()).collect();
        let before = left.len();
        // A crate that nobody on the floor imports is in no circle.
        left.retain(|(from, _)| targets.contains(from));
        if left.is_empty() {
            return None;
        }
        if left.len() == before {
            return left.first().map(|(from, _)| from.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_circles_are_found() {
        let text = "# x\n## Arrows on one floor\n| from | to | why |\n|---|---|---|\n| `a` | `b` | c |\n## Next\n| x | y | z |";
        let arrows = table(text);
        assert_eq!(arrows, BTreeSet::from([("a".to_owned(), "b".to_owned())]));
        assert_eq!(circle(&arrows), None);
        let both = BTreeSet::from([("a".to_owned(), "b".to_owned()), ("b".to_owned(), "a".to_owned())]);
        assert!(circle(&both).is_some());
    }
}
