//! The configuration file: one TOML, unknown keys are errors, every key has a default.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use knowledge::Thresholds;
use serde::Deserialize;

use crate::failure::{Code, Failure};

/// A process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) dictionary: String,
    pub(crate) ranking_model: String,
    pub(crate) search: SearchConfig,
    pub(crate) log: String,
    pub(crate) trusted_proxies: Vec<IpAddr>,
    pub(crate) simulators: bool,
    pub(crate) language_model: Option<crate::writing::LanguageModelConfig>,
    pub(crate) listen: Vec<Listen>,
    pub(crate) city: Vec<CityConfig>,
    #[serde(skip)]
    pub(crate) folder: PathBuf,
}

/// From which probability of the first answer on something is done, and what gives vectors.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SearchConfig {
    pub(crate) answer_from: f32,
    pub(crate) offer_from: f32,
    pub(crate) vectors: Option<crate::embedding::VectorsConfig>,
}

impl Default for SearchConfig {
    fn default() -> Self {
        let Thresholds { answer_from, offer_from } = Thresholds::default();
        SearchConfig { answer_from, offer_from, vectors: None }
    }
}

impl SearchConfig {
    /// What is wrong with it.
    pub(crate) fn fault(&self) -> Option<String> {
        let inside = |p: f32| (0.0..=1.0).contains(&p);
        if !inside(self.answer_from) || !inside(self.offer_from) {
            return Some("[search]: answer_from and offer_from are probabilities, from 0.0 to 1.0".into());
        }
        if self.offer_from > self.answer_from {
            let (offer, answer) = (self.offer_from, self.answer_from);
            return Some(format!("[search]: offer_from ({offer}) must not be above answer_from ({answer})"));
        }
        self.vectors.as_ref().and_then(|vectors| vectors.fault())
    }

    pub(crate) fn thresholds(&self) -> Thresholds {
        Thresholds { answer_from: self.answer_from, offer_from: self.offer_from }
    }
}

/// A listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listen {
    pub(crate) address: SocketAddr,
    pub(crate) faces: Vec<FaceName>,
    #[serde(default)]
    pub(crate) tls_certificate: String,
    #[serde(default)]
    pub(crate) tls_key: String,
}

impl Listen {
    fn plain(address: SocketAddr, faces: &[FaceName]) -> Self {
        Listen { address, faces: faces.to_vec(), tls_certificate: String::new(), tls_key: String::new() }
    }
}

/// A face by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FaceName {
    Public,
    Staff,
    Desk,
    Partner,
}

/// A city.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CityConfig {
    pub(crate) name: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) database: String,
    #[serde(default)]
    pub(crate) words: String,
    #[serde(default)]
    pub(crate) key_file: String,
    #[serde(default)]
    pub(crate) outer_keys: String,
    #[serde(default)]
    pub(crate) sealed_files: String,
    #[serde(default)]
    pub(crate) desk: Vec<crate::desks::DeskConfig>,
    pub(crate) mail: Option<crate::post::MailConfig>,
    pub(crate) line: Option<crate::line::LineConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            dictionary: String::new(),
            ranking_model: String::new(),
            search: SearchConfig::default(),
            log: "info".into(),
            trusted_proxies: Vec::new(),
            simulators: false,
            language_model: None,
            listen: vec![
                Listen::plain(SocketAddr::from(([0, 0, 0, 0], 8080)), &[FaceName::Public]),
                Listen::plain(
                    SocketAddr::from(([127, 0, 0, 1], 8081)),
                    &[FaceName::Staff, FaceName::Desk, FaceName::Partner],
                ),
            ],
            city: Vec::new(),
            folder: PathBuf::new(),
        }
    }
}

/// Where the configuration is: the option, the environment, the working folder.
pub(crate) fn path(option: Option<&Path>) -> PathBuf {
    option
        .map(Path::to_owned)
        .or_else(|| std::env::var_os("MADOGUCHI_CONFIG").map(PathBuf::from))
        .unwrap_or_else(|| "madoguchi.toml".into())
}

impl Config {
    /// Reads the configuration.
    pub(crate) fn load(option: Option<&Path>) -> Result<Self, Failure> {
        let path = path(option);
        let shown = path.display();
        let text = std::fs::read_to_string(&path).map_err(|e| {
            Failure::new(Code::Configuration, format!("the configuration {shown} cannot be read: {e}"))
                .hint("name one with --config, or make a city with `madoguchi demo` or `madoguchi init`")
        })?;
        let mut config: Config = toml::from_str(&text).map_err(|e| {
            Failure::new(Code::Configuration, format!("{shown}: {e}"))
                .hint("madoguchi.default.toml shows every key with its default")
        })?;
        config.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        config.check().map_err(|reason| Failure::new(Code::Configuration, format!("{shown}: {reason}")))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        if !matches!(self.log.as_str(), "error" | "warn" | "info" | "debug" | "trace") {
            return Err(format!("log = {:?}: say error, warn, info, debug or trace", self.log));
        }
        if let Some(fault) = self.search.fault() {
            return Err(fault);
        }
        if let Some(fault) = self.language_model.as_ref().and_then(|m| m.fault()) {
            return Err(fault);
        }
        for listen in &self.listen {
            if listen.tls_certificate.is_empty() != listen.tls_key.is_empty() {
                return Err(format!(
                    "[[listen]] {}: tls_certificate and tls_key go together; one of them is missing",
                    listen.address
                ));
            }
        }
        for (i, city) in self.city.iter().enumerate() {
            if city.name.is_empty() || city.hosts.is_empty() {
                return Err("every [[city]] needs a name and at least one host".into());
            }
            for other in &self.city[..i] {
                if other.name == city.name {
                    return Err(format!("two cities have the name {:?}", city.name));
                }
                if let Some(host) = other.hosts.iter().find(|h| city.hosts.contains(h)) {
                    return Err(format!(
                        "the host {host:?} belongs to two cities, {:?} and {:?}",
                        other.name, city.name
                    ));
                }
            }
            city.kinds().map_err(|fault| format!("[[city]] {:?}: {fault}", city.name))?;
            if let Some(host) = city.hosts.iter().find(|h| h.contains("://") || h.contains('/')) {
                return Err(format!("{host:?} is not a host name: write it without scheme and path"));
            }
        }
        Ok(())
    }

