//! The board of unanswered questions: what found nothing or did not help, grouped by likeness.
//!
//! Read are open questions, answers that did not help, and words that found nothing. The groups are made in
//! memory, on a thread of their own, and kept until something changes or a minute has passed.

mod group;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access::{Action, Principal};
use calendar::{Clock, Date, Instant};
use city::Organisation;
use store::audit::{self, Event};
use store::{Db, FromRow, changes};

use crate::store::board as rows;
use crate::{KnowledgeError, Library, miss};

pub use group::{Group, Kind, Member, Nearest, Seed, WEEKS, to_draft_seed};

/// The topic of `store::changes` that goes up when staff or citizens change what the board shows.
pub const CHANGE_TOPIC: &str = "board";
/// Longest reason of a dismissal, in characters.
pub const MAX_REASON: usize = 200;

/// For how long groups are shown again without being made anew.
const FRESH: Duration = Duration::from_secs(60);
/// Days of misses and of answers that did not help.
const DAYS: u64 = WEEKS as u64 * 7 - 1;
/// Most rows of each kind; beyond, the newest count.
const MAX_QUESTIONS: i64 = 5_000;
const MAX_FEEDBACK: i64 = 5_000;
const MAX_COUNTS: i64 = 50_000;

/// A group that needs no answer (対応不要), with the reason. It comes back when the people behind it have grown
/// by half.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Dismissal {
    /// Id of the group: the digest of its central text.
    pub matter: String,
    /// Why.
    pub reason: String,
    /// How many people were behind the group.
    pub people: i64,
    /// Who did it.
    pub actor: String,
    /// When.
    pub at: Instant,
}

impl Dismissal {
    /// Whether it still holds for so many people.
    fn holds(&self, people: i64) -> bool {
        people * 2 < self.people * 3
    }
}

/// What to show of the board.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Groups of these sections, and groups for which no section is known; `None` for all.
    pub sections: Option<BTreeSet<String>>,
    /// Only groups with something of this kind.
    pub kind: Option<Kind>,
    /// Only groups that grew on or after this day.
    pub since: Option<Date>,
    /// Dismissed groups instead of the others.
    pub dismissed: bool,
}

impl Filter {
    /// Whether a group is shown.
    pub fn takes(&self, group: &Group) -> bool {
        let of_sections =
            |wanted: &BTreeSet<String>| group.sections.is_empty() || group.sections.iter().any(|s| wanted.contains(s));
        self.sections.as_ref().is_none_or(of_sections)
            && self.kind.is_none_or(|kind| group.members.iter().any(|m| m.kind == kind))
            && self.since.is_none_or(|since| group.latest >= since)
            && group.dismissal.is_some() == self.dismissed
    }
}

/// Groups as they were at a moment.
struct Made {
    at: Instant,
    versions: [i64; 3],
    groups: Arc<Vec<Group>>,
}

/// The board of a city.
pub struct Board {
    library: Arc<Library>,
    made: Mutex<Option<Made>>,
    /// One request makes the groups, the others wait for it.
    making: tokio::sync::Mutex<()>,
}

impl Board {
    /// A board over a city's articles.
    pub fn new(library: Arc<Library>) -> Self {
        Board { library, made: Mutex::new(None), making: tokio::sync::Mutex::new(()) }
    }

    /// All groups, those of most people first; at most a minute old.
    pub async fn groups(&self, db: &Db, clock: &dyn Clock) -> Result<Arc<Vec<Group>>, KnowledgeError> {
        let _one_at_a_time = self.making.lock().await;
        let now = clock.now();
        // The versions are read before the rows: a change in between makes the groups once more.
        let versions = changes::versions(db).await?;
        let version = |topic: &str| versions.get(topic).copied().unwrap_or(0);
        let versions = [CHANGE_TOPIC, crate::CHANGE_TOPIC, city::CHANGE_TOPIC].map(version);
        if let Some(groups) = self.kept(now, versions) {
            return Ok(groups);
        }
        let material = read(db, now).await?;
        let library = self.library.clone();
        let today = now.jst_date();
        let groups = tokio::task::spawn_blocking(move || group::groups(&library, material, today))
            .await
            .map_err(|e| KnowledgeError::File { file: "board".into(), reason: e.to_string() })?;
        let groups = Arc::new(groups);
        let made = Made { at: now, versions, groups: groups.clone() };
        *self.made.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
        Ok(groups)
    }

