//! What gives vectors: `[search.vectors]` of the configuration.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use embeddings::{Endpoint, Settings};
use knowledge::VectorState;
use serde::Deserialize;
use store::Secret;
use vectors::{Embedder, StaticModel};

use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::house;

/// A service or a folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VectorsConfig {
    pub(crate) endpoint: String,
    pub(crate) model: String,
    pub(crate) key_file: String,
    pub(crate) timeout_ms: i64,
    pub(crate) question_timeout_ms: i64,
    pub(crate) batch: i64,
    pub(crate) folder: String,
}

impl Default for VectorsConfig {
    fn default() -> Self {
        VectorsConfig {
            endpoint: String::new(),
            model: String::new(),
            key_file: String::new(),
            timeout_ms: 20_000,
            question_timeout_ms: 800,
            batch: 32,
            folder: String::new(),
        }
    }
}

impl VectorsConfig {
    /// What is wrong with it.
    pub(crate) fn fault(&self) -> Option<String> {
        let said = |reason: String| Some(format!("[search.vectors]: {reason}"));
        match (self.endpoint.is_empty(), self.folder.is_empty()) {
            (true, true) => return said("name an endpoint with its model, or the folder of a static model".into()),
            (false, false) => return said("endpoint and folder are both given; one of them gives the vectors".into()),
            (true, false) if !self.model.is_empty() || !self.key_file.is_empty() => {
                return said("model and key_file belong to an endpoint, not to a folder".into());
            }
            (false, true) if self.model.is_empty() => return said("an endpoint needs the name of its model".into()),
            _ => {}
        }
        if !self.endpoint.is_empty()
            && let Err(reason) = embeddings::check_base(&self.endpoint)
        {
            return said(format!("endpoint: {reason}"));
        }
        let least = [
            ("timeout_ms", self.timeout_ms, 600_000),
            ("question_timeout_ms", self.question_timeout_ms, 10_000),
            ("batch", self.batch, 2_048),
        ];
        let outside = least.into_iter().find(|(_, value, most)| !(1..=*most).contains(value));
        outside.and_then(|(name, value, most)| said(format!("{name} = {value}: say a number from 1 to {most}")))
    }
}

impl Config {
    /// What gives vectors, or why it cannot be used; `None` where the city has none.
    pub(crate) fn vectors(&self) -> Option<Result<Arc<VectorState>, String>> {
        let vectors = self.search.vectors.as_ref()?;
        Some(match vectors.folder.as_str() {
            "" => self.endpoint(vectors).map_err(|reason| format!("[search.vectors]: {reason}")),
            path => folder(&self.resolve(path)),
        })
    }

    fn endpoint(&self, vectors: &VectorsConfig) -> Result<Arc<VectorState>, String> {
        let key = match vectors.key_file.as_str() {
            "" => None,
            file => {
                let path = self.resolve(file);
                let text = std::fs::read_to_string(&path)
                    .map_err(|e| format!("key_file {} cannot be read: {e}", path.display()))?;
                if text.trim().is_empty() {
                    return Err(format!("key_file {} is empty", path.display()));
                }
                Some(Secret::new(text.trim().to_owned()))
            }
        };
        let millis = |value: i64| Duration::from_millis(u64::try_from(value).unwrap_or(1));
        let settings = Settings {
            base: vectors.endpoint.clone(),
            model: vectors.model.clone(),
            key,
            timeout: millis(vectors.timeout_ms),
            question_timeout: millis(vectors.question_timeout_ms),
            batch: usize::try_from(vectors.batch).unwrap_or(1),
        };
        Ok(state(Embedder::Remote(Arc::new(Endpoint::new(settings)?))))
    }
}

/// A static model in a folder.
pub(crate) fn folder(folder: &Path) -> Result<Arc<VectorState>, String> {
    let model = StaticModel::read(folder).map_err(|error| error.to_string())?;
    Ok(state(Embedder::Local(Arc::new(model))))
}

fn state(embedder: Embedder) -> Arc<VectorState> {
    Arc::new(VectorState::new(embedder, house::clock()))
}

/// Waits for something in a command that has no runtime.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(|e| Failure::new(Code::File, format!("the runtime cannot start: {e}")))?.block_on(work))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(&format!("[search.vectors]\n{lines}")).map_err(|e| e.to_string())?;
        match config.search.fault() {
            Some(fault) => Err(fault),
            None => Ok(config),
        }
    }

    const ENDPOINT: &str = "endpoint = \"https://e.example/v1\"\nmodel = \"m\"\n";

    #[test]
    fn what_is_wrong_is_told() {
        for (lines, part) in [
            ("", "name an endpoint"),
            (&format!("{ENDPOINT}folder = \"f\""), "both given"),
            ("endpoint = \"https://e.example/v1\"", "needs the name of its model"),
            ("endpoint = \"e.example\"\nmodel = \"m\"", "https:// or http://"),
            ("endpoint = \"ftp://e.example\"\nmodel = \"m\"", "https:// or http://"),
            ("endpoint = \"https://u:p@e.example\"\nmodel = \"m\"", "key_file"),
            ("endpoint = \"https://e.example/v1?x=1\"\nmodel = \"m\"", "plain address"),
            ("folder = \"f\"\nkey_file = \"k\"", "belong to an endpoint"),
            (&format!("{ENDPOINT}timeout_ms = -1"), "timeout_ms = -1"),
            (&format!("{ENDPOINT}question_timeout_ms = 0"), "from 1 to 10000"),
            (&format!("{ENDPOINT}batch = 0"), "batch = 0"),
            (&format!("{ENDPOINT}timeout = 3"), "timeout_ms"),
        ] {
            let error = parse(lines).expect_err(lines);
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_file() {
        assert!(Config::default().vectors().is_none());
        let said = |lines: &str| parse(lines).expect("well-formed").vectors().expect("given").map(|v| v.identity());
        assert_eq!(said(ENDPOINT), Ok("endpoint https://e.example/v1 m".into()));
        assert!(said("folder = \"/nowhere/model\"").expect_err("refused").contains("/nowhere/model/config.json"));
        let error = said(&format!("{ENDPOINT}key_file = \"/nowhere/k\"")).expect_err("refused");
        assert!(error.contains("/nowhere/k cannot be read"), "{error}");
    }
}