    /// The city that a command is about.
    pub(crate) fn chosen(&self, name: Option<&str>) -> Result<&CityConfig, Failure> {
        let names = || self.city.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
        match (name, self.city.as_slice()) {
            (Some(name), cities) => cities.iter().find(|c| c.name == name).ok_or_else(|| {
                Failure::new(
                    Code::Configuration,
                    format!("the configuration has no city {name:?}; it has: {}", names()),
                )
            }),
            (None, [only]) => Ok(only),
            (None, []) => Err(Failure::new(Code::Configuration, "the configuration has no [[city]]")),
            (None, _) => {
                Err(Failure::new(Code::Configuration, format!("choose one of the cities with --city: {}", names())))
            }
        }
    }

    /// A path of the configuration, relative to its file.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// The files of a listener's certificate; `None` where it speaks plain HTTP.
    pub(crate) fn tls_files(&self, listen: &Listen) -> Option<crate::tls::Files> {
        (!listen.tls_certificate.is_empty()).then(|| crate::tls::Files {
            certificate: self.resolve(&listen.tls_certificate),
            key: self.resolve(&listen.tls_key),
        })
    }

    /// The file of a city's key.
    pub(crate) fn key_file(&self, city: &CityConfig) -> PathBuf {
        match city.key_file.as_str() {
            "" => self.resolve(&crate::key::file_name(&city.name)),
            path => self.resolve(path),
        }
    }

    /// The file in which what was analysed of a city's articles is kept for the next start: beside its database, or
    /// beside the configuration where that is on another machine.
    pub(crate) fn index_file(&self, city: &CityConfig) -> PathBuf {
        match city.database.strip_prefix("sqlite:") {
            Some(path) => self.resolve(&format!("{path}.index")),
            None => self.resolve(&format!("{}.index", city.name)),
        }
    }

    /// A database address with its file relative to the configuration.
    pub(crate) fn database(&self, city: &CityConfig) -> String {
        match city.database.strip_prefix("sqlite:") {
            Some(path) => format!("sqlite:{}", self.resolve(path).display()),
            None => city.database.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|e| e.to_string())?;
        config.check()?;
        Ok(config)
    }

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let text = include_str!("../../../madoguchi.default.toml");
        let documented = parse(text).expect("well-formed");
        assert_eq!(format!("{documented:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn typos_are_told_with_their_line() {
        let error = parse("log = \"info\"\ndictionery = \"x\"").expect_err("refused");
        assert!(error.contains("line 2") && error.contains("dictionery") && error.contains("dictionary"), "{error}");
        let turned = "[search]\nanswer_from = 0.1\noffer_from = 0.4";
        assert!(parse(turned).expect_err("refused").contains("must not be above"));
        assert!(parse("[search]\nanswer_from = 50.0").expect_err("refused").contains("probabilities"));
        assert!(parse("log = \"loud\"").expect_err("refused").contains("loud"));
        let half = "[[listen]]\naddress = \"127.0.0.1:1\"\nfaces = [\"staff\"]\ntls_key = \"k.pem\"";
        assert!(parse(half).expect_err("refused").contains("tls_certificate and tls_key go together"));
        let two = "[[city]]\nname=\"a\"\nhosts=[\"h\"]\ndatabase=\"sqlite:a\"\n[[city]]\nname=\"b\"\nhosts=[\"h\"]\ndatabase=\"sqlite:b\"";
        assert!(parse(two).expect_err("refused").contains("two cities"));
    }

    #[test]
    fn a_key_is_beside_the_configuration_unless_it_is_said_where() {
        let city = "[[city]]\nname = \"a\"\nhosts = [\"h\"]\ndatabase = \"sqlite:a\"\n";
        for (line, expected) in
            [("", "/etc/m/a.key"), ("key_file = \"k/x\"", "/etc/m/k/x"), ("key_file = \"/run/key\"", "/run/key")]
        {
            let mut config = parse(&format!("{city}{line}\n")).expect("read");
            config.folder = "/etc/m".into();
            assert_eq!(config.key_file(&config.city[0]), PathBuf::from(expected));
        }
    }
}
