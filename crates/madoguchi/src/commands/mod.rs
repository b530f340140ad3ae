//! The commands, one file each.

mod account;
mod ask;
mod audit;
mod backup;
mod dictionary;
mod doctor;
mod eval;
mod faq;
mod found;
mod gate;
mod key;
mod mail;
mod measured;
mod migrate;
mod people;
mod serve;
mod thesaurus;
mod train;

use std::process::ExitCode;

use crate::cli::{Account, Audit, Cli, Command, Dictionary, Eval, Export, Gate, Import, Key, Mail, People, Thesaurus};
use crate::config::Config;
use crate::failure::{Code, Failure};

/// Runs a command.
pub(crate) fn run(cli: Cli) -> Result<ExitCode, Failure> {
    // Nothing below needs a runtime or a configuration.
    let city = cli.city.as_deref();
    match &cli.command {
        Command::Dictionary { what: Dictionary::Build { from, to } } => return dictionary::build(from, to, cli.json),
        Command::Eval { what: Eval::Faq(what) } => return eval::faq(&without_city(&cli)?, what, cli.json),
        Command::Train(what) => return train::train(&without_city(&cli)?, city, what, cli.json),
        Command::Thesaurus { what: Thesaurus::Check { files } } => {
            return thesaurus::check(&without_city(&cli)?, files, cli.json);
        }
        _ => {}
    }
    runtime()?.block_on(with_runtime(cli))
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::new(Code::File, format!("the runtime cannot start: {e}")))
}

/// Measuring needs no city; but a configuration that was named must be right.
fn without_city(cli: &Cli) -> Result<Config, Failure> {
    match Config::load(cli.config.as_deref()) {
        Err(failure) if cli.config.is_some() => Err(failure),
        loaded => Ok(loaded.unwrap_or_default()),
    }
}

async fn with_runtime(cli: Cli) -> Result<ExitCode, Failure> {
    let city = cli.city.as_deref();
    let json = cli.json;
    let config = || Config::load(cli.config.as_deref());
    match &cli.command {
        Command::Init { folder, database } => found::init(folder, database.as_deref(), json).await,
        Command::Demo { folder, database } => found::demo(folder, database.as_deref(), json).await,
        Command::Account { what } => match what {
            Account::New { login, name, section, role } => {
                let new = account::New { login, name, section: section.as_deref(), roles: role };
                account::new(&config()?, city, new, json).await
            }
            Account::Reset { login } => account::reset(&config()?, city, login, json).await,
            Account::List => account::list(&config()?, city, json).await,
        },
        Command::Serve => serve::serve(config()?).await,
        Command::Ask(ask) => ask::ask(&config()?, city, ask, json).await,
        Command::Import { what: Import::Faq { path, dry_run } } => {
            faq::import(&config()?, city, path, *dry_run, json).await
        }
        Command::Export { what: Export::Faq { file } } => faq::export(&config()?, city, file, json).await,
        Command::Gate { what: Gate::Run { topic } } => gate::run(&config()?, city, topic.as_deref(), json).await,
        Command::Migrate { dry_run } => migrate::migrate(&config()?, city, *dry_run, json).await,
        Command::Backup { file, force } => backup::backup(&config()?, city, file, *force, json).await,
        Command::Restore { file, database, erasures } => {
            backup::restore(config, city, file, database.as_deref(), erasures.as_deref(), json).await
        }
        Command::People { what: People::Erasures { to } } => people::erasures(&config()?, city, to, json).await,
        Command::People { what: People::Replay { file } } => people::replay(&config()?, city, file, json).await,
        Command::Key { what: Key::New { force } } => key::new(&config()?, city, *force, json).await,
        Command::Audit { what: Audit::Verify { heads } } => {
            audit::verify(&config()?, city, heads.as_deref(), json).await
        }
        Command::Audit { what: Audit::Heads { to } } => audit::heads(&config()?, city, to, json).await,
        Command::Mail { what: Mail::Bounce { file } } => mail::bounce(&config()?, city, file.as_deref(), json).await,
        Command::Doctor { connect } => doctor::doctor(cli.config.as_deref(), *connect, json).await,
        Command::Dictionary { what: Dictionary::Where } => dictionary::place(&config().unwrap_or_default(), json),
        Command::Dictionary { what: Dictionary::Build { .. } }
        | Command::Eval { .. }
        | Command::Train(_)
        | Command::Thesaurus { .. } => unreachable!("done above"),
    }
}

/// Prints a result: JSON for scripts, words for people. Whoever stops reading early has what they want.
fn say(json: bool, value: &impl serde::Serialize, words: impl FnOnce() -> String) -> ExitCode {
    use std::io::Write;
    let text = if json { serde_json::to_string_pretty(value).map_err(std::io::Error::from) } else { Ok(words()) };
    match text.and_then(|text| writeln!(std::io::stdout().lock(), "{text}")) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Failure::new(Code::File, format!("the result cannot be printed: {error}")).tell()
        }
        _ => ExitCode::SUCCESS,
    }
}
