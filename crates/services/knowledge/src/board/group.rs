//! Groups of the board: how they are made of rows, and what a draft takes from them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use calendar::{Date, Instant};
use city::Organisation;
use search::{LIKE, Short, cluster};
use store::ids;
use text::normal;

use super::{Dismissal, Material};
use crate::miss::{self, Counted};
use crate::store::board::Searched;
use crate::{Library, Snapshot};

/// Weeks of the trend.
pub const WEEKS: usize = 13;
/// Most texts that are grouped: those of most people.
const MAX_TEXTS: usize = 8_000;
/// Most different misses among them.
const MAX_MISSES: usize = 5_000;
/// Keywords that a draft gets.
const MAX_KEYWORDS: usize = 12;
const DAY_MILLIS: i64 = 24 * 3600 * 1000;

/// Where something on the board comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A question that was left and waits.
    Question,
    /// An answer that did not help.
    Feedback,
    /// Words that found nothing.
    Miss,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 3] = [Kind::Question, Kind::Feedback, Kind::Miss];

    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Question => "question",
            Kind::Feedback => "feedback",
            Kind::Miss => "miss",
        }
    }

    /// The kind with a code.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.code() == code)
    }

    /// What the interface calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Question => "残された質問",
            Kind::Feedback => "ちがう・足りない",
            Kind::Miss => "見つからなかった言葉",
        }
    }
}

/// One text of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where it comes from.
    pub kind: Kind,
    /// Id of the question or of the feedback; of a miss the digest of its words.
    pub id: String,
    /// Number of the question.
    pub number: Option<String>,
    /// What was written.
    pub text: String,
    /// How many people stand behind it.
    pub count: i64,
    /// The day on which it last came.
    pub day: Date,
    /// Code of the language.
    pub lang: String,
    /// Code of the section that has the question, or of the article that did not help.
    pub section: Option<String>,
    /// People by week, the present one last.
    pub weeks: [i64; WEEKS],
    /// Digest of the text, as groups are named.
    matter: String,
}

/// The article that comes nearest to a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// Its code.
    pub code: String,
    /// Its question in Japanese.
    pub question: String,
    /// Share of the central text that it covers, 0 to 1.
    pub score: f32,
    /// Code of its section.
    pub section: String,
    /// Code of its main topic.
    pub topic: Option<String>,
}

/// People with the same matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Digest of the central text: the same for the same text in any process and at any time.
    pub id: String,
    /// The text most like all others.
    pub central: String,
    /// Words that its texts share, the weightiest first.
    pub words: Vec<String>,
    /// Its texts, those of most people first, then the newest.
    pub members: Vec<Member>,
    /// How many people stand behind it.
    pub people: i64,
    /// How many of them came in the last four weeks.
    pub last_4_weeks: i64,
    /// People by week, the present one last. Questions that are older than that count in `people` only.
    pub weeks: [i64; WEEKS],
    /// The day on which something last came.
    pub latest: Date,
    /// The article that comes nearest, if any does.
    pub nearest: Option<Nearest>,
    /// Codes of sections, that of most people first.
    pub sections: Vec<String>,
    /// The dismissal that holds for it.
    pub dismissal: Option<Dismissal>,
}

impl Group {
    /// Whether an id is that of one of its texts.
    pub fn is_about(&self, id: &str) -> bool {
        self.id == id || self.members.iter().any(|m| m.matter == id)
    }

    /// The group as somebody may see it who may read the questions of some sections only: how many people stand
    /// behind it, and of its texts those that are no question of another section.
    pub fn seen(mut self, may_read: impl Fn(&str) -> bool) -> Group {
        let open = |m: &Member| m.kind != Kind::Question || m.section.as_deref().is_none_or(&may_read);
        if self.members.iter().all(open) {
            return self;
        }
        self.members.retain(open);
        // Words that all texts share and the central text may be those of what is left out.
        self.words.clear();
        if !self.members.iter().any(|m| m.text == self.central) {
            self.central = self.members.first().map(|m| m.text.clone()).unwrap_or_default();
        }
        self
    }

    /// Ids of its left questions.
    pub fn question_ids(&self) -> Vec<String> {
        self.members.iter().filter(|m| m.kind == Kind::Question).map(|m| m.id.clone()).collect()
    }
}

/// What a draft begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The question, in the words of a citizen.
    pub question: String,
    /// Citizens' words that the nearest article does not contain.
    pub keywords: Vec<String>,
    /// Ids of the left questions that a published draft answers ([`crate::question::answered_by_article`]).
    pub question_ids: Vec<String>,
    /// Code of a topic.
    pub topic: Option<String>,
    /// Code of a section.
    pub section: Option<String>,
    /// Code of an article that may only need these words.
    pub nearest: Option<String>,
}

