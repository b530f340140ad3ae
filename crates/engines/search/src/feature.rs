//! What can speak for a document, by name.

/// Where a feature comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Words as they are written.
    Words,
    /// What stands for words by the thesaurus, or is a form of them.
    Substitutes,
    /// How words sound.
    Sounds,
    /// Pairs and runs of characters.
    Characters,
    /// Words that stand together in a sentence.
    Sentences,
    /// Directions among the city's words.
    Directions,
    /// What kind of answer is wanted, and whether something is denied.
    Intents,
    /// Questions that were answered before.
    Answered,
    /// Vectors of a model from elsewhere.
    Vectors,
    /// Lengths of question and document, and what no document knows.
    Question,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 10] = [
        Kind::Words,
        Kind::Substitutes,
        Kind::Sounds,
        Kind::Characters,
        Kind::Sentences,
        Kind::Directions,
        Kind::Intents,
        Kind::Answered,
        Kind::Vectors,
        Kind::Question,
    ];

    /// As it stands in figures.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Words => "words",
            Kind::Substitutes => "substitutes",
            Kind::Sounds => "sounds",
            Kind::Characters => "characters",
            Kind::Sentences => "sentences",
            Kind::Directions => "directions",
            Kind::Intents => "intents",
            Kind::Answered => "answered",
            Kind::Vectors => "vectors",
            Kind::Question => "question",
        }
    }
}

/// The kind of the feature with a number.
pub fn kind_of(feature: usize) -> Kind {
    KINDS[feature]
}

/// The kind of the feature with a name; what is no feature of a document has none.
pub fn kind_of_name(name: &str) -> Option<Kind> {
    FEATURE_NAMES.iter().position(|known| *known == name).map(kind_of)
}

/// Numbers the features, names them and says of which kind they are.
macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident $name:literal $kind:ident,)*) => {
        /// A feature.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature { $($(#[$doc])* $variant),* }

        /// Names of the features, in order.
        pub const FEATURE_NAMES: [&str; FEATURES] = [$($name),*];

        /// The kind of each feature, in order.
        const KINDS: [Kind; FEATURES] = [$(Kind::$kind),*];

        /// Number of features.
        pub const FEATURES: usize = [$($name),*].len();
    };
}

