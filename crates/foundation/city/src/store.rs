//! The city in the database.

pub mod reorganisation;

use calendar::{Clock, Closure, Date, OfficeHours};
use store::{Entropy, FromRow, Result, Row, StoreError, Tx, changes, ids, params};

use crate::{CHANGE_TOPIC, CityClosure, Profile, Section};

const PROFILE: &str = "profile";

pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str, column: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| StoreError::Column { column: column.into(), reason: e.to_string() })
}

pub(crate) fn to_json(value: &impl serde::Serialize, column: &str) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Column { column: column.into(), reason: e.to_string() })
}

/// A setting, if it was ever set.
pub async fn setting(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    let row = tx.row("SELECT value FROM setting WHERE name = $1", params![name]).await?;
    row.map(|r| r.get("value")).transpose()
}

/// Sets a setting.
pub async fn save_setting(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, value],
    )
    .await?;
    changes::bump(tx, CHANGE_TOPIC).await
}

/// The profile, if the database holds a city.
pub async fn profile(tx: &mut Tx) -> Result<Option<Profile>> {
    setting(tx, PROFILE).await?.map(|value| json(&value, "setting.value")).transpose()
}

/// Stores the profile.
pub async fn save_profile(tx: &mut Tx, profile: &Profile) -> Result<()> {
    save_setting(tx, PROFILE, &to_json(profile, "setting.value")?).await
}

impl FromRow for Section {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Section {
            code: row.get("code")?,
            valid_from: row.get("valid_from")?,
            valid_to: row.get("valid_to")?,
            successor: row.get("successor")?,
            department: row.get("department")?,
            name: row.get("name")?,
            name_easy: row.get("name_easy")?,
            name_en: row.get("name_en")?,
            phone: row.get("phone")?,
            extension: row.get("extension")?,
            place: row.get("place")?,
            place_easy: row.get("place_easy")?,
            place_en: row.get("place_en")?,
            duties: row.get("duties")?,
            hours: json::<OfficeHours>(&row.get::<String>("hours")?, "section.hours")?,
            open_in_closures: row.get("open_in_closures")?,
        })
    }
}

/// All sections of all times.
pub async fn sections(tx: &mut Tx) -> Result<Vec<Section>> {
    tx.all(
        "SELECT code, valid_from, valid_to, successor, department, name, name_easy, name_en, phone, extension,
                place, place_easy, place_en, duties, hours, open_in_closures
         FROM section ORDER BY code, valid_from",
        params![],
    )
    .await
}

/// Adds sections.
pub async fn insert_sections(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, sections: &[Section]) -> Result<()> {
    for s in sections {
        tx.execute(
            "INSERT INTO section (id, code, valid_from, valid_to, successor, department, name, name_easy, name_en, phone,
                                  extension, place, place_easy, place_en, duties, hours, open_in_closures)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            params![
                ids::new_id(clock, entropy),
                &s.code,
                s.valid_from,
                s.valid_to,
                s.successor.as_deref(),
                &s.department,
                &s.name,
                &s.name_easy,
                &s.name_en,
                &s.phone,
                s.extension.as_deref(),
                &s.place,
                &s.place_easy,
                &s.place_en,
                &s.duties,
                to_json(&s.hours, "section.hours")?,
                s.open_in_closures,
            ],
        )
        .await?;
    }
    changes::bump(tx, CHANGE_TOPIC).await
}

/// Gives a span another end, or none.
pub async fn end_section(
    tx: &mut Tx,
    code: &str,
    valid_from: Date,
    valid_to: Option<Date>,
    successor: Option<&str>,
) -> Result<()> {
    tx.execute(
        "UPDATE section SET valid_to = $3, successor = $4 WHERE code = $1 AND valid_from = $2",
        params![code, valid_from, valid_to, successor],
    )
    .await?;
    changes::bump(tx, CHANGE_TOPIC).await
}

/// Stores what people see of a span; its days and its successor stay.
pub async fn update_section(tx: &mut Tx, s: &Section) -> Result<()> {
    tx.execute(
        "UPDATE section SET department = $3, name = $4, name_easy = $5, name_en = $6, phone = $7, extension = $8,
                place = $9, place_easy = $10, place_en = $11, duties = $12, hours = $13, open_in_closures = $14
         WHERE code = $1 AND valid_from = $2",
        params![
            &s.code,
            s.valid_from,
            &s.department,
            &s.name,
            &s.name_easy,
            &s.name_en,
            &s.phone,
            s.extension.as_deref(),
            &s.place,
            &s.place_easy,
            &s.place_en,
            &s.duties,
            to_json(&s.hours, "section.hours")?,
            s.open_in_closures,
        ],
    )
    .await?;
    changes::bump(tx, CHANGE_TOPIC).await
}

impl FromRow for CityClosure {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(CityClosure {
            section: row.get("section")?,
            days: Closure { from: row.get("from_date")?, to: row.get("to_date")? },
            reason: row.get("reason")?,
            reason_easy: row.get("reason_easy")?,
            reason_en: row.get("reason_en")?,
        })
    }
}

/// All closures.
pub async fn closures(tx: &mut Tx) -> Result<Vec<CityClosure>> {
    tx.all(
        "SELECT section, from_date, to_date, reason, reason_easy, reason_en FROM closure ORDER BY from_date, id",
        params![],
    )
    .await
}

/// Adds closures.
pub async fn insert_closures(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    closures: &[CityClosure],
) -> Result<()> {
    for c in closures {
        tx.execute(
            "INSERT INTO closure (id, section, from_date, to_date, reason, reason_easy, reason_en)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                ids::new_id(clock, entropy),
                c.section.as_deref(),
                c.days.from,
                c.days.to,
                &c.reason,
                &c.reason_easy,
                &c.reason_en,
            ],
        )
        .await?;
    }
    changes::bump(tx, CHANGE_TOPIC).await
}

/// All closures with their ids, for the page on which they are kept.
pub async fn closures_with_ids(tx: &mut Tx) -> Result<Vec<(String, CityClosure)>> {
    let rows = tx
        .rows(
            "SELECT id, section, from_date, to_date, reason, reason_easy, reason_en FROM closure
             ORDER BY from_date, id",
            params![],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("id")?, CityClosure::from_row(row)?))).collect()
}

/// Removes a closure. Returns whether it was there.
pub async fn delete_closure(tx: &mut Tx, id: &str) -> Result<bool> {
    let removed = tx.execute("DELETE FROM closure WHERE id = $1", params![id]).await?;
    changes::bump(tx, CHANGE_TOPIC).await?;
    Ok(removed == 1)
}
