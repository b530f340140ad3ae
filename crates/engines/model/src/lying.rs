//! The built-in model that lies: for tests of the check, and for showing what a wrong model does to a city. Each kind of
//! lie and each seed gives always the same wrong answer.

mod teller;

use crate::chat::{Chat, Finish, Pending, Reply, Request};
use crate::check::sentences;
use crate::source::Source;
use teller::{Chance, Teller};

/// What is wrong about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lie {
    /// An amount of money.
    Amount,
    /// A day of a month.
    Date,
    /// A time of the day.
    Time,
    /// A share.
    Percent,
    /// How long something takes or may wait.
    Duration,
    /// A telephone number.
    Phone,
    /// An address of a page.
    Link,
    /// A mail address.
    Mail,
    /// A section.
    Section,
    /// An office or a place.
    Place,
    /// A number written in kanji.
    KanjiNumber,
    /// A number in full-width digits.
    WideNumber,
    /// A date in a Japanese era.
    Era,
    /// A day of the week.
    Weekday,
    /// The name of a form.
    Form,
    /// A thing with a brand's name.
    Brand,
    /// A fact of the second article told of the first.
    Moved,
    /// The opposite of what the article says.
    Opposite,
    /// A placeholder that is not there, or one in another's place.
    Placeholder,
    /// A statement that nothing supports, without a number or a name.
    Claim,
}

impl Lie {
    /// Every kind.
    pub const ALL: [Lie; 20] = [
        Lie::Amount,
        Lie::Date,
        Lie::Time,
        Lie::Percent,
        Lie::Duration,
        Lie::Phone,
        Lie::Link,
        Lie::Mail,
        Lie::Section,
        Lie::Place,
        Lie::KanjiNumber,
        Lie::WideNumber,
        Lie::Era,
        Lie::Weekday,
        Lie::Form,
        Lie::Brand,
        Lie::Moved,
        Lie::Opposite,
        Lie::Placeholder,
        Lie::Claim,
    ];
}

/// A model that tells one kind of lie about a source.
pub struct Lying {
    lie: Lie,
    seed: u64,
    source: Source,
}

impl Lying {
    /// About the first article of a source; [`Lie::Moved`] wants two.
    pub fn new(lie: Lie, seed: u64, source: Source) -> Self {
        Lying { lie, seed, source }
    }

    /// The wrong answer. `None` if the source gives no occasion for this kind of lie.
    pub fn reply(&self) -> Option<String> {
        let article = self.source.articles.first()?;
        let mut teller = Teller { chance: Chance(self.seed ^ ((self.lie as u64) << 32)), article, all: &self.source };
        let lie = teller.lie(self.lie)?;
        // Alone, behind something true, or before it.
        let truth = sentences(&article.summary).into_iter().next().unwrap_or_default();
        Some(match teller.chance.below(3) {
            0 => lie,
            1 => format!("{truth}{}{lie}", teller.gap()),
            _ => format!("{lie}{}{truth}", teller.gap()),
        })
    }
}

impl Chat for Lying {
    fn identity(&self) -> String {
        format!("lying {:?} {}", self.lie, self.seed)
    }

    fn complete<'a>(&'a self, _: &'a Request) -> Pending<'a> {
        let text = self.reply().unwrap_or_default();
        Box::pin(async move { Ok(Reply { text, tokens_in: None, tokens_out: None, finish: Finish::Stop }) })
    }
}

#[cfg(test)]
mod tests {
    use super::teller::kanji;
    use super::*;
    use crate::source::SourceArticle;

    #[test]
    fn the_same_seed_tells_the_same_lie() {
        let article =
            SourceArticle {
                question: "いつまでですか".into(), summary: "14日以内です。".into(), ..Default::default()
            };
        let source = Source { articles: vec![article] };
        let tell = |seed| Lying::new(Lie::Amount, seed, source.clone()).reply();
        assert_eq!(tell(3), tell(3));
        assert!((0..9).any(|seed| tell(seed) != tell(3)));
        assert_eq!(Lying::new(Lie::Moved, 1, source.clone()).reply(), None);
        assert_eq!(kanji(1204), "千二百四");
    }
}