features! {
    /// BM25F of the words over all fields.
    Words "words" Words,
    /// … of question and keywords.
    WordsTitle "words_title" Words,
    /// … of facts and answer.
    WordsBody "words_body" Words,
    /// BM25F of the readings over all fields.
    Readings "readings" Sounds,
    /// … of question and keywords.
    ReadingsTitle "readings_title" Sounds,
    /// BM25F of what stands for the words.
    Substituted "substituted" Substitutes,
    /// … of question and keywords.
    SubstitutedTitle "substituted_title" Substitutes,
    /// Share of the question's weight that stands in the document.
    Covered "covered" Words,
    /// … in question and keywords.
    CoveredTitle "covered_title" Words,
    /// … in the document, or something that stands for it.
    CoveredOrSubstituted "covered_or_substituted" Substitutes,
    /// … in question and keywords.
    CoveredOrSubstitutedTitle "covered_or_substituted_title" Substitutes,
    /// Share of the document's question that is asked for.
    TitleCovered "title_covered" Words,
    /// … or something that stands for it.
    TitleCoveredOrSubstituted "title_covered_or_substituted" Substitutes,
    /// Whether the rarest word is met.
    RarestWord "rarest_word" Words,
    /// … in question or keywords.
    RarestWordInTitle "rarest_word_in_title" Words,
    /// Share of the pairs of characters that stand in question and keywords.
    Pairs "pairs" Characters,
    /// Share of the pairs of the document's question that are asked for.
    PairsOfTitle "pairs_of_title" Characters,
    /// Share of the sounds, three in a row.
    Sounds "sounds" Sounds,
    /// The longest run of characters that both questions have.
    LongestRun "longest_run" Characters,
    /// Words next to each other that are so in the question as well.
    NeighboursTitle "neighbours_title" Sentences,
    /// … in facts and answer.
    NeighboursBody "neighbours_body" Sentences,
    /// Share of the question that the best sentence covers.
    BestSentence "best_sentence" Sentences,
    /// … with what stands for it.
    BestSentenceOrSubstituted "best_sentence_or_substituted" Sentences,
    /// Likeness of direction among the city's words.
    Latent "latent" Directions,
    /// … to question and keywords.
    LatentTitle "latent_title" Directions,
    /// Likeness of each word to its nearest in the title.
    NearestWords "nearest_words" Directions,
    /// … of each word of the title.
    NearestWordsOfTitle "nearest_words_of_title" Directions,
    /// Likeness to the middle of the best by words.
    Feedback "feedback" Directions,
    /// Kinds of answers that both questions want.
    IntentAgrees "intent_agrees" Intents,
    /// Kinds that only one of them wants.
    IntentDiffers "intent_differs" Intents,
    /// Kinds that are wanted and that the text holds, less those that it does not.
    IntentHeld "intent_held" Intents,
    /// Kinds of answers that the document's question wants.
    AsksOfTitle "asks_of_title" Intents,
    /// Words of the document's question.
    TitleLength "title_length" Question,
    /// Logarithm of the words of facts and answer.
    BodyLength "body_length" Question,
    /// Words of the question.
    QuestionWords "question_words" Question,
    /// Their weight.
    QuestionMass "question_mass" Question,
    /// Share of the question that no document knows.
    UnknownShare "unknown_share" Question,
    /// Share of the largest value among the candidates.
    OfBestWords "of_best_words" Words,
    /// The same.
    OfBestTitle "of_best_title" Words,
    /// The same.
    OfBestSubstituted "of_best_substituted" Substitutes,
    /// The same.
    OfBestPairs "of_best_pairs" Characters,
    /// The same.
    OfBestLatent "of_best_latent" Directions,
    /// The same.
    OfBestCovered "of_best_covered" Substitutes,
    /// 1 / rank among the candidates.
    RankWords "rank_words" Words,
    /// The same.
    RankLatent "rank_latent" Directions,
    /// How far the best sentence of another is ahead.
    GapToBestSentence "gap_to_best_sentence" Sentences,
    /// Likeness of direction by the strongest dimensions alone.
    LatentFirst "latent_first" Directions,
    /// … of the question's own words, without substitutes.
    LatentDirect "latent_direct" Directions,
    /// … to question and keywords by the strongest dimensions.
    LatentTitleFirst "latent_title_first" Directions,
    /// BM25 of the document as one text, the question three times.
    WordsPlain "words_plain" Words,
    /// Share of the largest value among the candidates.
    OfBestTitleCovered "of_best_title_covered" Substitutes,
    /// The same.
    OfBestFeedback "of_best_feedback" Directions,
    /// 1 / rank among the candidates.
    RankSubstituted "rank_substituted" Substitutes,
    /// BM25F of the words in the summary.
    WordsSummary "words_summary" Words,
    /// Share of the question's weight that stands in question, keywords or summary, or something that stands for it.
    CoveredHead "covered_head" Substitutes,
    /// BM25F of the words in questions of people that it has answered.
    WordsAnswered "words_answered" Answered,
    /// Share of the question that the nearest of these covers, with what stands for it.
    NearestAnswered "nearest_answered" Answered,
    /// Mean of that and of the share of the nearest that is asked for.
    LikeAnswered "like_answered" Answered,
    /// Share of the pairs of characters that the question and the nearest of these have in common.
    PairsAnswered "pairs_answered" Answered,
    /// Likeness of direction to the nearest of these.
    LatentAnswered "latent_answered" Answered,
    /// Share of the largest value among the candidates.
    OfBestAnswered "of_best_answered" Answered,
    /// BM25F of the words by form or by sound, whichever is more.
    WordsOrReadings "words_or_readings" Sounds,
    /// … in question and keywords.
    WordsOrReadingsTitle "words_or_readings_title" Sounds,
    /// Share of the largest value among the candidates.
    OfBestWordsOrReadings "of_best_words_or_readings" Sounds,
    /// 1 / rank among the candidates.
    RankWordsOrReadings "rank_words_or_readings" Sounds,
    /// Likeness of the question's vector to the document's, where the city has a vector model; otherwise 0 (`dense.rs`).
    Vector "vector" Vectors,
    /// … to that of the document's question.
    VectorTitle "vector_title" Vectors,
    /// The better of the two as a share of the best among the candidates, both from 0 to 2; above 0 with vectors.
    OfBestVector "of_best_vector" Vectors,
    /// Whether one of the two questions is about what is not so, and the other is not.
    NegationDiffers "negation_differs" Intents,
}

/// Features of a document for a question.
pub type Features = [f32; FEATURES];
