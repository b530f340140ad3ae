//! `madoguchi`: one binary for everything. Here the house is wired together, and nowhere else.

mod cli;
mod commands;
mod config;
mod demo;
mod desks;
mod embedding;
mod failure;
mod house;
mod key;
mod line;
mod post;
mod progress;
mod sealed;
mod serving;
mod tls;
mod whole_file;
mod writing;

use clap::Parser;

fn main() -> std::process::ExitCode {
    let arguments = cli::Cli::parse();
    match commands::run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}
