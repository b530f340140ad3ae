//! The fields of an article one by one: how they are called, what stands in them, how one is taken over.

use city::Lang;

use crate::{ArticleText, Content};

/// A field of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Its code; not part of the content.
    Code,
    /// The languages in which it is written; for messages only.
    Lang,
    /// Section.
    Section,
    /// Topics.
    Topics,
    /// Related articles.
    Related,
    /// Day of the last check.
    CheckedOn,
    /// When it must be checked again.
    ReviewDue,
    /// First day on which it is shown.
    ValidFrom,
    /// Last day on which it is shown.
    ValidTo,
    /// Question.
    Question,
    /// Summary.
    Summary,
    /// Answer.
    Answer,
    /// Keywords.
    Keywords,
    /// Whom it is for.
    Who,
    /// By when.
    Deadline,
    /// What to bring.
    Bring,
    /// What it costs.
    Fee,
    /// Where.
    Place,
    /// During which hours.
    Hours,
    /// Name of the online form.
    OnlineLabel,
    /// Address of the online form.
    OnlineUrl,
}

impl Field {
    /// Fields of the content that are the same in all languages, in the order in which they are shown.
    pub const SHARED: [Field; 7] = [
        Field::Section,
        Field::Topics,
        Field::Related,
        Field::CheckedOn,
        Field::ReviewDue,
        Field::ValidFrom,
        Field::ValidTo,
    ];
    /// Fields that each language has for itself, in the order in which they are shown.
    pub const TEXT: [Field; 12] = [
        Field::Question,
        Field::Summary,
        Field::Answer,
        Field::Keywords,
        Field::Who,
        Field::Deadline,
        Field::Bring,
        Field::Fee,
        Field::Place,
        Field::Hours,
        Field::OnlineLabel,
        Field::OnlineUrl,
    ];

    /// Its name in files, forms and audit events.
    pub const fn code(self) -> &'static str {
        match self {
            Field::Code => "code",
            Field::Lang => "lang",
            Field::Section => "section",
            Field::Topics => "topics",
            Field::Related => "related",
            Field::CheckedOn => "checked_on",
            Field::ReviewDue => "review_due",
            Field::ValidFrom => "valid_from",
            Field::ValidTo => "valid_to",
            Field::Question => "question",
            Field::Summary => "summary",
            Field::Answer => "answer",
            Field::Keywords => "keywords",
            Field::Who => "who",
            Field::Deadline => "deadline",
            Field::Bring => "bring",
            Field::Fee => "fee",
            Field::Place => "place",
            Field::Hours => "hours",
            Field::OnlineLabel => "online_label",
            Field::OnlineUrl => "online_url",
        }
    }

    /// The field with a name.
    pub fn from_code(code: &str) -> Option<Field> {
        [Field::Code, Field::Lang].into_iter().chain(Field::SHARED).chain(Field::TEXT).find(|f| f.code() == code)
    }

    /// What the staff face calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Field::Code => "記事コード",
            Field::Lang => "言語",
            Field::Section => "担当課",
            Field::Topics => "分野",
            Field::Related => "関連する記事",
            Field::CheckedOn => "確認日",
            Field::ReviewDue => "見直し期限",
            Field::ValidFrom => "掲載開始日",
            Field::ValidTo => "掲載終了日",
            Field::Question => "質問",
            Field::Summary => "要約",
            Field::Answer => "回答",
            Field::Keywords => "キーワード",
            Field::Who => "対象",
            Field::Deadline => "いつまで",
            Field::Bring => "持ってくるもの",
            Field::Fee => "お金",
            Field::Place => "どこで",
            Field::Hours => "受付時間",
            Field::OnlineLabel => "オンライン手続きの名前",
            Field::OnlineUrl => "オンライン手続きのアドレス",
        }
    }

    /// Whether each language has one of its own.
    pub fn in_text(self) -> bool {
        Field::TEXT.contains(&self)
    }

    /// What stands in it, lists with one item a line; empty if nothing does. `lang` counts for texts only.
    pub fn value(self, content: &Content, lang: Lang) -> String {
        let day = |date: Option<calendar::Date>| date.map(|d| d.to_string()).unwrap_or_default();
        match self {
            Field::Code | Field::Lang => String::new(),
            Field::Section => content.section.clone(),
            Field::Topics => content.topics.join("\n"),
            Field::Related => content.related.join("\n"),
            Field::CheckedOn => content.checked_on.to_string(),
            Field::ReviewDue => day(content.review_due),
            Field::ValidFrom => day(content.valid_from),
            Field::ValidTo => day(content.valid_to),
            text => content.texts.get(&lang).map(|t| text.value_in(t)).unwrap_or_default(),
        }
    }

    fn value_in(self, text: &ArticleText) -> String {
        let f = &text.facts;
        let fact = |value: &Option<String>| value.clone().unwrap_or_default();
        match self {
            Field::Question => text.question.clone(),
            Field::Summary => text.summary.clone(),
            Field::Answer => text.answer.clone(),
            Field::Keywords => text.keywords.join("\n"),
            Field::Who => fact(&f.who),
            Field::Deadline => fact(&f.deadline),
            Field::Bring => f.bring.join("\n"),
            Field::Fee => fact(&f.fee),
            Field::Place => fact(&f.place),
            Field::Hours => fact(&f.hours),
            Field::OnlineLabel => fact(&f.online_label),
            Field::OnlineUrl => fact(&f.online_url),
            _ => String::new(),
        }
    }

    /// Takes the field over from another content, as it stands there.
    pub fn copy(self, from: &Content, lang: Lang, to: &mut Content) {
        match self {
            Field::Code | Field::Lang => {}
            Field::Section => to.section.clone_from(&from.section),
            Field::Topics => to.topics.clone_from(&from.topics),
            Field::Related => to.related.clone_from(&from.related),
            Field::CheckedOn => to.checked_on = from.checked_on,
            Field::ReviewDue => to.review_due = from.review_due,
            Field::ValidFrom => to.valid_from = from.valid_from,
            Field::ValidTo => to.valid_to = from.valid_to,
            text => {
                let nothing = ArticleText::default();
                let source = from.texts.get(&lang).unwrap_or(&nothing);
                let target = to.texts.entry(lang).or_default();
                text.copy_in(source, target);
                if lang != Lang::Ja && *target == nothing {
                    to.texts.remove(&lang);
                }
            }
        }
    }

    fn copy_in(self, from: &ArticleText, to: &mut ArticleText) {
        let (f, t) = (&from.facts, &mut to.facts);
        match self {
            Field::Question => to.question.clone_from(&from.question),
            Field::Summary => to.summary.clone_from(&from.summary),
            Field::Answer => to.answer.clone_from(&from.answer),
            Field::Keywords => to.keywords.clone_from(&from.keywords),
            Field::Who => t.who.clone_from(&f.who),
            Field::Deadline => t.deadline.clone_from(&f.deadline),
            Field::Bring => t.bring.clone_from(&f.bring),
            Field::Fee => t.fee.clone_from(&f.fee),
            Field::Place => t.place.clone_from(&f.place),
            Field::Hours => t.hours.clone_from(&f.hours),
            Field::OnlineLabel => t.online_label.clone_from(&f.online_label),
            Field::OnlineUrl => t.online_url.clone_from(&f.online_url),
            _ => {}
        }
    }
}
