//! Rich menus in the database.

use calendar::Instant;
use store::{Result, Sql, Tx, params};

use crate::menu::{Event, Menu, Plan, Reflection, ReflectionState, State};
use crate::menu::{Made, plan};

const MENU: &str = "id, name, bar, layout, height, tiles, is_emergency, is_drawn, image_type, image_sha, version, state, updated_by, updated_at";
const PLAN: &str = "id, menu, kind, begins_at, ends_at, is_drill, reason, made_by, made_at, ended_at";
const MADE: &str = "line_id, menu, version, is_drill, alias, image_at, unused_since";
const SHOWN: &str = "menu, version, is_drill, state, reason, tries, at";
/// Name of the one row of `line_menu_shown`: that of everybody who has no menu of their own.
const EVERYBODY: &str = "everybody";

/// All menus that were not removed, by name.
pub async fn list(tx: &mut Tx) -> Result<Vec<Menu>> {
    let sql = format!("SELECT {MENU} FROM line_menu WHERE state <> 'removed' ORDER BY name, id");
    tx.all(Sql::built(sql), params![]).await
}

/// A menu that was not removed.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Menu>> {
    let sql = format!("SELECT {MENU} FROM line_menu WHERE id = $1 AND state <> 'removed'");
    tx.optional(Sql::built(sql), params![id]).await
}

/// The picture of a menu, with its media type and digest.
pub async fn image(tx: &mut Tx, id: &str) -> Result<Option<(Vec<u8>, String, String)>> {
    let sql = "SELECT image, image_type, image_sha FROM line_menu WHERE id = $1 AND image IS NOT NULL";
    let Some(row) = tx.row(sql, params![id]).await? else { return Ok(None) };
    Ok(Some((row.get("image")?, row.get("image_type")?, row.get("image_sha")?)))
}

/// Writes a menu, and its picture where `image` says so: `Some(None)` takes it away.
pub(crate) async fn put(tx: &mut Tx, m: &Menu, tiles: &str, image: Option<Option<&[u8]>>) -> Result<()> {
    tx.execute(
        "INSERT INTO line_menu (id, name, bar, layout, height, tiles, is_emergency, is_drawn, image_type, image_sha,
                                version, state, updated_by, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, bar = excluded.bar, layout = excluded.layout,
             height = excluded.height, tiles = excluded.tiles, is_emergency = excluded.is_emergency,
             is_drawn = excluded.is_drawn, image_type = excluded.image_type, image_sha = excluded.image_sha,
             version = excluded.version, state = excluded.state, updated_by = excluded.updated_by,
             updated_at = excluded.updated_at",
        params![
            &m.id,
            &m.name,
            &m.bar,
            m.layout.code,
            m.height,
            tiles,
            m.is_emergency,
            m.is_drawn,
            m.image_type.clone(),
            m.image_sha.clone(),
            m.version,
            m.state.code(),
            &m.updated_by,
            m.updated_at,
        ],
    )
    .await?;
    if let Some(bytes) = image {
        tx.execute("UPDATE line_menu SET image = $1 WHERE id = $2", params![bytes, &m.id]).await?;
    }
    Ok(())
}

/// Takes a menu away; its picture goes with it.
pub(crate) async fn remove(tx: &mut Tx, id: &str, by: &str, at: Instant) -> Result<()> {
    tx.execute(
        "UPDATE line_menu SET state = $1, image = NULL, image_type = NULL, image_sha = NULL, updated_by = $2,
                updated_at = $3 WHERE id = $4",
        params![State::Removed.code(), by, at, id],
    )
    .await?;
    Ok(())
}

/// Plans that hold or are yet to come, those that begin first first.
pub async fn plans(tx: &mut Tx, now: Instant) -> Result<Vec<Plan>> {
    let sql = format!(
        "SELECT {PLAN} FROM line_menu_plan WHERE ended_at IS NULL AND (ends_at IS NULL OR ends_at > $1)
         ORDER BY begins_at, id"
    );
    tx.all(Sql::built(sql), params![now]).await
}

pub(crate) async fn insert_plan(tx: &mut Tx, p: &Plan) -> Result<()> {
    tx.execute(
        "INSERT INTO line_menu_plan (id, menu, kind, begins_at, ends_at, is_drill, reason, made_by, made_at, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            &p.id,
            &p.menu,
            p.kind.code(),
            p.begins_at,
            p.ends_at,
            p.is_drill,
            &p.reason,
            &p.made_by,
            p.made_at,
            p.ended_at,
        ],
    )
    .await?;
    Ok(())
}

/// Ends every plan of a kind that is not over. Returns how many there were.
pub(crate) async fn end_kind(tx: &mut Tx, kind: plan::Kind, at: Instant) -> Result<u64> {
    let sql = "UPDATE line_menu_plan SET ended_at = $1
               WHERE kind = $2 AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > $1)";
    tx.execute(sql, params![at, kind.code()]).await
}

/// Ends a plan that is not over. Returns its menu.
pub(crate) async fn end_plan(tx: &mut Tx, id: &str, at: Instant) -> Result<Option<String>> {
    let sql = "UPDATE line_menu_plan SET ended_at = $1
               WHERE id = $2 AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > $1) RETURNING menu";
    tx.row(sql, params![at, id]).await?.map(|row| row.get("menu")).transpose()
}

pub(crate) async fn insert_event(tx: &mut Tx, e: &Event) -> Result<()> {
    tx.execute(
        "INSERT INTO line_menu_event (id, at, actor, act, menu, reason) VALUES ($1, $2, $3, $4, $5, $6)",
        params![&e.id, e.at, &e.actor, &e.act, &e.menu, &e.reason],
    )
    .await?;
    Ok(())
}

