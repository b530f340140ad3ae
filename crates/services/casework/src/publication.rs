//! What the public is told of the effect (効果の公表): two tables for a period, without schools, through the engine
//! `disclosure`, which hides small counts and whatever would give them back.
//!
//! What was published is kept as it was seen, in versions. A later release is checked against every earlier one that
//! overlaps it, also those that were withdrawn: people have seen them.

use ::store::{Entropy, Tx, ids};
use calendar::{Date, Instant, fiscal_year_bounds};
use disclosure::{PublicCell, PublicTable, Published, Row, Rule, Table, differs, suppress};
use serde::{Deserialize, Serialize};

use crate::effect::{self, Spread};
use crate::error::{field, rule};
use crate::member::{self, DeskRole};
use crate::store::publication as rows;
use crate::{CaseError, CaseFile, House, Result, Unlocked};

/// No rule with a smaller least count is followed: of one or two cases everybody of a school knows whose they are.
pub const LEAST: u64 = 3;
/// What stands in the place of a hidden figure.
pub const HIDDEN: &str = "x";

/// The days in which the cases of a release came in, both with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first.
    #[serde(with = "calendar::date_text")]
    pub from: Date,
    /// The last.
    #[serde(with = "calendar::date_text")]
    pub to: Date,
}

impl Period {
    /// A fiscal year (年度).
    pub fn fiscal(year: i16) -> Period {
        let (from, to) = fiscal_year_bounds(year);
        Period { from, to }
    }

    fn overlaps(&self, other: &Period) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// What may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// The smallest count that may be seen, at least [`LEAST`].
    pub least: u64,
    /// Whether zero may be seen.
    pub shows_zero: bool,
    /// Base of rounding.
    pub rounding: Option<u64>,
}

impl Params {
    fn rule(self) -> Result<Rule> {
        let Params { least, shows_zero, rounding } = self;
        if least < LEAST {
            return Err(field("least", format!("見せる最小の件数は、{LEAST}以上にしてください。")));
        }
        let rule = Rule { least, shows_zero, rounding };
        rule.check().map_err(|_| field("rounding", "丸めの単位は、1から最小の件数の2倍までにしてください。"))?;
        Ok(rule)
    }
}

/// A figure as everybody may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// The count.
    Shown(u64),
    /// The nearest multiple of the base of rounding.
    Rounded(u64),
    /// Hidden; why is not told.
    Hidden,
}

/// A row of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRow {
    /// What is counted.
    pub label: String,
    /// The row of which it is a part; none for the total.
    pub parent: Option<usize>,
    /// One for each column, and their total last where there are several.
    pub figures: Vec<Figure>,
}

/// A table as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// What it is about.
    pub title: String,
    /// Labels of the columns; one that is empty for a list.
    pub columns: Vec<String>,
    /// The rows, the total first.
    pub rows: Vec<SheetRow>,
}

impl Sheet {
    fn of(title: &str, published: &Published) -> Sheet {
        let PublicTable { rows, columns, cells, .. } = published.to_public();
        let figure = |cell: PublicCell| match cell {
            PublicCell::Shown(count) => Figure::Shown(count),
            PublicCell::Rounded(count) => Figure::Rounded(count),
            PublicCell::Hidden => Figure::Hidden,
        };
        let rows = rows.into_iter().zip(cells).map(|(row, cells)| SheetRow {
            label: row.label,
            parent: row.parent,
            figures: cells.into_iter().map(figure).collect(),
        });
        Sheet { title: title.into(), columns, rows: rows.collect() }
    }

    /// As the engine compares it.
    fn released(&self, rule: Rule) -> Option<Published> {
        let cell = |figure: &Figure| match *figure {
            Figure::Shown(count) => PublicCell::Shown(count),
            Figure::Rounded(count) => PublicCell::Rounded(count),
            Figure::Hidden => PublicCell::Hidden,
        };
        let table = PublicTable {
            rows: self.rows.iter().map(|row| Row { label: row.label.clone(), parent: row.parent }).collect(),
            columns: self.columns.clone(),
            cells: self.rows.iter().map(|row| row.figures.iter().map(cell).collect()).collect(),
            rounding: rule.rounding,
            adds_up: rule.rounding.is_none(),
            is_withheld: false,
        };
        table.released(rule)
    }

    /// How many figures are hidden.
    pub fn hidden(&self) -> usize {
        self.rows.iter().flat_map(|row| &row.figures).filter(|figure| **figure == Figure::Hidden).count()
    }
}

