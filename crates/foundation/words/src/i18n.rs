//! Sentences: one message file per language.

use std::sync::LazyLock;

use city::Lang;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

type Bundle = FluentBundle<FluentResource>;

const SOURCES: [(Lang, &str, &str); 3] = [
    (Lang::Ja, "ja", include_str!("../messages/ja.ftl")),
    (Lang::Easy, "ja", include_str!("../messages/easy.ftl")),
    (Lang::En, "en", include_str!("../messages/en.ftl")),
];

static BUNDLES: LazyLock<Vec<Bundle>> = LazyLock::new(|| {
    SOURCES
        .iter()
        .map(|(lang, locale, source)| {
            let mut bundle = Bundle::new_concurrent(locale.parse().into_iter().collect());
            // The isolation marks around arguments would show in addresses and be read aloud.
            bundle.set_use_isolating(false);
            let resource = match FluentResource::try_new((*source).to_owned()) {
                Ok(resource) => resource,
                Err((resource, errors)) => {
                    tracing::error!(lang = lang.code(), ?errors, "message file");
                    resource
                }
            };
            bundle.add_resource_overriding(resource);
            bundle
        })
        .collect()
});

/// A message with its arguments. A key without a message is shown as itself; a test finds it.
pub fn message(lang: Lang, key: &str, args: &[(&str, &str)]) -> String {
    let bundle = &BUNDLES[lang as usize];
    let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else {
        return key.to_owned();
    };
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, *value)).collect();
    let mut errors = Vec::new();
    bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned()
}

/// Whether there is such a message.
pub fn exists(lang: Lang, key: &str) -> bool {
    BUNDLES[lang as usize].has_message(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(source: &str) -> BTreeSet<&str> {
        source.lines().filter_map(|l| l.split_once(" = ")).map(|(key, _)| key).filter(|k| !k.starts_with('#')).collect()
    }

    #[test]
    fn every_language_has_every_message_with_the_same_arguments() {
        let ja = keys(SOURCES[0].2);
        for (lang, locale, source) in SOURCES {
            assert!(FluentResource::try_new(source.to_owned()).is_ok(), "{lang:?} {locale}");
            assert_eq!(keys(source), ja, "{lang:?}");
            for key in &ja {
                let found = message(lang, key, &[]);
                assert!(!found.is_empty() && found != *key, "{lang:?} {key}");
            }
        }
        let arguments = |source: &str| -> Vec<(String, BTreeSet<String>)> {
            let lines = source.lines().filter_map(|l| l.split_once(" = "));
            let mut all: Vec<_> = lines
                .map(|(key, text)| {
                    let names =
                        text.split("{ $").skip(1).filter_map(|p| p.split(' ').next()).map(str::to_owned).collect();
                    (key.to_owned(), names)
                })
                .collect();
            all.sort();
            all
        };
        for (lang, _, source) in &SOURCES[1..] {
            assert_eq!(arguments(source), arguments(SOURCES[0].2), "{lang:?}");
        }
    }
}