/// The newest entries of the history, with the name of the menu, also of one that was removed.
pub async fn events(tx: &mut Tx, limit: i64) -> Result<Vec<(Event, String)>> {
    let sql = "SELECT e.id, e.at, e.actor, e.act, e.menu, e.reason, COALESCE(m.name, '') AS name
               FROM line_menu_event e LEFT JOIN line_menu m ON m.id = e.menu ORDER BY e.at DESC, e.id DESC LIMIT $1";
    let rows = tx.rows(sql, params![limit]).await?;
    rows.iter().map(|row| Ok((<Event as store::FromRow>::from_row(row)?, row.get("name")?))).collect()
}

/// What LINE shows as far as is known; nothing where nothing was ever planned.
pub async fn reflection(tx: &mut Tx) -> Result<Option<Reflection>> {
    tx.optional(Sql::built(format!("SELECT {SHOWN} FROM line_menu_shown WHERE name = $1")), params![EVERYBODY]).await
}

/// How far a wish is: what was last written holds only while it is about the same menu in the same version.
pub fn reflection_of(found: Option<&Reflection>, wanted: Option<(&Menu, bool)>) -> ReflectionState {
    let Some(found) = found else {
        return if wanted.is_some() { ReflectionState::Waiting } else { ReflectionState::Done };
    };
    let said = found.menu.as_deref().zip(found.version).map(|(menu, version)| (menu, version, found.is_drill));
    let meant = wanted.map(|(menu, is_drill)| (menu.id.as_str(), menu.version, is_drill));
    match found.state {
        ReflectionState::Done if said != meant => ReflectionState::Waiting,
        state => state,
    }
}

/// Notes that something changed and LINE was not told yet.
pub(crate) async fn wait(tx: &mut Tx, at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO line_menu_shown (name, is_drill, state, reason, tries, at) VALUES ($1, $2, 'waiting', '', 0, $3)
         ON CONFLICT (name) DO UPDATE SET state = 'waiting', reason = '', tries = 0, at = excluded.at",
        params![EVERYBODY, false, at],
    )
    .await?;
    Ok(())
}

/// Takes the right to speak with LINE about menus, or keeps it. Returns whether it is `by`'s now.
pub(crate) async fn hold(tx: &mut Tx, by: &str, now: Instant, until: Instant) -> Result<bool> {
    tx.execute(
        "INSERT INTO line_menu_shown (name, is_drill, state, reason, tries, at) VALUES ($1, $2, 'waiting', '', 0, $3)
         ON CONFLICT DO NOTHING",
        params![EVERYBODY, false, now],
    )
    .await?;
    let sql = "UPDATE line_menu_shown SET busy_by = $1, busy_until = $2
               WHERE name = $3 AND (busy_by IS NULL OR busy_by = $1 OR busy_until < $4)";
    Ok(tx.execute(sql, params![by, until, EVERYBODY, now]).await? == 1)
}

/// Writes how an attempt ended, and gives the right to speak back. `told`: what LINE shows now, if that is known.
pub(crate) async fn settle(
    tx: &mut Tx,
    state: ReflectionState,
    reason: &str,
    at: Instant,
    told: Option<Option<(&Menu, bool)>>,
) -> Result<()> {
    tx.execute(
        "UPDATE line_menu_shown SET state = $1, reason = $2, at = $3, busy_by = NULL, busy_until = NULL,
                tries = CASE WHEN $1 = 'done' THEN 0 ELSE tries + 1 END WHERE name = $4",
        params![state.code(), reason, at, EVERYBODY],
    )
    .await?;
    if let Some(told) = told {
        tx.execute(
            "UPDATE line_menu_shown SET menu = $1, version = $2, is_drill = $3 WHERE name = $4",
            params![
                told.map(|(menu, _)| menu.id.clone()),
                told.map(|(menu, _)| menu.version),
                told.is_some_and(|(_, is_drill)| is_drill),
                EVERYBODY,
            ],
        )
        .await?;
    }
    Ok(())
}

/// What exists at LINE.
pub(crate) async fn made(tx: &mut Tx) -> Result<Vec<Made>> {
    let sql = format!("SELECT {MADE} FROM line_menu_made WHERE removed_at IS NULL ORDER BY made_at, line_id");
    tx.all(Sql::built(sql), params![]).await
}

/// Notes one that exists; one that is known stays as it is.
pub(crate) async fn insert_made(tx: &mut Tx, line_id: &str, of: (&str, i64, bool), at: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO line_menu_made (line_id, menu, version, is_drill, made_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        params![line_id, of.0, of.1, of.2, at],
    )
    .await?;
    Ok(())
}

/// Notes that LINE has its picture.
pub(crate) async fn has_image(tx: &mut Tx, line_id: &str, at: Instant) -> Result<()> {
    tx.execute("UPDATE line_menu_made SET image_at = $1 WHERE line_id = $2", params![at, line_id]).await?;
    Ok(())
}

/// Notes that an alias is being pointed at it.
pub(crate) async fn has_alias(tx: &mut Tx, line_id: &str, alias: &str) -> Result<()> {
    tx.execute("UPDATE line_menu_made SET alias = $1 WHERE line_id = $2", params![alias, line_id]).await?;
    Ok(())
}

/// Notes since when nothing needs it, or that something does.
pub(crate) async fn unused(tx: &mut Tx, line_id: &str, since: Option<Instant>) -> Result<()> {
    tx.execute("UPDATE line_menu_made SET unused_since = $1 WHERE line_id = $2", params![since, line_id]).await?;
    Ok(())
}

/// Notes that it is gone.
pub(crate) async fn gone(tx: &mut Tx, line_id: &str, at: Instant) -> Result<()> {
    tx.execute("UPDATE line_menu_made SET removed_at = $1 WHERE line_id = $2", params![at, line_id]).await?;
    Ok(())
}