    fn kept(&self, now: Instant, versions: [i64; 3]) -> Option<Arc<Vec<Group>>> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let made = made.as_ref()?;
        (made.versions == versions && now < made.at.plus(FRESH) && now >= made.at).then(|| made.groups.clone())
    }

    /// The groups that a filter takes.
    pub async fn list(&self, db: &Db, clock: &dyn Clock, filter: &Filter) -> Result<Vec<Group>, KnowledgeError> {
        Ok(self.groups(db, clock).await?.iter().filter(|g| filter.takes(g)).cloned().collect())
    }

    /// One group. Its id is that of its central text, which may become another one as the group grows: any text
    /// of a group finds it.
    pub async fn group(&self, db: &Db, clock: &dyn Clock, id: &str) -> Result<Group, KnowledgeError> {
        let groups = self.groups(db, clock).await?;
        groups.iter().find(|g| g.is_about(id)).cloned().ok_or(KnowledgeError::NotFound)
    }
}

/// Rows from which groups are made.
pub(crate) struct Material {
    pub(crate) questions: Vec<rows::Waiting>,
    pub(crate) feedback: Vec<rows::Unhelpful>,
    pub(crate) misses: Vec<miss::Counted>,
    /// What those searched who left a question.
    pub(crate) searched: Vec<rows::Searched>,
    pub(crate) dismissals: Vec<Dismissal>,
    /// Sections go by their names of today.
    pub(crate) organisation: Organisation,
}

async fn read(db: &Db, now: Instant) -> Result<Material, KnowledgeError> {
    let first = miss::days_before(now.jst_date(), DAYS);
    let organisation = Organisation::load(db).await?;
    let mut tx = db.read().await?;
    Ok(Material {
        organisation,
        questions: rows::waiting(&mut tx, MAX_QUESTIONS).await?,
        feedback: rows::unhelpful(&mut tx, Instant::start_of(first), MAX_FEEDBACK).await?,
        misses: miss::since(&mut tx, first, MAX_COUNTS).await?,
        searched: rows::searched(&mut tx, Instant::start_of(first), MAX_COUNTS).await?,
        dismissals: rows::dismissals(&mut tx).await?,
    })
}

/// Whether somebody may decide about a group: whoever may answer questions of all of its sections, because it goes
/// off the board for all of them; of any section where none is known.
pub fn may_decide(by: &Principal, group: &Group) -> bool {
    let action = Action::QuestionAnswer;
    if group.sections.is_empty() { by.may(action) } else { group.sections.iter().all(|s| by.may_in(action, s)) }
}

/// Takes a group off the board (対応不要), with a reason.
pub async fn dismiss(
    db: &Db,
    clock: &dyn Clock,
    by: &Principal,
    group: &Group,
    reason: &str,
) -> Result<(), KnowledgeError> {
    if !may_decide(by, group) {
        return Err(KnowledgeError::Forbidden);
    }
    let reason: String = reason.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    let field = |text: String| KnowledgeError::Field { field: "reason", reason: text };
    if reason.is_empty() {
        return Err(field("対応不要とする理由を書いてください。あとで見る人に伝わります。".into()));
    }
    let length = reason.chars().count();
    if length > MAX_REASON {
        return Err(field(format!("理由が長すぎます。{MAX_REASON}文字までにしてください（いま{length}文字です）。")));
    }
    let actor = by.actor();
    let dismissal =
        Dismissal { matter: group.id.clone(), reason, people: group.people, actor: actor.clone(), at: clock.now() };
    let mut tx = db.write().await?;
    rows::dismiss(&mut tx, &dismissal).await?;
    let event = Event {
        actor: &actor,
        action: "board.dismiss",
        object_kind: "board_group",
        object: &group.id,
        fields: &["reason"],
    };
    audit::record(&mut tx, clock, event).await?;
    changes::bump(&mut tx, CHANGE_TOPIC).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts a dismissed group back on the board.
pub async fn restore(db: &Db, clock: &dyn Clock, by: &Principal, group: &Group) -> Result<(), KnowledgeError> {
    if !may_decide(by, group) {
        return Err(KnowledgeError::Forbidden);
    }
    let dismissal = group.dismissal.as_ref().ok_or(KnowledgeError::Changed)?;
    let mut tx = db.write().await?;
    if !rows::undismiss(&mut tx, &dismissal.matter).await? {
        return Err(KnowledgeError::Changed);
    }
    let event = Event {
        actor: &by.actor(),
        action: "board.restore",
        object_kind: "board_group",
        object: &dismissal.matter,
        fields: &[],
    };
    audit::record(&mut tx, clock, event).await?;
    changes::bump(&mut tx, CHANGE_TOPIC).await?;
    tx.commit().await?;
    Ok(())
}