/// A release before it is published, as it would be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// When the cases came in.
    pub period: Period,
    /// What may be seen.
    pub params: Params,
    /// The tables.
    pub sheets: Vec<Sheet>,
}

/// A release as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Its id.
    pub id: String,
    /// Code of the desk.
    pub desk: String,
    /// Counted from 1 for each desk.
    pub version: i64,
    /// What is seen.
    pub release: Prepared,
    /// Account of who published it.
    pub published_by: String,
    /// When.
    pub published_at: Instant,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Instant>,
}

const ACTION: [&str; 6] = ["24時間以内", "48時間以内", "72時間以内", "7日以内", "それより後", "まだ"];
/// Each case is in one row, so that no other table has a part of this one for its total.
const STOP: [&str; 8] = [
    "7日以内に止まった",
    "8〜14日で止まった",
    "15〜31日で止まった",
    "32〜92日で止まった",
    "93日以上かかって止まった",
    "止まったあと、くり返しがあった",
    "まだ止まっていない",
    "いじめではなかった",
];

/// Which class of times a single case is in; none where it has not happened.
fn class(spread: &Spread) -> Option<usize> {
    spread.classes.iter().position(|(_, count)| *count > 0)
}

fn broken(error: impl std::fmt::Display) -> CaseError {
    rule(format!("表を作れません。（{error}）"))
}

/// Makes the tables of a release from the cases that came in during a period, as of an instant. Nothing is stored.
///
/// Both tables count the same cases, so their totals stand side by side. Where a total is too small to be seen, nothing is.
pub fn prepare(files: &[CaseFile], period: Period, params: Params, now: Instant) -> Result<Prepared> {
    let rule_of = params.rule()?;
    if period.to < period.from || period.to > now.jst_date() {
        return Err(field("to", "期間は、きょうまでの日で、始まりより後に終わるようにしてください。"));
    }
    let (mut action, mut stop) = ([0u64; ACTION.len()], [0u64; STOP.len()]);
    for file in files {
        let day = file.opened_at.jst_date();
        if day < period.from || day > period.to {
            continue;
        }
        let one = effect::of([file], now);
        action[class(&one.first_action).unwrap_or(5)] += 1;
        let row = match class(&one.stop) {
            _ if one.not_bullying > 0 => 7,
            _ if one.recurred.part > 0 => 5,
            Some(class) => class,
            None => 6,
        };
        stop[row] += 1;
    }
    let sheet = |title: &str, labels: &[&'static str], counts: &[u64]| -> Result<Sheet> {
        let labels: Vec<(&str, u64)> = labels.iter().copied().zip(counts.iter().copied()).collect();
        let table = Table::list("相談", &labels).map_err(broken)?;
        Ok(Sheet::of(title, &suppress(&table, &rule_of).map_err(broken)?))
    };
    let sheets = vec![sheet("はじめの対応まで", &ACTION, &action)?, sheet("行為が止まるまで", &STOP, &stop)?];
    let has_totals = sheets.iter().all(|sheet| {
        let total = sheet.rows.first().and_then(|row| row.figures.last());
        total.is_some_and(|figure| !matches!(figure, Figure::Hidden | Figure::Shown(0)))
    });
    if !has_totals {
        return Err(rule("件数が少ないため、この期間の数字は公表できません。期間を長くしてください。"));
    }
    Ok(Prepared { period, params, sheets })
}

/// How many figures of a release tell of small counts beside an earlier one.
fn tells(earlier: &Prepared, later: &Prepared) -> Result<usize> {
    let (before, after) = (earlier.params.rule()?, later.params.rule()?);
    let mut small = 0;
    for sheet in &later.sheets {
        let Some(old) = earlier.sheets.iter().find(|old| old.title == sheet.title) else { continue };
        let (Some(old), Some(new)) = (old.released(before), sheet.released(after)) else {
            return Err(CaseError::Unreadable);
        };
        small += differs(&old, &new).small.len();
    }
    Ok(small)
}

async fn must_be_consultant(tx: &mut Tx, desk: &str, who: &Unlocked) -> Result<()> {
    match member::has_role(tx, desk, &who.account, DeskRole::Consultant).await? {
        true => Ok(()),
        false => Err(CaseError::NotFound),
    }
}

