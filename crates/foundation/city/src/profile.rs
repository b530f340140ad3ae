//! Who the city is.

use serde::{Deserialize, Serialize};

use crate::CityError;

/// Languages of the citizens' pages. Adding one is adding a variant here and a message file in `web`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Japanese.
    Ja,
    /// Plain Japanese (やさしい日本語).
    Easy,
    /// English.
    En,
}

impl Lang {
    /// All languages, the main one first.
    pub const ALL: [Lang; 3] = [Lang::Ja, Lang::Easy, Lang::En];

    /// The code in files and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Ja => "ja",
            Lang::Easy => "easy",
            Lang::En => "en",
        }
    }

    /// The language with a code.
    pub fn from_code(code: &str) -> Option<Lang> {
        Lang::ALL.into_iter().find(|l| l.code() == code)
    }

    /// The `lang` attribute of a page.
    pub const fn html(self) -> &'static str {
        match self {
            Lang::Ja | Lang::Easy => "ja",
            Lang::En => "en",
        }
    }

    /// The beginning of this language's addresses.
    pub const fn prefix(self) -> &'static str {
        match self {
            Lang::Ja => "",
            Lang::Easy => "/easy",
            Lang::En => "/en",
        }
    }
}

/// The city's profile: one TOML file, kept in the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Short name in Latin letters.
    pub code: String,
    /// Name in each language.
    pub name: String,
    /// Name in plain Japanese.
    pub name_easy: String,
    /// Name in English.
    pub name_en: String,
    /// Name of the window, the title of the pages.
    pub window: String,
    /// The same in plain Japanese.
    pub window_easy: String,
    /// The same in English.
    pub window_en: String,
    /// The city's one colour, `#rrggbb`; the other tones are computed from it.
    pub colour: String,
    /// Main telephone number.
    pub phone: String,
    /// Section whose hours are those of the main number.
    pub phone_section: String,
    /// The city's own site.
    pub website: String,
    /// Address of the citizens' pages, for links in messages, without a slash at its end.
    #[serde(default = "window_address")]
    pub window_address: String,
    /// Address of the staff's pages, for links in messages, without a slash at its end.
    #[serde(default = "staff_address")]
    pub staff_address: String,
    /// Motto.
    #[serde(default)]
    pub motto: String,
    /// Inhabitants.
    #[serde(default)]
    pub population: u32,
    /// Questions that are offered under the question box.
    #[serde(default)]
    pub examples: Vec<String>,
    /// The same in plain Japanese.
    #[serde(default)]
    pub examples_easy: Vec<String>,
    /// The same in English.
    #[serde(default)]
    pub examples_en: Vec<String>,
}

fn window_address() -> String {
    "http://localhost:8080".into()
}

fn staff_address() -> String {
    "http://localhost:8081".into()
}

impl Profile {
    /// Reads a profile; `file` names it in errors.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, CityError> {
        let wrong = |reason: String| CityError::File { file: file.into(), reason };
        let profile: Profile = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let hex = profile.colour.strip_prefix('#').unwrap_or("");
        if hex.len() != 6 || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err(wrong(format!("colour {:?} is not of the form #rrggbb", profile.colour)));
        }
        for (name, address) in [("window_address", &profile.window_address), ("staff_address", &profile.staff_address)]
        {
            let is_address = address.starts_with("https://") || address.starts_with("http://");
            if !is_address || address.ends_with('/') || address.contains(char::is_whitespace) {
                return Err(wrong(format!("{name} {address:?} is not an address like https://madoguchi.city.example")));
            }
        }
        Ok(profile)
    }

    /// The name in a language.
    pub fn name(&self, lang: Lang) -> &str {
        pick(lang, &self.name, &self.name_easy, &self.name_en)
    }

    /// The title of the pages in a language.
    pub fn window(&self, lang: Lang) -> &str {
        pick(lang, &self.window, &self.window_easy, &self.window_en)
    }

    /// Example questions in a language.
    pub fn examples(&self, lang: Lang) -> &[String] {
        match lang {
            Lang::Ja => &self.examples,
            Lang::Easy => &self.examples_easy,
            Lang::En => &self.examples_en,
        }
    }
}

pub(crate) fn pick<'a>(lang: Lang, ja: &'a str, easy: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Ja => ja,
        Lang::Easy => easy,
        Lang::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_in_a_profile_is_told_with_its_line() {
        let error =
            Profile::from_toml("code = \"x\"\ncolur = \"#000000\"", "city.toml").expect_err("refused").to_string();
        assert!(error.contains("city.toml") && error.contains("colur"), "{error}");
    }
}
