//! What can speak for a document, by name.

/// Numbers the features and names them.
macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// A feature.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature { $($(#[$doc])* $variant),* }

        /// Names of the features, in order.
        pub const FEATURE_NAMES: [&str; FEATURES] = [$($name),*];

        /// Number of features.
        pub const FEATURES: usize = [$($name),*].len();
    };
}

features! {
    /// BM25F of the words over all fields.
    Words "words",
    /// … of question and keywords.
    WordsTitle "words_title",
    /// … of facts and answer.
    WordsBody "words_body",
    /// BM25F of the readings over all fields.
    Readings "readings",
    /// … of question and keywords.
    ReadingsTitle "readings_title",
    /// BM25F of what stands for the words.
    Substituted "substituted",
    /// … of question and keywords.
    SubstitutedTitle "substituted_title",
    /// Share of the question's weight that stands in the document.
    Covered "covered",
    /// … in question and keywords.
    CoveredTitle "covered_title",
    /// … in the document, or something that stands for it.
    CoveredOrSubstituted "covered_or_substituted",
    /// … in question and keywords.
    CoveredOrSubstitutedTitle "covered_or_substituted_title",
    /// Share of the document's question that is asked for.
    TitleCovered "title_covered",
    /// … or something that stands for it.
    TitleCoveredOrSubstituted "title_covered_or_substituted",
    /// Whether the rarest word is met.
    RarestWord "rarest_word",
    /// … in question or keywords.
    RarestWordInTitle "rarest_word_in_title",
    /// Share of the pairs of characters that stand in question and keywords.
    Pairs "pairs",
    /// Share of the pairs of the document's question that are asked for.
    PairsOfTitle "pairs_of_title",
    /// Share of the sounds, three in a row.
    Sounds "sounds",
    /// The longest run of characters that both questions have.
    LongestRun "longest_run",
    /// Words next to each other that are so in the question as well.
    NeighboursTitle "neighbours_title",
    /// … in facts and answer.
    NeighboursBody "neighbours_body",
    /// Share of the question that the best sentence covers.
    BestSentence "best_sentence",
    /// … with what stands for it.
    BestSentenceOrSubstituted "best_sentence_or_substituted",
    /// Likeness of direction among the city's words.
    Latent "latent",
    /// … to question and keywords.
    LatentTitle "latent_title",
    /// Likeness of each word to its nearest in the title.
    NearestWords "nearest_words",
    /// … of each word of the title.
    NearestWordsOfTitle "nearest_words_of_title",
    /// Likeness to the middle of the best by words.
    Feedback "feedback",
    /// Kinds of answers that both questions want.
    IntentAgrees "intent_agrees",
    /// Kinds that only one of them wants.
    IntentDiffers "intent_differs",
    /// Kinds that are wanted and that the text holds, less those that it does not.
    IntentHeld "intent_held",
    /// Kinds of answers that the document's question wants.
    AsksOfTitle "asks_of_title",
    /// Words of the document's question.
    TitleLength "title_length",
    /// Logarithm of the words of facts and answer.
    BodyLength "body_length",
    /// Words of the question.
    QuestionWords "question_words",
    /// Their weight.
    QuestionMass "question_mass",
    /// Share of the question that no document knows.
    UnknownShare "unknown_share",
    /// Share of the largest value among the candidates.
    OfBestWords "of_best_words",
    /// The same.
    OfBestTitle "of_best_title",
    /// The same.
    OfBestSubstituted "of_best_substituted",
    /// The same.
    OfBestPairs "of_best_pairs",
    /// The same.
    OfBestLatent "of_best_latent",
    /// The same.
    OfBestCovered "of_best_covered",
    /// 1 / rank among the candidates.
    RankWords "rank_words",
    /// The same.
    RankLatent "rank_latent",
    /// How far the best sentence of another is ahead.
    GapToBestSentence "gap_to_best_sentence",
    /// Likeness of direction by the strongest dimensions alone.
    LatentFirst "latent_first",
    /// … of the question's own words, without substitutes.
    LatentDirect "latent_direct",
    /// … to question and keywords by the strongest dimensions.
    LatentTitleFirst "latent_title_first",
    /// BM25 of the document as one text, the question three times.
    WordsPlain "words_plain",
    /// Share of the largest value among the candidates.
    OfBestTitleCovered "of_best_title_covered",
    /// The same.
    OfBestFeedback "of_best_feedback",
    /// 1 / rank among the candidates.
    RankSubstituted "rank_substituted",
    /// BM25F of the words in the summary.
    WordsSummary "words_summary",
    /// Share of the question's weight that stands in question, keywords or summary, or something that stands for it.
    CoveredHead "covered_head",
    /// BM25F of the words in questions of people that it has answered.
    WordsAnswered "words_answered",
    /// Share of the question that the nearest of these covers, with what stands for it.
    NearestAnswered "nearest_answered",
    /// Mean of that and of the share of the nearest that is asked for.
    LikeAnswered "like_answered",
    /// Share of the pairs of characters that the question and the nearest of these have in common.
    PairsAnswered "pairs_answered",
    /// Likeness of direction to the nearest of these.
    LatentAnswered "latent_answered",
    /// Share of the largest value among the candidates.
    OfBestAnswered "of_best_answered",
    /// BM25F of the words by form or by sound, whichever is more.
    WordsOrReadings "words_or_readings",
    /// … in question and keywords.
    WordsOrReadingsTitle "words_or_readings_title",
    /// Share of the largest value among the candidates.
    OfBestWordsOrReadings "of_best_words_or_readings",
    /// 1 / rank among the candidates.
    RankWordsOrReadings "rank_words_or_readings",
    /// Likeness of the question's vector to the document's, where the city has a vector model; otherwise 0 (`dense.rs`).
    Vector "vector",
    /// … to that of the document's question.
    VectorTitle "vector_title",
    /// The better of the two as a share of the best among the candidates, both from 0 to 2; above 0 with vectors.
    OfBestVector "of_best_vector",
    /// Whether one of the two questions is about what is not so, and the other is not.
    NegationDiffers "negation_differs",
}

/// Features of a document for a question.
pub type Features = [f32; FEATURES];
