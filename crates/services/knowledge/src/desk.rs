//! The desk: who works at it, by which settings, and the list of articles that staff work from.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use access::{Action, Principal};
use calendar::{Clock, Date, FirstDay, Instant, Period, Roll, due_date};
use city::{Lang, Organisation};
use store::{Tx, audit};
use text::normal;

use crate::draft::DraftHead;
use crate::feedback::Tally;
use crate::{Article, KnowledgeError, Library, Snapshot, draft};

/// Somebody at the desk: who acts, in which city, at what time.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// Who acts.
    pub who: &'a Principal,
    /// The city as it stands.
    pub organisation: &'a Organisation,
    /// The time.
    pub clock: &'a dyn Clock,
}

impl Desk<'_> {
    /// The present instant.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The present day in Japan.
    pub fn today(&self) -> Date {
        self.clock.now().jst_date()
    }

    /// The code of the section that answers today for one that may have ended.
    pub fn section_today(&self, code: &str) -> String {
        self.organisation.section(code, self.today()).map_or(code, |s| s.code.as_str()).to_owned()
    }

    /// Whether the principal may do something in a section, whatever it was called before.
    pub fn may(&self, action: Action, section: &str) -> bool {
        self.who.may_in(action, &self.section_today(section))
    }

    /// Those of the open 原稿 that the principal may read.
    pub fn visible(&self, heads: Vec<DraftHead>) -> Vec<DraftHead> {
        let may = |d: &DraftHead| self.may(Action::ArticleRead, &d.home) || self.may(Action::ArticleRead, &d.section);
        heads.into_iter().filter(may).collect()
    }

    pub(crate) fn require(&self, action: Action, section: &str) -> Result<(), KnowledgeError> {
        if self.may(action, section) { Ok(()) } else { Err(KnowledgeError::Forbidden) }
    }

    pub(crate) async fn audit(
        &self,
        tx: &mut Tx,
        action: &str,
        object_kind: &str,
        object: &str,
        fields: &[&str],
    ) -> Result<(), KnowledgeError> {
        let actor = self.who.actor();
        Ok(audit::record(tx, self.clock, audit::Event { actor: &actor, action, object_kind, object, fields }).await?)
    }
}

/// The city's rules for its desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Months from a check to the next one; setting `knowledge.review_months`.
    pub review_months: u32,
    /// Whether 「内容に変わりなし」 needs another person's approval; setting `knowledge.recheck_second_person`.
    pub recheck_second_person: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { review_months: 12, recheck_second_person: false }
    }
}

impl Settings {
    /// The settings in the database; what is not set, or is set to something else than a number of months
    /// from 1 to 120 or `true`, is as by default.
    pub async fn load(tx: &mut Tx) -> Result<Settings, KnowledgeError> {
        let standard = Settings::default();
        let months = city::store::setting(tx, "knowledge.review_months").await?;
        let second = city::store::setting(tx, "knowledge.recheck_second_person").await?;
        let months = months.and_then(|m| m.trim().parse().ok()).filter(|m| (1..=120).contains(m));
        Ok(Settings {
            review_months: months.unwrap_or(standard.review_months),
            recheck_second_person: second.is_some_and(|s| s.trim() == "true"),
        })
    }

    /// When an article that is checked today must be checked again (民法143条: the day that corresponds).
    pub fn next_review(&self, desk: &Desk<'_>) -> Result<Date, KnowledgeError> {
        let period = Period::Months(self.review_months);
        let calendar = desk.organisation.business_calendar();
        due_date(desk.today(), period, FirstDay::Excluded, Roll::None, &calendar)
            .map_err(|e| KnowledgeError::Rule(e.to_string()))
    }
}

/// Where an article stands; several may hold at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The public sees it.
    Public,
    /// Its first day has not come.
    Before,
    /// Its last day has passed.
    Ended,
    /// The day of its review has come, today or earlier.
    ReviewDue,
    /// Its review falls due within 30 days.
    ReviewSoon,
    /// Somebody writes a 原稿.
    HasDraft,
    /// A 原稿 waits for approval.
    Waiting,
}

impl State {
    /// All of them, in the order in which they are offered.
    pub const ALL: [State; 7] = [
        State::Public,
        State::Before,
        State::Ended,
        State::ReviewDue,
        State::ReviewSoon,
        State::HasDraft,
        State::Waiting,
    ];

    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            State::Public => "public",
            State::Before => "before",
            State::Ended => "ended",
            State::ReviewDue => "review-due",
            State::ReviewSoon => "review-soon",
            State::HasDraft => "draft",
            State::Waiting => "waiting",
        }
    }

    /// The state with a code.
    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.code() == code)
    }

    /// What the interface calls it.
    pub const fn name(self) -> &'static str {
        match self {
            State::Public => "公開中",
            State::Before => "公開前",
            State::Ended => "掲載終了",
            State::ReviewDue => "見直し期限が来た",
            State::ReviewSoon => "30日以内に見直し",
            State::HasDraft => "原稿あり",
            State::Waiting => "承認待ち",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What must be checked first stands first.
    #[default]
    ReviewDue,
    /// What changed last stands first.
    Updated,
    /// By code.
    Code,
    /// By the Japanese question.
    Question,
    /// What helped least often stands first.
    Feedback,
    /// What fits the text best stands first.
    Fit,
}

