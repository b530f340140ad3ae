//! What LINE has, made to be what is wanted.
//!
//! Making a menu is never repeated in doubt: LINE's list is read first, and one of ours is found by its name, which
//! holds menu and version. So a process that ended between LINE's answer and our record makes nothing twice.
//!
//! Who tapped 「別のメニューへ」 has a menu of their own from then on, which LINE shows before any default, and LINE
//! tells nobody who these people are. So a menu to which an alias pointed is taken away as soon as it is not wanted:
//! with it goes what these people had, and they see the default again. That is what makes an emergency exclusive.

use std::time::Duration;

use calendar::Instant;
use line::client::{Client, KnownMenu};
use line::rich_menu::{Area, RichMenu};
use line::{Failure, failure::Rejection};
use sha2::{Digest, Sha256};
use store::Tx;
use store::jobs::LEASE;
use store::secret::hex;
use store::worker::{JobContext, JobFailure};

use super::rows::{Made, Menu};
use super::{layout, tile};
use crate::store::menu as rows;

/// How long a menu that nothing needs stays at LINE, unless people may have come to it by a tap: whoever goes back to
/// it within a day costs no new one.
pub(super) const KEPT: Duration = Duration::from_secs(86_400);

/// A menu that is to exist at LINE.
pub(super) struct Wanted {
    /// The menu in its newest version.
    pub(super) menu: Menu,
    /// Whether with the mark of a drill.
    pub(super) is_drill: bool,
    /// Whether another one leads to it.
    pub(super) has_alias: bool,
}

impl Wanted {
    /// Menu, version, drill: what makes it one thing at LINE.
    fn key(&self) -> (&str, i64, bool) {
        (&self.menu.id, self.menu.version, self.is_drill)
    }
}

/// Why it could not be done.
pub(super) enum Trouble {
    /// LINE.
    Line(Failure),
    /// Another process speaks with LINE about menus.
    Busy,
    /// What was noted is not at LINE any more; that is noted now, and another round finds it missing.
    Again,
    /// The database.
    Store(JobFailure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble::Line(failure)
    }
}

impl From<store::StoreError> for Trouble {
    fn from(error: store::StoreError) -> Self {
        Trouble::Store(error.into())
    }
}

/// The name by which one of ours is found at LINE. A digest of the contents stands in it, because a city that was
/// restored from a backup counts its versions once more.
fn name_of(menu: &Menu, is_drill: bool) -> Result<String, Trouble> {
    let tiles = serde_json::to_string(&menu.tiles).map_err(|e| Trouble::Store(e.into()))?;
    let image = menu.image_sha.as_deref().unwrap_or_default();
    let contents = [menu.bar.as_str(), menu.layout.code, &tiles, image].join("\n");
    let digest = hex(&Sha256::digest(contents.as_bytes())[..4]);
    let drill = if is_drill { ":drill" } else { "" };
    Ok(format!("madoguchi:{}:{}:{digest}{drill}", menu.id, menu.version))
}

/// A menu in LINE's words. `window`: address of the citizens' pages.
fn object(wanted: &Wanted, name: &str, window: &str) -> RichMenu {
    let menu = &wanted.menu;
    let bounds = menu.layout.bounds(menu.height);
    RichMenu {
        size: layout::size(menu.height),
        selected: true,
        name: name.to_owned(),
        chat_bar_text: menu.bar_text(wanted.is_drill),
        areas: bounds
            .into_iter()
            .zip(&menu.tiles)
            .map(|(bounds, tile)| Area { bounds, action: tile.action(window) })
            .collect(),
    }
}

fn status(failure: &Failure) -> Option<u16> {
    match failure {
        Failure::Refused(Rejection { status, .. }) => Some(*status),
        _ => None,
    }
}

/// What is already as it should be is fine: 404 to a request to take something away.
fn or_gone<T>(answer: Result<T, Failure>) -> Result<(), Failure> {
    match answer {
        Err(failure) if status(&failure) != Some(404) => Err(failure),
        _ => Ok(()),
    }
}

/// One attempt.
pub(super) struct Line<'a> {
    pub(super) context: &'a JobContext,
    pub(super) client: &'a Client,
    /// Address of the citizens' pages.
    pub(super) window: String,
}

