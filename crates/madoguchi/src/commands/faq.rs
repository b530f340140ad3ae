//! `import faq` and `export faq`.

use std::path::Path;
use std::process::ExitCode;

use knowledge::KnowledgeError;
use knowledge::export::{self, Form};
use knowledge::import;

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::whole_file::WholeFile;
use crate::{house, progress};

pub(super) async fn import(
    config: &Config,
    city: Option<&str>,
    path: &Path,
    dry_run: bool,
    json: bool,
) -> Result<ExitCode, Failure> {
    if !path.exists() {
        return Err(Failure::new(Code::File, format!("{} is not there", path.display())));
    }
    let db = config.open(config.chosen(city)?).await?;
    let (clock, entropy) = (house::clock(), house::entropy());
    let spinner = progress::bar("読んでいます", None, json);
    let outcome = async {
        let drafts = import::read_path(path)?;
        spinner.set_position(drafts.len() as u64);
        spinner.set_message("入れています");
        let today = clock.now().jst_date();
        import::store(&db, clock.as_ref(), entropy().as_mut(), &drafts, today, dry_run).await
    }
    .await;
    spinner.finish_and_clear();
    db.close().await;
    let written = match outcome {
        Ok(written) => written,
        Err(KnowledgeError::Refused(problems)) if json => {
            say(
                json,
                &serde_json::json!({ "stored": false, "count": problems.count(), "errors": problems.list }),
                String::new,
            );
            return Ok(ExitCode::from(Code::Refused as u8));
        }
        Err(other) => return Err(other.into()),
    };
    let value = serde_json::json!({ "stored": !dry_run, "result": written });
    Ok(say(json, &value, || {
        let lead = if dry_run { "Nothing was stored (--dry-run). It would be: " } else { "" };
        format!("{lead}{} new, {} changed, {} unchanged.", written.added, written.changed, written.unchanged)
    }))
}

pub(super) async fn export(config: &Config, city: Option<&str>, file: &Path, json: bool) -> Result<ExitCode, Failure> {
    let form = Form::of_name(&file.display().to_string()).ok_or_else(|| {
        Failure::new(Code::Refused, format!("{}: the ending must be .csv, .xlsx or .toml", file.display()))
    })?;
    let db = config.open(config.chosen(city)?).await?;
    let mut tx = db.read().await?;
    let articles = knowledge::store::article::all_articles(&mut tx).await?;
    drop(tx);
    db.close().await;
    let bytes = export::write(&articles, form)?;
    WholeFile::with(file, &bytes)?.keep()?;
    let value = serde_json::json!({ "file": file, "articles": articles.len(), "bytes": bytes.len() });
    Ok(say(json, &value, || format!("{}: {} articles.", file.display(), articles.len())))
}
