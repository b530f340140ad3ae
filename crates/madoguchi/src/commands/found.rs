//! `init` and `demo`: a new city.

use std::path::Path;
use std::process::ExitCode;

use access::founding::{self, AccountsFile};
use calendar::Date;
use city::{Organisation, Profile, closures_from_toml, sections_from_toml};
use contact::{ContactError, clarification, golden, golden_run, macro_text};
use knowledge::import::{self, Incoming};
use knowledge::wording;
use store::{Db, HouseKey, OpenMode};

use super::say;
use crate::failure::{Code, Failure};
use crate::key::{self, Key};
use crate::whole_file::{NewDatabase, WholeFile};
use crate::{demo, house, progress};

/// A city's files, checked.
struct Founding {
    profile: Profile,
    sections: Vec<city::Section>,
    closures: Vec<city::CityClosure>,
    articles: Vec<Incoming>,
    /// Code of an article and a question that it has answered.
    wordings: Vec<(String, String)>,
    accounts: Option<AccountsFile>,
    golden: Vec<golden::Line>,
    clarifications: Vec<clarification::Clarification>,
    macros: Vec<macro_text::Line>,
    settings: std::collections::BTreeMap<String, String>,
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|e| Failure::new(Code::File, format!("{} cannot be read: {e}", file.display())))
}

fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::new(Code::File, format!("the folder {} cannot be made: {e}", folder.display())))
}

/// `init FOLDER`: without description files it writes examples; with them it makes the city.
pub(super) async fn init(folder: &Path, database: Option<&str>, json: bool) -> Result<ExitCode, Failure> {
    make_folder(folder)?;
    let [city, sections, closures] = ["city.toml", "sections.toml", "closures.toml"].map(|f| folder.join(f));
    if !city.exists() {
        for (file, text) in [(&city, demo::CITY), (&sections, demo::SECTIONS), (&closures, demo::CLOSURES)] {
            if !file.exists() {
                WholeFile::with(file, text.as_bytes())?.keep()?;
            }
        }
        let words = format!(
            "Example files are in {}: city.toml, sections.toml, closures.toml.\nMake them your city's, then run the same command again.",
            folder.display()
        );
        return Ok(say(json, &serde_json::json!({ "written": [city, sections, closures] }), || words));
    }
    let today = house::clock().now().jst_date();
    let name = |file: &Path| file.display().to_string();
    let founding = Founding {
        profile: Profile::from_toml(&read(&city)?, &name(&city))?,
        sections: sections_from_toml(&read(&sections)?, &name(&sections), beginning(today))?,
        closures: if closures.exists() { closures_from_toml(&read(&closures)?, &name(&closures))? } else { Vec::new() },
        articles: Vec::new(),
        wordings: Vec::new(),
        accounts: None,
        golden: Vec::new(),
        clarifications: Vec::new(),
        macros: Vec::new(),
        settings: std::collections::BTreeMap::new(),
    };
    found(folder, database, founding, false, json).await
}

/// `demo FOLDER`: みなも市.
pub(super) async fn demo(folder: &Path, database: Option<&str>, json: bool) -> Result<ExitCode, Failure> {
    make_folder(folder)?;
    let today = house::clock().now().jst_date();
    let articles = knowledge::import::read_toml(demo::FAQ)?;
    let (file, text) = demo::PARAPHRASES;
    let asked = knowledge::train::paraphrases(&articles, file, text)?;
    let (name, text) = demo::GOLDEN;
    let golden = golden::read(name, text, &|code| articles.iter().any(|a| a.code == code))
        .map_err(|faults| Failure::new(Code::Refused, faults.join("\n")))?;
    let clarifications = clarification::read(demo::CLARIFICATIONS, &|code| articles.iter().any(|a| a.code == code))
        .map_err(|fault| Failure::new(Code::Refused, format!("clarifications.toml: {fault}")))?;
    let settings = toml::from_str(demo::SETTINGS)
        .map_err(|fault| Failure::new(Code::Refused, format!("settings.toml: {fault}")))?;
    let macros =
        macro_text::read(demo::MACROS).map_err(|fault| Failure::new(Code::Refused, format!("macros.toml: {fault}")))?;
    let founding = Founding {
        golden,
        clarifications,
        macros,
        settings,
        profile: Profile::from_toml(demo::CITY, "city.toml")?,
        sections: sections_from_toml(demo::SECTIONS, "sections.toml", beginning(today))?,
        closures: closures_from_toml(demo::CLOSURES, "closures.toml")?,
        articles,
        wordings: asked.into_iter().map(|line| (line.code, line.query)).collect(),
        accounts: Some(
            toml::from_str(demo::ACCOUNTS).map_err(|e| Failure::new(Code::File, format!("accounts.toml: {e}")))?,
        ),
    };
    found(folder, database, founding, true, json).await
}

/// Sections without a first day exist since the beginning of this fiscal year.
fn beginning(today: Date) -> Date {
    calendar::fiscal_year_bounds(calendar::fiscal_year(today)).0
}

