//! The language model that may put answers into citizens' words: `[language_model]` of the configuration.

use std::sync::Arc;
use std::time::Duration;

use contact::rephrase::Writing;
use model::{Chat, Echo, Endpoint, Key, Settings};
use serde::Deserialize;

use crate::config::Config;

/// Where it is asked, or the one that is built in.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LanguageModelConfig {
    pub(crate) endpoint: String,
    pub(crate) model: String,
    pub(crate) judge_model: String,
    pub(crate) key_file: String,
    pub(crate) timeout_ms: i64,
    pub(crate) built_in: String,
}

impl Default for LanguageModelConfig {
    fn default() -> Self {
        LanguageModelConfig {
            endpoint: String::new(),
            model: String::new(),
            judge_model: String::new(),
            key_file: String::new(),
            // Whoever waits longer asks again, or calls.
            timeout_ms: 20_000,
            built_in: String::new(),
        }
    }
}

impl LanguageModelConfig {
    /// What is wrong with it.
    pub(crate) fn fault(&self) -> Option<String> {
        let said = |reason: &str| Some(format!("[language_model]: {reason}"));
        match (self.endpoint.is_empty(), self.built_in.as_str()) {
            (true, "") => {
                return said("name an endpoint with its model, or built_in = \"echo\" to try the way of an answer");
            }
            (false, built_in) if !built_in.is_empty() => return said("endpoint and built_in are both given"),
            (true, "echo") => return None,
            (true, _) => return said("built_in: there is only \"echo\""),
            (false, _) if self.model.is_empty() => return said("an endpoint needs the name of its model"),
            (false, _) => {}
        }
        if let Err(reason) = model::check_base(&self.endpoint) {
            return said(&format!("endpoint: {reason}"));
        }
        if !(1..=600_000).contains(&self.timeout_ms) {
            return said(&format!("timeout_ms = {}: say a number from 1 to 600000", self.timeout_ms));
        }
        None
    }
}

impl Config {
    /// What writes, or why it cannot be used; `None` where the city has none.
    pub(crate) fn writing(&self) -> Option<Result<Arc<Writing>, String>> {
        let own = self.language_model.as_ref()?;
        Some(self.writer(own).map_err(|reason| format!("[language_model]: {reason}")))
    }

    fn writer(&self, own: &LanguageModelConfig) -> Result<Arc<Writing>, String> {
        if own.built_in == "echo" {
            return Ok(Arc::new(Writing { chat: Arc::new(Echo), judge: None }));
        }
        let key = match own.key_file.as_str() {
            "" => None,
            file => {
                let path = self.resolve(file);
                let text = std::fs::read_to_string(&path)
                    .map_err(|e| format!("key_file {} cannot be read: {e}", path.display()))?;
                if text.trim().is_empty() {
                    return Err(format!("key_file {} is empty", path.display()));
                }
                Some(text.trim().to_owned())
            }
        };
        let endpoint = |model: &str| -> Result<Arc<dyn Chat>, String> {
            let settings = Settings {
                base: own.endpoint.clone(),
                model: model.to_owned(),
                key: key.clone().map(Key::new),
                timeout: Duration::from_millis(u64::try_from(own.timeout_ms).unwrap_or(1)),
            };
            Ok(Arc::new(Endpoint::new(settings)?))
        };
        let judge = match own.judge_model.as_str() {
            "" => None,
            model => Some(endpoint(model)?),
        };
        Ok(Arc::new(Writing { chat: endpoint(&own.model)?, judge }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(lines: &str) -> Option<String> {
        let own: LanguageModelConfig = toml::from_str(lines).expect("well-formed");
        own.fault()
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (lines, part) in [
            ("", "name an endpoint"),
            ("built_in = \"parrot\"", "only \"echo\""),
            ("endpoint = \"https://e.example/v1\"", "name of its model"),
            ("endpoint = \"e.example\"\nmodel = \"m\"", "endpoint"),
            ("endpoint = \"https://e.example/v1\"\nmodel = \"m\"\nbuilt_in = \"echo\"", "both"),
            ("endpoint = \"https://e.example/v1\"\nmodel = \"m\"\ntimeout_ms = 0", "timeout_ms"),
        ] {
            let said = fault(lines).expect(lines);
            assert!(said.contains(part), "{part} in {said}");
        }
        assert_eq!(fault("built_in = \"echo\""), None);
        assert_eq!(fault("endpoint = \"https://e.example/v1\"\nmodel = \"m\"\njudge_model = \"j\""), None);
    }

    #[test]
    fn a_key_that_cannot_be_read_is_told_with_its_file() {
        let own = toml::from_str("endpoint = \"https://e.example/v1\"\nmodel = \"m\"\nkey_file = \"/nowhere/k\"");
        let config = Config { language_model: Some(own.expect("well-formed")), ..Config::default() };
        let error = config.writing().expect("given").err().expect("refused");
        assert!(error.contains("/nowhere/k cannot be read"), "{error}");
        assert!(Config::default().writing().is_none());
    }
}
