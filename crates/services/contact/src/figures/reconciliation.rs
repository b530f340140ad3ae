//! Reconciliation (突き合わせ): contacts that were resolved by our log, against what a business system counted, brought
//! as a CSV file: `date,topic,count` or `date,section,count`. A file is taken as a whole or not at all.

use std::collections::{BTreeMap, HashMap};

use calendar::{Clock, Date, Instant};
use city::Organisation;
use store::{Db, Entropy, FromRow, Tx, audit, ids};

use crate::channel::coded;
use crate::store::reconciliation as rows;
use crate::{ContactError, field};

/// Most lines of a file.
pub const MAX_LINES: usize = 20_000;
/// Longest name of a business system, in characters.
pub const MAX_SYSTEM: usize = 60;
/// A difference above this share of the larger count is alarming.
pub const ALARM: f64 = 0.1;
/// Problems of a file that are told at once.
const TOLD: usize = 20;
/// Reconciliations that the list shows.
const SHOWN: i64 = 50;

coded! {
    /// By what a file counts.
    Kind {
        /// By topic.
        Topic = "topic",
        /// By section.
        Section = "section",
    }
}

/// A file of a business system.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Reconciliation {
    /// Id.
    pub id: String,
    /// By what it counts.
    pub kind: Kind,
    /// What the business system is called.
    pub system: String,
    /// Its first day.
    pub day_from: Date,
    /// Its last day.
    pub day_to: Date,
    /// Account of who brought it.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: Instant,
}

/// A count of a day and a topic or section.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Counted {
    /// The day.
    pub day: Date,
    /// Code of the topic or section.
    pub code: String,
    /// How many.
    pub count: i64,
}

/// A line that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Number of the line in the file, from 1.
    pub line: u64,
    /// What is wrong and what to do.
    pub reason: String,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// By what it counts.
    pub kind: Kind,
    /// Its lines.
    pub lines: Vec<Counted>,
}

/// Ours against theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Code of the topic or section.
    pub code: String,
    /// Contacts that were resolved by our log.
    pub ours: i64,
    /// What the business system counted.
    pub theirs: i64,
}

impl Compared {
    /// How far ours is above theirs.
    pub fn difference(&self) -> i64 {
        self.ours - self.theirs
    }

    /// The difference as a share of the larger of both, 0 to 1.
    pub fn share(&self) -> f64 {
        let larger = self.ours.max(self.theirs);
        if larger == 0 { 0.0 } else { self.difference().abs() as f64 / larger as f64 }
    }

    /// Whether somebody should look.
    pub fn is_alarming(&self) -> bool {
        self.share() > ALARM
    }
}

/// Who may bring and see what.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Codes of today's own sections; `None` for the whole city.
    pub sections: Option<&'a [String]>,
    /// The city.
    pub organisation: &'a Organisation,
    /// Today.
    pub today: Date,
}

impl Scope<'_> {
    fn is_own(&self, section: &str) -> bool {
        self.sections.is_none_or(|own| own.iter().any(|code| code == section))
    }

    /// The section that answers today for a stored code.
    fn section_today(&self, code: &str) -> Option<String> {
        self.organisation.section(code, self.today).map(|s| s.code.clone())
    }
}

