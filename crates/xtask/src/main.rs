//! Chores: `cargo xtask tidy` checks the rules of the house, `cargo xtask bench` prints figures.

mod arrows;
mod licences;
mod sources;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("tidy") => tidy(),
        Some("bench") => bench(&arguments[1..]),
        _ => {
            eprintln!("usage: cargo xtask tidy | bench [--quick] [--large] [--search] [--cold-build]");
            ExitCode::from(2)
        }
    }
}

/// The folder of the project.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tidy() -> ExitCode {
    let top = top();
    let mut wrong = Vec::new();
    for check in [arrows::check, sources::check, licences::check] {
        match check(&top) {
            Ok(found) => wrong.extend(found),
            Err(error) => wrong.push(error),
        }
    }
    for line in &wrong {
        println!("{line}");
    }
    if wrong.is_empty() {
        println!("tidy: the rules of the house hold");
        ExitCode::SUCCESS
    } else {
        println!("tidy: {} breach(es)", wrong.len());
        ExitCode::FAILURE
    }
}

fn bench(arguments: &[String]) -> ExitCode {
    let status = Command::new("cargo")
        .args(["bench", "--quiet", "--package", "madoguchi", "--bench", "figures", "--"])
        .args(arguments)
        .current_dir(top())
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}

/// All files below a folder with an ending, sorted.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
            let path = entry.map_err(|e| e.to_string())?.path();
            if path.is_dir() {
                if !path.ends_with("target") && !path.ends_with("node_modules") {
                    waiting.push(path);
                }
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}