/// Articles that fit a text.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// What was typed, as a code would have it.
    code: String,
    /// Places by id.
    places: HashMap<String, usize>,
}

/// Articles that are ordered by how well they fit a text.
const MOST_MATCHES: usize = 200;

impl Library {
    /// The articles of a state of the library that fit a text by all of its words, or by a part of their code. Unlike
    /// an answer to a citizen, a list shows nothing that only comes near.
    pub fn matches(&self, snapshot: &Snapshot, typed: &str) -> Matches {
        let query = self.query(snapshot, typed);
        let best = snapshot.index.search(&query, &self.reading().model, MOST_MATCHES);
        let mut found: Vec<u32> = best.iter().map(|hit| hit.doc).collect();
        let seen: HashSet<u32> = found.iter().copied().collect();
        // A part of a word (マイナン) is no word that the index knows.
        let part = normal::fold_kana(&normal::normalise(typed));
        found.retain(|doc| {
            let stands = || snapshot.articles[*doc as usize].all_words().contains(part.trim());
            snapshot.index.holds(*doc, &query) || stands()
        });
        // Behind those that fit best all others that have the words.
        let others = (0u32..).take(snapshot.index.len()).filter(|doc| !seen.contains(doc));
        found.extend(others.filter(|doc| snapshot.index.holds(*doc, &query)));
        let id = |(place, doc): (usize, u32)| (snapshot.articles[doc as usize].id.clone(), place);
        Matches {
            code: normal::normalise(typed).trim().to_lowercase(),
            places: found.into_iter().enumerate().map(id).collect(),
        }
    }
}

impl Matches {
    fn place(&self, article: &Article) -> Option<usize> {
        let by_code = !self.code.is_empty() && article.code.contains(&self.code);
        if by_code { Some(0) } else { self.places.get(&article.id).map(|p| p + 1) }
    }
}

/// What the list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Codes of sections as they are called today; none for all. The code of a section that became several
    /// names the articles that nobody has given to one of these yet.
    pub sections: Option<BTreeSet<String>>,
    /// State.
    pub state: Option<State>,
    /// Code of a topic.
    pub topic: Option<String>,
    /// A language in which there is no text.
    pub missing: Option<Lang>,
    /// Text.
    pub text: Option<Matches>,
    /// Order.
    pub sort: Sort,
    /// Page, from 1.
    pub page: usize,
    /// Articles on a page.
    pub per_page: usize,
}

impl Default for Filter {
    fn default() -> Self {
        Filter {
            sections: None,
            state: None,
            topic: None,
            missing: None,
            text: None,
            sort: Sort::default(),
            page: 1,
            per_page: 50,
        }
    }
}

/// A line of the list.
#[derive(Clone, Debug)]
pub struct Line {
    /// The article.
    pub article: Arc<Article>,
    /// Its states.
    pub states: Vec<State>,
    /// Its open 原稿.
    pub draft: Option<DraftHead>,
    /// How often it helped and did not, lately.
    pub tally: Tally,
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The lines of the page.
    pub lines: Vec<Line>,
    /// Articles on all pages.
    pub total: usize,
    /// The page that is shown; the last one if a later one was asked for.
    pub page: usize,
    /// Pages.
    pub pages: usize,
    /// How many articles each state would show, with all other filters as they are.
    pub counts: Vec<(State, usize)>,
    /// 原稿 of articles that were never published, in the sections of the filter.
    pub new_drafts: Vec<DraftHead>,
}

/// Days within which a review is soon.
pub(crate) const SOON: std::time::Duration = std::time::Duration::from_secs(30 * 86_400);

/// What is beside the articles themselves.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The city.
    pub organisation: &'a Organisation,
    /// Open 原稿 that the reader may see ([`Desk::visible`]).
    pub drafts: &'a [DraftHead],
    /// Words of citizens by article id ([`crate::feedback::counts`]).
    pub tallies: &'a HashMap<String, Tally>,
}

