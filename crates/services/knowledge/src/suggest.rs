//! Suggestions while somebody types: questions of articles that hold what is typed so far, or sound so.

use std::sync::Arc;

use calendar::Date;
use city::Lang;
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};
use text::{Analyzer, normal};

use crate::{Article, ArticleText, Content, Library, Outcome};

/// A question that is suggested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Code of the article.
    pub code: String,
    /// Its question.
    pub question: String,
    /// The language of the question.
    pub lang: Lang,
}

/// Most characters of what is typed that are looked at.
const MAX_TYPED: usize = 40;
/// Most words of it.
const MAX_PARTS: usize = 4;
/// From so many characters on it is also asked as a question.
const ENOUGH_TO_ASK: usize = 4;

/// A text as it is compared: without marks, and by its sound; kana folded.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Heard {
    written: String,
    sounds: String,
}

impl Heard {
    fn of(analyzer: &Analyzer, text: &str) -> Self {
        let normal = normal::normalise(text);
        let sounds: String = analyzer.tokens_of_normal(&normal).iter().map(|t| folded(&t.reading)).collect();
        Heard { written: folded(&normal), sounds }
    }
}

fn folded(text: &str) -> String {
    text.chars().map(normal::fold_kana_char).filter(|c| c.is_alphanumeric() || *c == 'ー').collect()
}

/// What of an article is compared with what is typed, in one language.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct InOneLanguage {
    lang: Lang,
    question: Heard,
    keywords: Vec<Heard>,
    /// All of it in a row: most articles have nothing of what is typed, and one look tells.
    all: String,
}

impl InOneLanguage {
    fn of(analyzer: &Analyzer, lang: Lang, text: &ArticleText) -> Self {
        let question = Heard::of(analyzer, &text.question);
        let keywords: Vec<Heard> = text.keywords.iter().map(|k| Heard::of(analyzer, k)).collect();
        let texts = std::iter::once(&question).chain(&keywords).flat_map(|h| [h.written.as_str(), h.sounds.as_str()]);
        let all = texts.collect::<Vec<_>>().join("\n");
        InOneLanguage { lang, question, keywords, all }
    }
}

/// What of an article is compared with what is typed, per language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Suggestible(Vec<InOneLanguage>);

/// A word of what is typed, ready to be looked for in many texts.
struct Part {
    text: String,
    finder: Finder<'static>,
}

impl Part {
    fn of(text: String) -> Self {
        Part { finder: Finder::new(text.as_bytes()).into_owned(), text }
    }

    fn is_in(&self, text: &str) -> bool {
        self.finder.find(text.as_bytes()).is_some()
    }
}

impl Suggestible {
    /// Of many articles, on all cores.
    pub(crate) fn of_all(analyzer: &Analyzer, contents: &[&Content]) -> Vec<Self> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let part = contents.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let of = |part: &[&Content]| part.iter().map(|c| Suggestible::of(analyzer, c)).collect::<Vec<_>>();
            let parts: Vec<_> = contents.chunks(part).map(|part| scope.spawn(move || of(part))).collect();
            // A panic is a bug; it goes on in the caller with its own message.
            parts.into_iter().flat_map(|p| p.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }

    fn of(analyzer: &Analyzer, content: &Content) -> Self {
        Suggestible(content.texts.iter().map(|(lang, text)| InOneLanguage::of(analyzer, *lang, text)).collect())
    }

    /// How well an article in a language fits all that is typed; 0 if something of it is not there.
    fn fits(&self, lang: Lang, parts: &[Part]) -> u32 {
        let in_lang = |lang: Lang| self.0.iter().find(|own| own.lang == lang);
        let Some(own) = in_lang(lang).or_else(|| in_lang(Lang::Ja)) else { return 0 };
        if parts.iter().any(|part| !part.is_in(&own.all)) {
            return 0;
        }
        let mut sum = 0;
        for part in parts {
            let of_keywords = own.keywords.iter().map(|k| fit(k, part, 1)).max().unwrap_or(0);
            let worth = of_keywords.max(fit(&own.question, part, 0));
            if worth == 0 {
                return 0;
            }
            sum += worth;
        }
        sum
    }
}

/// How well a text fits a part: it begins so, holds it, begins to sound so, sounds so.
fn fit(heard: &Heard, part: &Part, more: u32) -> u32 {
    let long = |n: usize| part.text.chars().nth(n - 1).is_some();
    match () {
        () if heard.written.starts_with(&part.text) => 4 + more,
        () if long(2) && part.is_in(&heard.written) => 3 + more,
        () if heard.sounds.starts_with(&part.text) => 3 + more,
        () if long(3) && part.is_in(&heard.sounds) => 2 + more,
        () => 0,
    }
}

/// The words of what is typed. Of a word that an input method has not finished (じゅうみn), what is finished.
fn parts(typed: &str) -> Vec<String> {
    let short: String = typed.chars().take(MAX_TYPED).collect();
    let normal = normal::normalise(&short);
    let part = |word: &str| {
        let word = folded(word);
        let finished = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if finished.is_empty() || !finished.chars().any(normal::is_kana) { word } else { finished.to_owned() }
    };
    normal.split_whitespace().map(part).filter(|p| !p.is_empty()).take(MAX_PARTS).collect()
}

impl Library {
    /// Questions that may be meant by what is typed so far, the likeliest first, at most `limit`.
    pub fn suggest(&self, typed: &str, lang: Lang, on: Date, limit: usize) -> Vec<Suggestion> {
        let parts: Vec<Part> = parts(typed).into_iter().map(Part::of).collect();
        if parts.is_empty() {
            return Vec::new();
        }
        let snapshot = self.snapshot();
        let mut fitting: Vec<(u32, &Arc<Article>)> = snapshot
            .articles
            .iter()
            .zip(&snapshot.suggestible)
            .map(|(article, suggestible)| (suggestible.fits(lang, &parts), article))
            .filter(|(worth, article)| *worth > 0 && article.is_public(on))
            .collect();
        // Cities translate what is asked most; a short question is a plain one.
        let order = |(worth, article): &(u32, &Arc<Article>)| {
            let length = article.text(lang).0.question.chars().count();
            (std::cmp::Reverse((*worth, article.content.texts.len())), length, article.code.clone())
        };
        fitting.sort_by_cached_key(order);
        let mut found: Vec<Arc<Article>> =
            fitting.into_iter().map(|(_, article)| article.clone()).take(limit).collect();
        let typed_so_far = parts.iter().map(|p| p.text.chars().count()).sum::<usize>();
        if found.len() < limit && typed_so_far >= ENOUGH_TO_ASK {
            let answer = self.ask(typed, on, limit);
            let more = answer.found.into_iter().filter(|_| answer.outcome != Outcome::Unsure).map(|f| f.article);
            for article in more {
                if found.len() < limit && found.iter().all(|known| known.code != article.code) {
                    found.push(article);
                }
            }
        }
        let suggestion = |article: Arc<Article>| {
            let (text, lang) = article.text(lang);
            Suggestion { code: article.code.clone(), question: text.question.clone(), lang }
        };
        found.into_iter().map(suggestion).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_not_finished_are_cut() {
        assert_eq!(parts(" じゅうみn "), ["じゅうみ"]);
        assert_eq!(parts("ジュウミン 票"), ["じゅうみん", "票"]);
        assert_eq!(parts("DV"), ["dv"]);
        assert_eq!(parts("？。"), Vec::<String>::new());
    }
}