async fn found(
    folder: &Path,
    database: Option<&str>,
    founding: Founding,
    is_demo: bool,
    json: bool,
) -> Result<ExitCode, Failure> {
    let config = folder.join("madoguchi.toml");
    if config.exists() {
        return Err(Failure::new(Code::Refused, format!("there is a city in {} already", folder.display()))
            .hint(format!("serve it with `madoguchi serve --config {}`, or choose another folder", config.display())));
    }
    let code = &founding.profile.code;
    let configured = database.map_or_else(|| format!("sqlite:{code}.db"), str::to_owned);
    let address = match configured.strip_prefix("sqlite:") {
        Some(path) => format!("sqlite:{}", folder.join(path).display()),
        None => configured.clone(),
    };
    // It gets its name when all else is done: it says that the city is complete.
    let [name, place] = [code.as_str(), configured.as_str()].map(toml::Value::from);
    // What the demo sends stays in the house.
    let simulators = if is_demo { "simulators = true\n\n" } else { "" };
    let desks = if is_demo { crate::sealed::DEMO_CONFIG } else { "" };
    let whole = WholeFile::with(
        &config,
        format!(
            "# Every key with its default: madoguchi.default.toml.\n\n{simulators}[[city]]\nname = {name}\nhosts = [\"localhost\", \"127.0.0.1\", \"::1\"]\ndatabase = {place}\n{desks}"
        )
        .as_bytes(),
    )?;
    let key_file = folder.join(key::file_name(code));
    let key = Key::there_or_new(&key_file)?;
    let new = NewDatabase::at(&address);
    fill(&address, key.key(), &founding, json).await?;
    if is_demo {
        let db = Db::open(&address, OpenMode::Existing).await?.with_key(key.key().clone());
        let desk = |kind: &str| folder.join(format!("{code}.{kind}"));
        let made = crate::sealed::demo_desk(&db, desk("outer-keys"), desk("sealed-files")).await;
        db.close().await;
        made?;
    }
    key.keep()?;
    new.keep();
    whole.keep()?;
    let value = serde_json::json!({
        "config": config, "database": address, "key_file": key_file, "sections": founding.sections.len(), "articles": founding.articles.len(),
    });
    Ok(say(json, &value, || {
        format!(
            "{} is ready: {} sections, {} articles.\n  configuration  {}\n  database       {address}\n  key            {}, not part of backups: keep a copy apart\nServe it with `madoguchi serve --config {}`.",
            founding.profile.name,
            founding.sections.len(),
            founding.articles.len(),
            config.display(),
            key_file.display(),
            config.display(),
        )
    }))
}

/// Makes the schema, the city and its articles in an empty database: all or nothing.
async fn fill(address: &str, key: &HouseKey, city: &Founding, json: bool) -> Result<(), ContactError> {
    let db = Db::open(address, OpenMode::Create).await?.with_key(key.clone());
    let spinner = progress::bar("作っています", None, json);
    let outcome = async {
        let (clock, mut rng) = (house::clock(), house::entropy()());
        let mut tx = db.write().await?;
        if !store::schema::read(&mut tx).await?.is_empty() {
            return Err(ContactError::Store(store::StoreError::NotEmpty));
        }
        store::migrate::apply_until(&mut tx, clock.as_ref(), i64::MAX).await?;
        city::store::insert_sections(&mut tx, clock.as_ref(), rng.as_mut(), &city.sections).await?;
        city::store::insert_closures(&mut tx, clock.as_ref(), rng.as_mut(), &city.closures).await?;
        city::store::save_profile(&mut tx, &city.profile).await?;
        let organisation = Organisation::new(city.profile.clone(), city.sections.clone(), city.closures.clone());
        if !city.articles.is_empty() {
            let today = clock.now().jst_date();
            let articles = &city.articles;
            import::store_in(&mut tx, clock.as_ref(), rng.as_mut(), articles, &organisation, today).await?;
        }
        if !city.wordings.is_empty() {
            wording::bring_in(&mut tx, clock.as_ref(), rng.as_mut(), "import", &city.wordings).await?;
        }
        clarification::replace(&mut tx, clock.as_ref(), &city.clarifications).await?;
        for (name, value) in &city.settings {
            city::store::save_setting(&mut tx, name, value).await?;
        }
        macro_text::bring_in(&mut tx, clock.as_ref(), rng.as_mut(), "import", &city.macros).await?;
        if !city.golden.is_empty() {
            let (clock, rng) = (clock.as_ref(), rng.as_mut());
            golden::bring_in(&mut tx, clock, &mut *rng, "import", &city.golden).await?;
            // They run as soon as the city is served: here is no dictionary, and none is needed to found a city.
            golden_run::enqueue(&mut tx, clock, rng, clock.now()).await?;
        }
        if let Some(accounts) = &city.accounts {
            let from = beginning(clock.now().jst_date());
            founding::make_all(&mut tx, clock.as_ref(), rng.as_mut(), &organisation, accounts, from).await?;
        }
        key::record_new(&mut tx, &city.profile.code).await?;
        tx.commit().await?;
        Ok(())
    }
    .await;
    spinner.finish_and_clear();
    db.close().await;
    outcome
}