/// The articles that fit a filter, in order, one page of them. All in memory: nothing is copied but the page.
pub fn list(snapshot: &Snapshot, beside: Beside<'_>, filter: &Filter, today: Date) -> Listing {
    let soon = today.checked_add(SOON).unwrap_or(Date::MAX);
    let drafts: HashMap<&str, &DraftHead> =
        beside.drafts.iter().filter_map(|d| Some((d.article.as_deref()?, d))).collect();
    let mut sections: HashMap<&str, bool> = HashMap::new();
    let mut counts = [0usize; State::ALL.len()];
    let mut found: Vec<(u32, u8)> = Vec::new();
    for (i, article) in (0u32..).zip(&snapshot.articles) {
        let content = &article.content;
        let in_section = *sections
            .entry(&content.section)
            .or_insert_with(|| wanted(filter, beside.organisation, &content.section, today));
        let fits = in_section
            && filter.topic.as_ref().is_none_or(|t| content.topics.contains(t))
            && filter.missing.is_none_or(|lang| !content.texts.contains_key(&lang))
            && filter.text.as_ref().is_none_or(|m| m.place(article).is_some());
        if !fits {
            continue;
        }
        let states = states(article, drafts.get(article.id.as_str()).copied(), today, soon);
        for (count, state) in counts.iter_mut().zip(State::ALL) {
            *count += usize::from(states & state.bit() != 0);
        }
        if filter.state.is_none_or(|s| states & s.bit() != 0) {
            found.push((i, states));
        }
    }
    order(&mut found, snapshot, beside, filter);
    let per_page = filter.per_page.max(1);
    let pages = found.len().div_ceil(per_page).max(1);
    let page = filter.page.clamp(1, pages);
    let line = |(i, bits): &(u32, u8)| {
        let article = snapshot.articles[*i as usize].clone();
        Line {
            states: State::ALL.into_iter().filter(|s| bits & s.bit() != 0).collect(),
            draft: drafts.get(article.id.as_str()).map(|d| (*d).clone()),
            tally: beside.tallies.get(&article.id).copied().unwrap_or_default(),
            article,
        }
    };
    Listing {
        lines: found.iter().skip((page - 1) * per_page).take(per_page).map(line).collect(),
        total: found.len(),
        page,
        pages,
        counts: State::ALL.into_iter().zip(counts).collect(),
        new_drafts: new_drafts(beside, filter, today),
    }
}

fn wanted(filter: &Filter, organisation: &Organisation, code: &str, today: Date) -> bool {
    filter.sections.as_ref().is_none_or(|sections| {
        sections.contains(code)
            || organisation.section(code, today).is_some_and(|section| sections.contains(&section.code))
    })
}

fn states(article: &Article, draft: Option<&DraftHead>, today: Date, soon: Date) -> u8 {
    let content = &article.content;
    let ended = content.valid_to.is_some_and(|to| to < today);
    let mut bits = match () {
        () if ended => State::Ended.bit(),
        () if content.is_public(today) => State::Public.bit(),
        () => State::Before.bit(),
    };
    if let Some(due) = content.review_due.filter(|_| !ended) {
        if due <= today {
            bits |= State::ReviewDue.bit();
        } else if due <= soon {
            bits |= State::ReviewSoon.bit();
        }
    }
    if let Some(draft) = draft {
        bits |= State::HasDraft.bit();
        if draft.state == draft::State::Submitted {
            bits |= State::Waiting.bit();
        }
    }
    bits
}

/// Puts what was found in order; what is alike goes by code, so that pages never change places.
fn order(found: &mut [(u32, u8)], snapshot: &Snapshot, beside: Beside<'_>, filter: &Filter) {
    let article = |i: u32| snapshot.articles[i as usize].as_ref();
    // The library is in the order of codes, and sorting keeps it.
    match filter.sort {
        Sort::Code => {}
        Sort::ReviewDue => found.sort_by_key(|(i, _)| article(*i).content.review_due.unwrap_or(Date::MAX)),
        Sort::Updated => found.sort_by_key(|(i, _)| std::cmp::Reverse(article(*i).updated_at)),
        Sort::Question => found.sort_by(|(a, _), (b, _)| {
            article(*a).text(Lang::Ja).0.question.cmp(&article(*b).text(Lang::Ja).0.question)
        }),
        Sort::Feedback => {
            found.sort_by_cached_key(|(i, _)| {
                std::cmp::Reverse(beside.tallies.get(&article(*i).id).map_or(0, |t| t.no))
            });
        }
        Sort::Fit => found.sort_by_cached_key(|(i, _)| filter.text.as_ref().and_then(|m| m.place(article(*i)))),
    }
}

fn new_drafts(beside: Beside<'_>, filter: &Filter, today: Date) -> Vec<DraftHead> {
    let in_state = |d: &DraftHead| match filter.state {
        None | Some(State::HasDraft) => true,
        Some(State::Waiting) => d.state == draft::State::Submitted,
        Some(_) => false,
    };
    let by_text = |d: &DraftHead| {
        filter.text.as_ref().is_none_or(|m| d.code.contains(&m.code) || d.question.to_lowercase().contains(&m.code))
    };
    let in_section = |d: &DraftHead| {
        wanted(filter, beside.organisation, &d.home, today) || wanted(filter, beside.organisation, &d.section, today)
    };
    let fits = |d: &&DraftHead| d.article.is_none() && in_state(d) && by_text(d) && in_section(d);
    beside.drafts.iter().filter(fits).cloned().collect()
}