/// The week of a day, the present one last; `None` before the trend begins. A clock that was behind counts as now.
fn week(day: Date, today: Date) -> Option<usize> {
    let days = (Instant::start_of(today).millis() - Instant::start_of(day).millis()) / DAY_MILLIS;
    let ago = usize::try_from(days.max(0) / 7).ok()?;
    (WEEKS - 1).checked_sub(ago)
}

fn one(day: Date, today: Date) -> [i64; WEEKS] {
    let mut weeks = [0; WEEKS];
    if let Some(week) = week(day, today) {
        weeks[week] = 1;
    }
    weeks
}

fn digest(key: &str) -> String {
    ids::digest(&format!("madoguchi board {key}"))[..16].to_owned()
}

fn members(material: Material, today: Date) -> Vec<Member> {
    let organisation = material.organisation;
    let mut members = Vec::new();
    for q in material.questions {
        let day = q.created_at.jst_date();
        members.push(Member {
            kind: Kind::Question,
            text: if q.body.is_empty() { q.asked } else { q.body },
            id: q.id,
            number: Some(q.number),
            count: 1,
            day,
            lang: q.lang,
            section: q.section,
            weeks: one(day, today),
            matter: String::new(),
        });
    }
    for f in material.feedback {
        let day = f.created_at.jst_date();
        let text = [f.query, f.comment].into_iter().flatten().collect::<Vec<_>>().join("。");
        members.push(Member {
            kind: Kind::Feedback,
            text,
            id: f.id,
            number: None,
            count: 1,
            day,
            lang: f.lang,
            section: Some(f.section),
            weeks: one(day, today),
            matter: String::new(),
        });
    }
    for member in &mut members {
        member.section = member.section.take().map(|code| today_of(&organisation, &code, today));
    }
    members.extend(misses(only_searched(material.misses, &material.searched), today));
    members.sort_by(|a, b| (Reverse(a.count), Reverse(a.day), &a.id).cmp(&(Reverse(b.count), Reverse(b.day), &b.id)));
    members.truncate(MAX_TEXTS);
    members
}

/// The section that answers today for a code as it was stored.
fn today_of(organisation: &Organisation, code: &str, today: Date) -> String {
    organisation.section(code, today).map_or_else(|| code.to_owned(), |s| s.code.clone())
}

/// The counts without those who left a question after they had searched: each stands on the board once, with the
/// question, and not at all once it is answered.
fn only_searched(mut counted: Vec<Counted>, left: &[Searched]) -> Vec<Counted> {
    let mut places: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (place, c) in counted.iter().enumerate() {
        places.entry((c.lang.clone(), c.words.clone())).or_default().push(place);
    }
    for l in left {
        let day = l.created_at.jst_date();
        let same = places.get(&(l.lang.clone(), miss::clean(&l.asked)));
        // The newest count comes first: that of the day of the question, or of one before.
        let mut before = same.into_iter().flatten().filter(|place| counted[**place].day <= day);
        if let Some(place) = before.find(|place| counted[**place].times > 0).copied() {
            counted[place].times -= 1;
        }
    }
    counted.retain(|c| c.times > 0);
    counted
}

/// The same words on several days are one member.
fn misses(counted: Vec<Counted>, today: Date) -> Vec<Member> {
    let mut by_words: BTreeMap<(String, String), Member> = BTreeMap::new();
    for c in counted {
        let member = by_words.entry((c.lang.clone(), c.words.clone())).or_insert_with(|| Member {
            kind: Kind::Miss,
            id: digest(&format!("{} {}", c.lang, c.words)),
            number: None,
            text: c.words,
            count: 0,
            day: c.day,
            lang: c.lang,
            section: None,
            weeks: [0; WEEKS],
            matter: String::new(),
        });
        member.count += c.times;
        member.day = member.day.max(c.day);
        if let Some(week) = week(c.day, today) {
            member.weeks[week] += c.times;
        }
    }
    let mut members: Vec<Member> = by_words.into_values().collect();
    members.sort_by_key(|m| (Reverse(m.count), Reverse(m.day)));
    members.truncate(MAX_MISSES);
    members
}

/// Makes the groups.
pub(super) fn groups(library: &Library, mut material: Material, today: Date) -> Vec<Group> {
    let dismissals = std::mem::take(&mut material.dismissals);
    let organisation = material.organisation.clone();
    let mut members = members(material, today);
    // What found nothing and today gets an article as its answer is settled.
    members.retain(|m| m.kind != Kind::Miss || !library.ask(&m.text, today, 1).is_sure());
    let snapshot = library.snapshot();
    let short = |m: &Member| {
        Short::new(library.analyzer(), snapshot.index.vocabulary(), &m.text, u64::try_from(m.count).unwrap_or(1))
    };
    let shorts: Vec<Short> = members.iter().map(short).collect();
    for (member, short) in members.iter_mut().zip(&shorts) {
        member.matter = digest(short.key());
    }
    let clusters = cluster(&shorts, Some(&snapshot.index), LIKE);
    let mut members: Vec<Option<Member>> = members.into_iter().map(Some).collect();
    let mut groups: Vec<Group> = clusters
        .into_iter()
        .filter_map(|c| {
            let central = members[c.central].as_ref()?.clone();
            let texts: Vec<Member> = c.members.iter().filter_map(|i| members[*i].take()).collect();
            let nearest = nearest(library, &organisation, &central.text, today);
            Some(group(&dismissals, nearest, &central, c.words, texts))
        })
        .collect();
    groups.sort_by(|a, b| {
        (Reverse(a.people), Reverse(a.latest), &a.id).cmp(&(Reverse(b.people), Reverse(b.latest), &b.id))
    });
    groups
}