/// Reads a file; otherwise the first problems of it, by line.
pub fn read(bytes: &[u8], scope: Scope<'_>) -> Result<File, Vec<Problem>> {
    let one = |line: u64, reason: &str| vec![Problem { line, reason: reason.into() }];
    let text = std::str::from_utf8(bytes)
        .map_err(|_| one(1, "文字コードがUTF-8ではありません。UTF-8のCSVで保存し直してください。"))?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut records = reader.records();
    let head = match records.next() {
        Some(Ok(head)) => head,
        _ => return Err(one(1, "ファイルが空です。1行目に date,topic,count か date,section,count を書いてください。")),
    };
    let kind = match head.iter().collect::<Vec<_>>().as_slice() {
        ["date", "topic", "count"] => Kind::Topic,
        ["date", "section", "count"] => Kind::Section,
        _ => {
            return Err(one(1, "見出しがちがいます。1行目は date,topic,count か date,section,count にしてください。"));
        }
    };
    if kind == Kind::Topic && scope.sections.is_some() {
        return Err(one(
            1,
            "分類ごとの数は、市全体を見る人だけが突き合わせられます。date,section,count のファイルにしてください。",
        ));
    }
    let (mut lines, mut problems, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
    for record in records {
        let (number, outcome) = match record {
            Ok(record) => {
                let number = record.position().map_or(0, csv::Position::line);
                (number, counted(&record, kind, scope))
            }
            Err(error) => (
                error.position().map_or(0, csv::Position::line),
                Err("この行を読めません。引用符の数を確かめてください。".into()),
            ),
        };
        let outcome = outcome.and_then(|c: Counted| match seen.insert((c.day, c.code.clone()), number) {
            Some(before) => Err(format!("{}行目と同じ日・同じ{}です。どちらかを消してください。", before, noun(kind))),
            None => Ok(c),
        });
        match outcome {
            Ok(c) => lines.push(c),
            Err(reason) => problems.push(Problem { line: number, reason }),
        }
        if problems.len() >= TOLD {
            break;
        }
        if lines.len() > MAX_LINES {
            problems.push(Problem {
                line: number,
                reason: format!("{MAX_LINES}行までにしてください。期間を分けてください。"),
            });
            break;
        }
    }
    match (problems.is_empty(), lines.is_empty()) {
        (false, _) => Err(problems),
        (true, true) => Err(one(2, "数の行がありません。2行目から1行に1つずつ書いてください。")),
        (true, false) => Ok(File { kind, lines }),
    }
}

const fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Topic => "分類",
        Kind::Section => "課",
    }
}

fn counted(record: &csv::StringRecord, kind: Kind, scope: Scope<'_>) -> Result<Counted, String> {
    let [day, code, count] = record.iter().collect::<Vec<_>>()[..] else {
        return Err(format!("列が{}つあります。日付,{},数 の3つにしてください。", record.len(), noun(kind)));
    };
    let day: Date =
        day.parse().map_err(|_| format!("「{day}」は日付ではありません。2026-04-01 のように書いてください。"))?;
    if day > scope.today {
        return Err(format!("「{day}」はこれからの日です。"));
    }
    let code = match kind {
        Kind::Topic => {
            city::topic(code).map(|t| t.code.to_owned()).ok_or_else(|| format!("「{code}」という分類はありません。"))?
        }
        Kind::Section => {
            let found = scope.section_today(code).ok_or_else(|| format!("「{code}」という課はありません。"))?;
            if !scope.is_own(&found) {
                return Err(format!("「{code}」は、あなたが数字を見られる課ではありません。"));
            }
            found
        }
    };
    let count = count
        .parse()
        .ok()
        .filter(|n| (0..=1_000_000_000).contains(n))
        .ok_or_else(|| format!("「{count}」は数ではありません。0以上の整数を書いてください。"))?;
    Ok(Counted { day, code, count })
}

/// What is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewReconciliation<'a> {
    /// What the business system is called.
    pub system: &'a str,
    /// The file as it was read.
    pub file: &'a File,
    /// Account of who brings it.
    pub account: &'a str,
}