impl Line<'_> {
    fn now(&self) -> Instant {
        self.context.clock.now()
    }

    async fn write(&self) -> Result<Tx, Trouble> {
        Ok(self.context.db.write().await?)
    }

    /// Keeps the right to speak, before each call that changes something.
    pub(super) async fn hold(&self) -> Result<(), Trouble> {
        let by = format!("{}#{}", self.context.job.id, self.context.job.fence);
        let mut tx = self.write().await?;
        let held = rows::hold(&mut tx, &by, self.now(), self.now().plus(LEASE)).await?;
        tx.commit().await?;
        if held { Ok(()) } else { Err(Trouble::Busy) }
    }

    /// Makes LINE show the first of what is wanted, and nothing at all where nothing is; then makes what is to be
    /// prepared. Gives the instant at which something is to be taken away, if there is one.
    pub(super) async fn make_true(&self, wanted: &[Wanted], prepared: &[Wanted]) -> Result<Option<Instant>, Trouble> {
        self.hold().await?;
        let mut listed = None;
        let mut ids = Vec::new();
        for one in wanted {
            ids.push(self.made(one, &mut listed).await?);
        }
        for (one, id) in wanted.iter().zip(&ids).filter(|(one, _)| one.has_alias) {
            self.alias(&one.menu.id, id).await?;
        }
        self.default(ids.first()).await?;
        let next = self.tidy(wanted, prepared).await?;
        for one in prepared {
            match self.made(one, &mut listed).await {
                // What is shown is right already. The next job tries again, and an emergency makes it at the latest.
                Err(Trouble::Line(failure)) => {
                    tracing::warn!(menu = one.menu.id, %failure, "a menu for emergencies could not be prepared");
                    break;
                }
                other => other?,
            };
        }
        Ok(next)
    }

    /// The id of a menu at LINE, which is made where it is not there.
    async fn made(&self, wanted: &Wanted, listed: &mut Option<Vec<KnownMenu>>) -> Result<String, Trouble> {
        let of = wanted.key();
        let mut tx = self.context.db.read().await?;
        let noted: Vec<Made> = rows::made(&mut tx).await?;
        drop(tx);
        let noted: Vec<&Made> = noted.iter().filter(|m| (m.menu.as_str(), m.version, m.is_drill) == of).collect();
        if let Some(there) = noted.iter().find(|m| m.image_at.is_some()) {
            return Ok(there.line_id.clone());
        }
        let list = match listed {
            Some(list) => list,
            None => listed.insert(self.client.rich_menus().await?.value),
        };
        for lost in noted.iter().filter(|m| list.iter().all(|l| l.rich_menu_id != m.line_id)) {
            let mut tx = self.write().await?;
            rows::gone(&mut tx, &lost.line_id, self.now()).await?;
            tx.commit().await?;
        }
        let name = name_of(&wanted.menu, wanted.is_drill)?;
        let found = list.iter().find(|l| l.name == name).map(|l| l.rich_menu_id.clone());
        let is_new = found.is_none();
        let id = match found {
            Some(id) => id,
            None => {
                self.hold().await?;
                self.client.create_rich_menu(&object(wanted, &name, &self.window)).await?.value
            }
        };
        let mut tx = self.write().await?;
        rows::insert_made(&mut tx, &id, of, self.now()).await?;
        tx.commit().await?;
        self.give_image(&of, &id, is_new).await?;
        Ok(id)
    }

    /// Gives a menu its picture. LINE takes it once, so one that was not made just now is asked whether it has it.
    async fn give_image(&self, of: &(&str, i64, bool), id: &str, is_new: bool) -> Result<(), Trouble> {
        let has_it = match is_new {
            true => false,
            false => match self.client.rich_menu_image(id).await {
                Ok(_) => true,
                Err(failure) if status(&failure) == Some(404) => false,
                Err(failure) => return Err(failure.into()),
            },
        };
        if !has_it {
            let mut tx = self.context.db.read().await?;
            let image = rows::image(&mut tx, of.0).await?;
            drop(tx);
            let (bytes, ..) = image.ok_or_else(|| Trouble::Store(JobFailure("the menu has no picture".into())))?;
            self.hold().await?;
            self.client.set_rich_menu_image(id, bytes.into()).await?;
        }
        let mut tx = self.write().await?;
        rows::has_image(&mut tx, id, self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Points the alias of a menu at what LINE has of it. That it may point there is noted before.
    async fn alias(&self, menu: &str, id: &str) -> Result<(), Trouble> {
        let alias = tile::alias(menu);
        let mut tx = self.write().await?;
        let noted = rows::made(&mut tx).await?.into_iter().any(|m| m.line_id == id && m.alias.is_some());
        if !noted {
            rows::has_alias(&mut tx, id, &alias).await?;
            tx.commit().await?;
        } else {
            drop(tx);
        }
        match self.client.alias(&alias).await {
            Ok(there) if there.value.rich_menu_id == id => return Ok(()),
            Ok(_) => {
                self.hold().await?;
                self.client.update_alias(&alias, id).await?;
            }
            Err(failure) if status(&failure) == Some(404) => {
                self.hold().await?;
                self.client.create_alias(&alias, id).await?;
            }
            Err(failure) => return Err(failure.into()),
        }
        Ok(())
    }

    /// Makes a menu the one that everybody sees; without one, takes ours away.
    async fn default(&self, id: Option<&String>) -> Result<(), Trouble> {
        let now = match self.client.default_rich_menu().await {
            Ok(answer) => Some(answer.value),
            Err(failure) if status(&failure) == Some(404) => None,
            Err(failure) => return Err(failure.into()),
        };
        if now.as_ref() == id {
            return Ok(());
        }
        self.hold().await?;
        match id {
            Some(id) => match self.client.set_default_rich_menu(id).await {
                Err(failure) if status(&failure) == Some(404) => {
                    let mut tx = self.write().await?;
                    rows::gone(&mut tx, id, self.now()).await?;
                    tx.commit().await?;
                    Err(Trouble::Again)
                }
                Err(failure) => Err(failure.into()),
                Ok(_) => Ok(()),
            },
            None => {
                let mut tx = self.context.db.read().await?;
                let is_ours = rows::made(&mut tx).await?.iter().any(|m| Some(&m.line_id) == now.as_ref());
                drop(tx);
                if is_ours {
                    or_gone(self.client.cancel_default_rich_menu().await)?;
                }
                Ok(())
            }
        }
    }

    /// Takes away what is not wanted: at once what people may have come to by a tap, the rest after [`KEPT`].
    async fn tidy(&self, wanted: &[Wanted], prepared: &[Wanted]) -> Result<Option<Instant>, Trouble> {
        let mut tx = self.context.db.read().await?;
        let made = rows::made(&mut tx).await?;
        drop(tx);
        let mut next: Option<Instant> = None;
        for m in made {
            let of = (m.menu.as_str(), m.version, m.is_drill);
            if wanted.iter().any(|w| w.key() == of) || (m.alias.is_none() && prepared.iter().any(|w| w.key() == of)) {
                if m.unused_since.is_some() {
                    let mut tx = self.write().await?;
                    rows::unused(&mut tx, &m.line_id, None).await?;
                    tx.commit().await?;
                }
                continue;
            }
            let since = m.unused_since.unwrap_or_else(|| self.now());
            let over = since.plus(KEPT);
            if m.alias.is_none() && over > self.now() {
                if m.unused_since.is_none() {
                    let mut tx = self.write().await?;
                    rows::unused(&mut tx, &m.line_id, Some(since)).await?;
                    tx.commit().await?;
                }
                next = Some(next.map_or(over, |n| n.min(over)));
                continue;
            }
            self.hold().await?;
            let still_led_to = wanted.iter().any(|w| w.has_alias && w.menu.id == m.menu);
            if let Some(alias) = m.alias.as_deref().filter(|_| !still_led_to) {
                or_gone(self.client.delete_alias(alias).await)?;
            }
            or_gone(self.client.delete_rich_menu(&m.line_id).await)?;
            let mut tx = self.write().await?;
            rows::gone(&mut tx, &m.line_id, self.now()).await?;
            tx.commit().await?;
        }
        Ok(next)
    }
}