fn group(
    dismissals: &[Dismissal],
    nearest: Option<Nearest>,
    central: &Member,
    words: Vec<String>,
    members: Vec<Member>,
) -> Group {
    let mut weeks = [0; WEEKS];
    for member in &members {
        for (sum, count) in weeks.iter_mut().zip(member.weeks) {
            *sum += count;
        }
    }
    let people = members.iter().map(|m| m.count).sum();
    let mut group = Group {
        id: central.matter.clone(),
        central: central.text.clone(),
        words,
        people,
        last_4_weeks: weeks[WEEKS - 4..].iter().sum(),
        weeks,
        latest: members.iter().map(|m| m.day).max().unwrap_or(central.day),
        sections: sections(&members, nearest.as_ref()),
        nearest,
        dismissal: None,
        members,
    };
    // The newest dismissal of any of its texts: the central text may have become another one since.
    let of_group = dismissals.iter().filter(|d| d.holds(people) && group.is_about(&d.matter));
    group.dismissal = of_group.max_by_key(|d| d.at).cloned();
    group
}

fn nearest(library: &Library, organisation: &Organisation, text: &str, today: Date) -> Option<Nearest> {
    let found = library.ask(text, today, 1).found.into_iter().next()?;
    Some(Nearest {
        code: found.article.code.clone(),
        question: found.article.text(city::Lang::Ja).0.question.clone(),
        score: found.coverage(),
        section: today_of(organisation, &found.article.content.section, today),
        topic: found.article.content.topics.first().cloned(),
    })
}

/// Sections by people; that of the nearest article only where no text names one.
fn sections(members: &[Member], nearest: Option<&Nearest>) -> Vec<String> {
    let mut people: BTreeMap<&str, i64> = BTreeMap::new();
    for member in members {
        if let Some(section) = &member.section {
            *people.entry(section).or_default() += member.count;
        }
    }
    if people.is_empty() {
        return nearest.map(|n| n.section.clone()).into_iter().collect();
    }
    let mut found: Vec<(&str, i64)> = people.into_iter().collect();
    found.sort_by_key(|(section, people)| (Reverse(*people), *section));
    found.into_iter().map(|(section, _)| section.to_owned()).collect()
}

/// What a draft for a group begins with; the draft itself is made elsewhere.
pub fn to_draft_seed(library: &Library, group: &Group) -> Seed {
    let snapshot = library.snapshot();
    let nearest = group.nearest.as_ref();
    Seed {
        question: group.central.clone(),
        keywords: keywords(library, &snapshot, group),
        question_ids: group.question_ids(),
        topic: nearest.and_then(|n| n.topic.clone()),
        section: group.sections.first().cloned(),
        nearest: nearest.map(|n| n.code.clone()),
    }
}

/// Citizens' words by the people who used them, without those that the nearest article contains.
fn keywords(library: &Library, snapshot: &Snapshot, group: &Group) -> Vec<String> {
    let known =
        group.nearest.as_ref().and_then(|n| snapshot.by_code(&n.code)).map(|a| a.all_words()).unwrap_or_default();
    let mut people: HashMap<String, (f32, usize)> = HashMap::new();
    let mut order = 0;
    for member in &group.members {
        let short = Short::new(library.analyzer(), snapshot.index.vocabulary(), &member.text, 1);
        for (name, weight) in short.names() {
            let entry = people.entry(name.to_owned()).or_insert_with(|| {
                order += 1;
                (0.0, order)
            });
            entry.0 += weight * member.count as f32;
        }
    }
    let mut found: Vec<(String, (f32, usize))> =
        people.into_iter().filter(|(name, _)| !known.contains(&normal::fold_kana(name))).collect();
    found.sort_by(|(_, (m, a)), (_, (n, b))| n.total_cmp(m).then(a.cmp(b)));
    let mut seen = BTreeSet::new();
    // ゴミ and ごみ are one keyword.
    found.retain(|(name, _)| seen.insert(normal::fold_kana(name)));
    found.into_iter().map(|(name, _)| name).take(MAX_KEYWORDS).collect()
}
