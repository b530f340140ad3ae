//! How questions are read and answers ordered: the thesaurus and the model that come with the program.

use std::sync::{Arc, LazyLock};

use search::thesaurus::{self, Ledger, Lexicon, Relation};
use search::{Model, ModelError};
use text::Analyzer;

use crate::{Thresholds, VectorState};

/// The thesaurus in parts, as files of the project.
pub const THESAURUS: [(&str, &str); 4] = [
    ("life.tsv", include_str!("../../../../data/thesaurus/life.tsv")),
    ("town.tsv", include_str!("../../../../data/thesaurus/town.tsv")),
    ("care.tsv", include_str!("../../../../data/thesaurus/care.tsv")),
    ("office.tsv", include_str!("../../../../data/thesaurus/office.tsv")),
];

/// The model that comes with the program; `madoguchi train` makes it.
const MODEL: &str = include_str!("../../../../data/model/faq.model");

/// What reading a question and ordering its answers needs. One per dictionary; shared between cities.
#[derive(Clone)]
pub struct Reading {
    /// Cuts texts into words.
    pub analyzer: Arc<Analyzer>,
    /// What may stand for a word.
    pub lexicon: Arc<Lexicon>,
    /// The order of answers.
    pub model: Arc<Model>,
    /// From when on an answer is given, and several are offered.
    pub thresholds: Thresholds,
    /// What gives vectors, where there is something.
    pub vectors: Option<Arc<VectorState>>,
}

impl Reading {
    /// With the thesaurus and the model of the program.
    pub fn shipped(analyzer: Arc<Analyzer>) -> Result<Self, ModelError> {
        Ok(Reading { model: Arc::new(Model::read(MODEL)?), ..Reading::unlearnt(analyzer) })
    }

    /// With the thesaurus of the program and no model: what a model is learnt with.
    pub fn unlearnt(analyzer: Arc<Analyzer>) -> Self {
        let lexicon = Arc::new(Lexicon::new(&analyzer, shipped().relations()));
        Reading { analyzer, lexicon, model: Arc::default(), thresholds: Thresholds::default(), vectors: None }
    }

    /// The lexicon of a city: the program's with relations of its own on top.
    pub fn lexicon_with(&self, relations: &[Relation]) -> Arc<Lexicon> {
        match relations {
            [] => self.lexicon.clone(),
            some => Arc::new(Lexicon::over(self.lexicon.clone(), &self.analyzer, some)),
        }
    }
}

/// What tells the program's thesaurus from that of other versions.
pub(crate) fn thesaurus_sum() -> u32 {
    let mut sum = crc32fast::Hasher::new();
    THESAURUS.iter().for_each(|(_, text)| sum.update(text.as_bytes()));
    sum.finalize()
}

/// The program's thesaurus, read once.
pub fn shipped() -> &'static Ledger {
    static SHIPPED: LazyLock<Ledger> = LazyLock::new(|| thesaurus::read_ledger(&THESAURUS).0);
    &SHIPPED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thesaurus_is_sound() {
        let (relations, faults) = thesaurus::read(&THESAURUS);
        assert_eq!(faults, []);
        assert!(relations.len() >= 3000, "{}", relations.len());
    }

    #[test]
    fn the_model_is_of_this_version() {
        Model::read(MODEL).expect("read");
    }
}