/// Stores a file as a whole. Returns the id.
pub async fn store(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    new: NewReconciliation<'_>,
) -> Result<String, ContactError> {
    let system = crate::message::clean(new.system);
    if system.is_empty() || system.chars().count() > MAX_SYSTEM || system.contains('\n') {
        return Err(field("system", format!("業務システムの名前を、{MAX_SYSTEM}文字までで入れてください。")));
    }
    let days = || new.file.lines.iter().map(|l| l.day);
    let (Some(day_from), Some(day_to)) = (days().min(), days().max()) else {
        return Err(field("file", "数の行がありません。"));
    };
    let made = Reconciliation {
        id: ids::new_id(clock, entropy),
        kind: new.file.kind,
        system,
        day_from,
        day_to,
        uploaded_by: new.account.into(),
        uploaded_at: clock.now(),
    };
    let mut tx = db.write().await?;
    rows::insert(&mut tx, &made, &new.file.lines).await?;
    let actor = format!("account:{}", new.account);
    let event = audit::Event {
        actor: &actor,
        action: "reconciliation.upload",
        object_kind: "reconciliation",
        object: &made.id,
        fields: &["system", "file"],
    };
    audit::record(&mut tx, clock, event).await?;
    tx.commit().await?;
    Ok(made.id)
}

/// The newest ones that the person may see: those with a line of an own section.
pub async fn newest(tx: &mut Tx, scope: Scope<'_>) -> Result<Vec<Reconciliation>, ContactError> {
    let mut seen = Vec::new();
    for found in rows::newest(tx, SHOWN).await? {
        if may_see(tx, &found, scope).await? {
            seen.push(found);
        }
    }
    Ok(seen)
}

async fn may_see(tx: &mut Tx, found: &Reconciliation, scope: Scope<'_>) -> Result<bool, ContactError> {
    if scope.sections.is_none() {
        return Ok(true);
    }
    Ok(found.kind == Kind::Section && own_lines(tx, found, scope).await?.into_iter().next().is_some())
}

/// The lines that the person may see, with the codes of today.
async fn own_lines(tx: &mut Tx, found: &Reconciliation, scope: Scope<'_>) -> Result<Vec<Counted>, ContactError> {
    let mut lines = rows::lines(tx, &found.id).await?;
    if found.kind == Kind::Section {
        for line in &mut lines {
            line.code = scope.section_today(&line.code).unwrap_or_else(|| line.code.clone());
        }
        lines.retain(|l| scope.is_own(&l.code));
    }
    Ok(lines)
}

/// A reconciliation with ours against theirs, by topic or section over its days. Only days and codes that stand in
/// the file are compared; the widest difference stands first.
pub async fn compare(tx: &mut Tx, id: &str, scope: Scope<'_>) -> Result<(Reconciliation, Vec<Compared>), ContactError> {
    let found = rows::get(tx, id).await?.ok_or(ContactError::NotFound)?;
    if !may_see(tx, &found, scope).await? {
        return Err(ContactError::NotFound);
    }
    let lines = own_lines(tx, &found, scope).await?;
    let sections: Option<Vec<String>> = scope
        .sections
        .map(|own| own.iter().flat_map(|s| scope.organisation.codes_of(s, scope.today)).map(str::to_owned).collect());
    let mut ours: HashMap<(Date, String), i64> = HashMap::new();
    for c in rows::resolved(tx, found.kind, found.day_from, found.day_to, sections.as_deref()).await? {
        let code = match found.kind {
            Kind::Topic => c.code,
            Kind::Section => scope.section_today(&c.code).unwrap_or(c.code),
        };
        *ours.entry((c.day, code)).or_default() += c.count;
    }
    let mut compared: BTreeMap<String, Compared> = BTreeMap::new();
    for line in lines {
        let row = compared.entry(line.code.clone()).or_insert_with(|| Compared {
            code: line.code.clone(),
            ours: 0,
            theirs: 0,
        });
        row.theirs += line.count;
        // Two stored codes that are one section today have our count once.
        row.ours += ours.remove(&(line.day, line.code)).unwrap_or_default();
    }
    let mut compared: Vec<Compared> = compared.into_values().collect();
    compared.sort_by(|a, b| b.share().total_cmp(&a.share()).then_with(|| a.code.cmp(&b.code)));
    Ok((found, compared))
}

#[cfg(test)]
#[path = "reconciliation_tests.rs"]
mod tests;