/// Publishes a release. Refused where it tells too much beside an earlier one that overlaps it.
pub async fn publish(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    desk: &str,
    prepared: &Prepared,
) -> Result<String> {
    let mut tx = house.db.write().await?;
    must_be_consultant(&mut tx, desk, who).await?;
    let earlier = history(&mut tx, desk).await?;
    for known in earlier.iter().filter(|known| known.release.period.overlaps(&prepared.period)) {
        let small = tells(&known.release, prepared)?;
        if small > 0 {
            return Err(rule(format!(
                "前に公表したもの（第{}版）とくらべると、少ない件数がわかる数字が{small}か所あります。期間か、最小の件数を変えてください。",
                known.version
            )));
        }
    }
    let release = rows::Release {
        id: ids::opaque_id(entropy),
        desk: desk.into(),
        version: earlier.first().map_or(1, |newest| newest.version + 1),
        period_from: prepared.period.from.to_string(),
        period_to: prepared.period.to.to_string(),
        body: serde_json::to_string(prepared).map_err(|_| CaseError::Unreadable)?,
        published_by: who.account.clone(),
        published_at: house.clock.now(),
        withdrawn_at: None,
    };
    if !rows::insert(&mut tx, &release).await? {
        return Err(CaseError::Changed);
    }
    member::note(&mut tx, house.clock, &who.actor(), "desk.effect-publish", desk, &[&release.id]).await?;
    tx.commit().await?;
    Ok(release.id)
}

/// Withdraws a release: it is shown no more, and later ones are still checked against it.
pub async fn withdraw(house: House<'_>, who: &Unlocked, desk: &str, id: &str) -> Result<()> {
    let mut tx = house.db.write().await?;
    must_be_consultant(&mut tx, desk, who).await?;
    if !rows::withdraw(&mut tx, desk, id, house.clock.now()).await? {
        return Err(CaseError::NotFound);
    }
    member::note(&mut tx, house.clock, &who.actor(), "desk.effect-withdraw", desk, &[id]).await?;
    Ok(tx.commit().await?)
}

/// What everybody may see of a desk now, the newest first.
pub async fn published(tx: &mut Tx, desk: &str) -> Result<Vec<Publication>> {
    let all = history(tx, desk).await?;
    Ok(all.into_iter().filter(|known| known.withdrawn_at.is_none()).collect())
}

/// Everything that a desk published, the newest first, also what it withdrew.
pub async fn history(tx: &mut Tx, desk: &str) -> Result<Vec<Publication>> {
    let read = |row: rows::Release| {
        let release = serde_json::from_str(&row.body).map_err(|_| CaseError::Unreadable)?;
        let rows::Release { id, desk, version, published_by, published_at, withdrawn_at, .. } = row;
        Ok(Publication { id, desk, version, release, published_by, published_at, withdrawn_at })
    };
    rows::all(tx, desk).await?.into_iter().map(read).collect()
}

impl Prepared {
    /// What a reader must know beside the tables.
    pub fn note(&self) -> String {
        let mut note = format!(
            "「{HIDDEN}」は、{}件より少ない数か、それがわかってしまう数なので、かくしています。",
            self.params.least
        );
        if let Some(base) = self.params.rounding.filter(|base| *base > 1) {
            note.push_str(&format!("ほかの数は{base}件ごとに丸めてあり、合計は内訳の和と合わないことがあります。"));
        }
        note
    }

    /// The tables as CSV in UTF-8 with a byte order mark: a line for each figure, and the note last.
    pub fn csv(&self) -> String {
        let mut out = String::from("\u{feff}期間の始まり,期間の終わり,表,項目,区分,件数\r\n");
        for sheet in &self.sheets {
            let mut columns: Vec<&str> = sheet.columns.iter().map(String::as_str).collect();
            if columns.len() > 1 {
                columns.push("合計");
            }
            for row in &sheet.rows {
                for (column, figure) in columns.iter().zip(&row.figures) {
                    let shown = match figure {
                        Figure::Shown(count) | Figure::Rounded(count) => count.to_string(),
                        Figure::Hidden => HIDDEN.into(),
                    };
                    let cells = [
                        &self.period.from.to_string(),
                        &self.period.to.to_string(),
                        &sheet.title,
                        &row.label,
                        *column,
                        &shown,
                    ];
                    out.push_str(&cells.map(quoted).join(","));
                    out.push_str("\r\n");
                }
            }
        }
        out.push_str(&format!("注,{}\r\n", quoted(&self.note())));
        out
    }
}

/// A cell as a spreadsheet takes it for text.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into() }
}

#[cfg(test)]
#[path = "publication_tests.rs"]
mod tests;
