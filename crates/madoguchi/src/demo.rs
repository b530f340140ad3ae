//! The demo city's files, in the binary so that `madoguchi demo` works anywhere.

pub(crate) const CITY: &str = include_str!("../../../demo/minamo/city.toml");
pub(crate) const SECTIONS: &str = include_str!("../../../demo/minamo/sections.toml");
pub(crate) const CLOSURES: &str = include_str!("../../../demo/minamo/closures.toml");

pub(crate) const ACCOUNTS: &str = include_str!("../../../demo/minamo/accounts.toml");

/// Questions that the articles have answered, as people put them; written for the demo.
pub(crate) const PARAPHRASES: (&str, &str) = ("train.tsv", include_str!("../../../demo/minamo/paraphrases/train.tsv"));

/// Golden questions: what must come of them decides on which topics the bot answers.
pub(crate) const GOLDEN: (&str, &str) = ("golden.toml", include_str!("../../../demo/minamo/golden.toml"));

/// What the bot asks back where one word may mean several things.
pub(crate) const CLARIFICATIONS: &str = include_str!("../../../demo/minamo/clarifications.toml");

/// Sentences of operators.
pub(crate) const MACROS: &str = include_str!("../../../demo/minamo/macros.toml");

/// Settings.
pub(crate) const SETTINGS: &str = include_str!("../../../demo/minamo/settings.toml");

/// Articles, one file per topic.
pub(crate) const FAQ: &[(&str, &str)] = &[
    ("aging.toml", include_str!("../../../demo/minamo/faq/aging.toml")),
    ("bereavement.toml", include_str!("../../../demo/minamo/faq/bereavement.toml")),
    ("childcare.toml", include_str!("../../../demo/minamo/faq/childcare.toml")),
    ("community.toml", include_str!("../../../demo/minamo/faq/community.toml")),
    ("consumer.toml", include_str!("../../../demo/minamo/faq/consumer.toml")),
    ("crime-prevention.toml", include_str!("../../../demo/minamo/faq/crime-prevention.toml")),
    ("culture.toml", include_str!("../../../demo/minamo/faq/culture.toml")),
    ("disability.toml", include_str!("../../../demo/minamo/faq/disability.toml")),
    ("disaster.toml", include_str!("../../../demo/minamo/faq/disaster.toml")),
    ("education.toml", include_str!("../../../demo/minamo/faq/education.toml")),
    ("fire-emergency.toml", include_str!("../../../demo/minamo/faq/fire-emergency.toml")),
    ("food-hygiene.toml", include_str!("../../../demo/minamo/faq/food-hygiene.toml")),
    ("health-insurance.toml", include_str!("../../../demo/minamo/faq/health-insurance.toml")),
    ("health.toml", include_str!("../../../demo/minamo/faq/health.toml")),
    ("marriage.toml", include_str!("../../../demo/minamo/faq/marriage.toml")),
    ("moving.toml", include_str!("../../../demo/minamo/faq/moving.toml")),
    ("parking.toml", include_str!("../../../demo/minamo/faq/parking.toml")),
    ("pension.toml", include_str!("../../../demo/minamo/faq/pension.toml")),
    ("pets.toml", include_str!("../../../demo/minamo/faq/pets.toml")),
    ("planning.toml", include_str!("../../../demo/minamo/faq/planning.toml")),
    ("pregnancy.toml", include_str!("../../../demo/minamo/faq/pregnancy.toml")),
    ("registry.toml", include_str!("../../../demo/minamo/faq/registry.toml")),
    ("tax.toml", include_str!("../../../demo/minamo/faq/tax.toml")),
    ("transport.toml", include_str!("../../../demo/minamo/faq/transport.toml")),
    ("utilities.toml", include_str!("../../../demo/minamo/faq/utilities.toml")),
    ("waste.toml", include_str!("../../../demo/minamo/faq/waste.toml")),
    ("welfare.toml", include_str!("../../../demo/minamo/faq/welfare.toml")),
    ("work.toml", include_str!("../../../demo/minamo/faq/work.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_file_of_the_folder_is_in_the_binary() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/minamo/faq");
        let there: BTreeSet<String> = std::fs::read_dir(folder)
            .expect("folder")
            .map(|e| e.expect("entry").file_name().into_string().expect("name"))
            .collect();
        assert_eq!(there, FAQ.iter().map(|(name, _)| (*name).to_owned()).collect());
    }

    #[test]
    fn every_topic_has_golden_questions_and_a_refusal() {
        let drafts = knowledge::import::read_toml(FAQ).unwrap_or_else(|e| panic!("{e:?}"));
        let knows = |code: &str| drafts.iter().any(|d| d.code == code);
        let lines = contact::golden::read(GOLDEN.0, GOLDEN.1, &knows).unwrap_or_else(|e| panic!("{e:#?}"));
        for topic in city::TOPICS {
            let own = || lines.iter().filter(|l| l.topic == topic.code);
            assert!(own().filter(|l| !l.refuse).count() >= 3, "{}", topic.code);
            assert!(own().any(|l| l.refuse), "{}", topic.code);
        }
        // What was learnt from is no test.
        let learnt: BTreeSet<&str> = PARAPHRASES.1.lines().filter_map(|l| l.rsplit('\t').next()).collect();
        let known = lines.iter().find(|l| learnt.contains(l.words.as_str()));
        assert!(known.is_none(), "{known:?}");
    }

    #[test]
    fn the_demo_city_has_300_articles_over_all_topics_and_30_in_every_language() {
        let drafts = knowledge::import::read_toml(FAQ).unwrap_or_else(|e| panic!("{e:?}"));
        assert!(drafts.len() >= 300, "{}", drafts.len());
        let mut by_topic: BTreeMap<&str, usize> = BTreeMap::new();
        for draft in &drafts {
            *by_topic.entry(&draft.content.topics[0]).or_default() += 1;
        }
        for topic in city::TOPICS {
            assert!(
                by_topic.get(topic.code).is_some_and(|n| *n >= 10),
                "{}: {:?}",
                topic.code,
                by_topic.get(topic.code)
            );
        }
        assert!(drafts.iter().filter(|d| d.content.texts.len() == 3).count() >= 30);
        let with_facts = drafts.iter().filter(|d| !d.content.texts[&city::Lang::Ja].facts.present().is_empty()).count();
        assert!(with_facts * 10 >= drafts.len() * 9, "{with_facts} of {}", drafts.len());
        let codes: BTreeSet<&str> = drafts.iter().map(|d| d.code.as_str()).collect();
        for draft in &drafts {
            for related in &draft.content.related {
                assert!(codes.contains(related.as_str()), "{}: related {related}", draft.code);
            }
        }
    }
}
