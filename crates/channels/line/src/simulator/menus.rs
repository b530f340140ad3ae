//! Rich menus. Who sees which: the user's own, else the default.
//!
//! <https://developers.line.biz/en/docs/messaging-api/using-rich-menus/>

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

use super::check::Wrongs;
use super::reply::Reply;
use super::state::{Asked, State};
use super::users::NOTHING;
use crate::Endpoint;
use crate::image;
use crate::rich_menu::{self, MOST_IMAGE_BYTES, MOST_MENUS};

/// A rich menu.
pub(crate) struct Menu {
    pub(crate) id: String,
    pub(crate) object: Value,
    image: Option<(String, Bytes)>,
    deleted: bool,
}

#[derive(Default)]
pub(crate) struct Menus {
    list: Vec<Menu>,
    default: Option<u32>,
    aliases: BTreeMap<String, u32>,
}

impl Menus {
    fn find(&self, id: &str) -> Option<u32> {
        let place = self.list.iter().position(|m| m.id == id && !m.deleted)?;
        u32::try_from(place).ok()
    }

    fn at(&self, place: u32) -> Option<&Menu> {
        self.list.get(place as usize).filter(|m| !m.deleted)
    }

    /// The rich menu that is shown to whom `own` is their own.
    pub(crate) fn shown(&self, own: u32) -> Option<&Menu> {
        self.at(own).or_else(|| self.at(self.default?))
    }

    /// The rich menu with an id, and its image.
    pub(crate) fn get(&self, id: &str) -> Option<(&Value, Option<&(String, Bytes)>)> {
        let menu = self.at(self.find(id)?)?;
        Some((&menu.object, menu.image.as_ref()))
    }

    /// Where an alias points.
    pub(crate) fn alias(&self, alias: &str) -> Option<u32> {
        self.aliases.get(alias).copied().filter(|place| self.at(*place).is_some())
    }

    /// One that has its image, as whoever shows it needs.
    fn with_image(&self, id: &str) -> Result<u32, Reply> {
        let place = self.find(id).ok_or_else(Reply::not_found)?;
        let image = self.at(place).and_then(|m| m.image.as_ref());
        image.map(|_| place).ok_or_else(|| Reply::error(400, "must upload richmenu image before applying it to user"))
    }
}

/// Whether a rich menu is as LINE wants it.
fn check(menu: &Value) -> Result<(), Reply> {
    let mut wrongs = Wrongs::default();
    let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok());
    let (width, height) = (number(&menu["size"]["width"]), number(&menu["size"]["height"]));
    match (width, height) {
        (Some(width), Some(height)) if (rich_menu::Size { width, height }).fits() => {}
        _ => wrongs.add("size", "Must be a valid size"),
    }
    if !menu["selected"].is_boolean() {
        wrongs.add("selected", "May not be null");
    }
    let length = |name: &str, count: fn(&str) -> usize| menu[name].as_str().map_or(0, count);
    if !(1..=300).contains(&length("name", |t| t.encode_utf16().count())) {
        wrongs.add("name", "Length must be between 1 and 300");
    }
    if !(1..=14).contains(&length("chatBarText", |t| t.graphemes(true).count())) {
        wrongs.add("chatBarText", "Length must be between 1 and 14");
    }
    match menu["areas"].as_array() {
        Some(areas) if areas.len() <= 20 => {
            for (i, area) in areas.iter().enumerate() {
                let side = |from: &str, length: &str, most: Option<u32>| {
                    let (from, length) = (number(&area["bounds"][from]), number(&area["bounds"][length]));
                    let end = from.zip(length).and_then(|(f, l)| (l > 0).then(|| f.checked_add(l))?);
                    end.zip(most).is_some_and(|(end, most)| end <= most)
                };
                if !side("x", "width", width) || !side("y", "height", height) {
                    wrongs.add(&format!("areas[{i}].bounds"), "Must be within the rich menu");
                }
                wrongs.action(&area["action"], &format!("areas[{i}].action"), None);
            }
        }
        _ => wrongs.add("areas", "Size must be between 0 and 20"),
    }
    let count = wrongs.0.len();
    if count == 0 { Ok(()) } else { Err(Reply::details(&format!("The request body has {count} error(s)"), &wrongs.0)) }
}

fn whole(menu: &Menu) -> Value {
    let mut object = menu.object.clone();
    object["richMenuId"] = menu.id.clone().into();
    object
}

impl State {
    pub(crate) fn menu(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        match asked.endpoint {
            Endpoint::ValidateRichMenu => {
                check(&asked.json()?)?;
                return Ok(Reply::done(200));
            }
            Endpoint::CreateRichMenu => {
                let object = asked.json()?;
                check(&object)?;
                if self.menus.list.iter().filter(|m| !m.deleted).count() >= MOST_MENUS {
                    return Err(Reply::error(400, "You have reached the maximum number of rich menus"));
                }
                let id = format!("richmenu-{:032x}", self.draw());
                self.menus.list.push(Menu { id: id.clone(), object, image: None, deleted: false });
                return Ok(Reply::json(200, &json!({"richMenuId": id})));
            }
            Endpoint::ListRichMenus => {
                let menus: Vec<Value> = self.menus.list.iter().filter(|m| !m.deleted).map(whole).collect();
                return Ok(Reply::json(200, &json!({"richmenus": menus})));
            }
            _ => {}
        }
        let place = self.menus.find(asked.part(0)).ok_or_else(Reply::not_found)?;
        let menu = &mut self.menus.list[place as usize];
        match asked.endpoint {
            Endpoint::GetRichMenu => Ok(Reply::json(200, &whole(menu))),
            Endpoint::DeleteRichMenu => {
                menu.deleted = true;
                if self.menus.default == Some(place) {
                    self.menus.default = None;
                }
                Ok(Reply::done(200))
            }
            Endpoint::GetRichMenuImage => {
                let (media_type, bytes) = menu.image.as_ref().ok_or_else(Reply::not_found)?;
                Ok(Reply::bytes(media_type, bytes.clone()))
            }
            _ => set_image(menu, asked),
        }
    }

    pub(crate) fn alias(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let one = |menus: &Menus, alias: &str, place: u32| {
            let menu = &menus.list[place as usize];
            json!({"richMenuAliasId": alias, "richMenuId": menu.id})
        };
        let not_there = || Reply::error(400, "richmenu not found");
        match asked.endpoint {
            Endpoint::ListAliases => {
                let all: Vec<Value> = self.menus.aliases.iter().map(|(a, p)| one(&self.menus, a, *p)).collect();
                Ok(Reply::json(200, &json!({"aliases": all})))
            }
            Endpoint::CreateAlias => {
                let body = asked.json()?;
                let alias = body["richMenuAliasId"].as_str().unwrap_or_default();
                if rich_menu::check_alias(alias).is_err() {
                    return Err(Reply::wrong_property("richMenuAliasId"));
                }
                if self.menus.aliases.contains_key(alias) {
                    return Err(Reply::error(400, "conflict richmenu alias id"));
                }
                let place = self.menus.find(body["richMenuId"].as_str().unwrap_or_default()).ok_or_else(not_there)?;
                self.menus.aliases.insert(alias.to_owned(), place);
                Ok(Reply::done(200))
            }
            endpoint => {
                let alias = asked.part(0);
                let place = *self.menus.aliases.get(alias).ok_or_else(Reply::not_found)?;
                match endpoint {
                    Endpoint::GetAlias => return Ok(Reply::json(200, &one(&self.menus, alias, place))),
                    Endpoint::DeleteAlias => drop(self.menus.aliases.remove(alias)),
                    _ => {
                        let body = asked.json()?;
                        let to =
                            self.menus.find(body["richMenuId"].as_str().unwrap_or_default()).ok_or_else(not_there)?;
                        self.menus.aliases.insert(alias.to_owned(), to);
                    }
                }
                Ok(Reply::done(200))
            }
        }
    }

    pub(crate) fn menu_link(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let id_of = |menus: &Menus, place: Option<u32>| {
            let menu = place.and_then(|p| menus.at(p)).ok_or_else(|| Reply::error(404, "the user has no richmenu"))?;
            Ok(Reply::json(200, &json!({"richMenuId": menu.id})))
        };
        match asked.endpoint {
            Endpoint::SetDefaultRichMenu => self.menus.default = Some(self.menus.with_image(asked.part(0))?),
            Endpoint::CancelDefaultRichMenu => self.menus.default = None,
            Endpoint::GetDefaultRichMenu => return id_of(&self.menus, self.menus.default),
            Endpoint::BulkLink | Endpoint::BulkUnlink => return self.bulk(asked),
            endpoint => {
                let user = self.users.find(asked.part(0)).ok_or_else(|| Reply::wrong_parameter("userId"))?;
                match endpoint {
                    Endpoint::GetRichMenuOfUser => return id_of(&self.menus, Some(self.users.at(user).menu)),
                    Endpoint::UnlinkRichMenu => self.users.at_mut(user).menu = NOTHING,
                    _ => self.users.at_mut(user).menu = self.menus.with_image(asked.part(1))?,
                }
            }
        }
        Ok(Reply::done(200))
    }

    fn bulk(&mut self, asked: &Asked) -> Result<Reply, Reply> {
        let body = asked.json()?;
        let ids = body["userIds"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !(1..=500).contains(&ids.len()) {
            return Err(Reply::wrong("userIds", "Size must be between 1 and 500"));
        }
        let menu = match asked.endpoint {
            Endpoint::BulkLink => self.menus.with_image(body["richMenuId"].as_str().unwrap_or_default())?,
            _ => NOTHING,
        };
        if ids.iter().any(|id| id.as_str().and_then(super::users::id_number).is_none()) {
            return Err(Reply::wrong("userIds", "Must be valid user IDs"));
        }
        for user in ids.iter().filter_map(|id| self.users.find(id.as_str()?)).collect::<Vec<_>>() {
            self.users.at_mut(user).menu = menu;
        }
        Ok(Reply::done(202))
    }
}

fn set_image(menu: &mut Menu, asked: &Asked) -> Result<Reply, Reply> {
    if !matches!(asked.media_type.as_str(), "image/jpeg" | "image/png") {
        return Err(Reply::error(415, &format!("The content type, {}, is not supported", asked.media_type)));
    }
    if menu.image.is_some() {
        return Err(Reply::error(400, "An image has already been uploaded to the richmenu"));
    }
    if asked.body.len() > MOST_IMAGE_BYTES {
        return Err(Reply::error(413, "The image is larger than 1 MB"));
    }
    let size = |name: &str| menu.object["size"][name].as_u64();
    match image::measure(&asked.body) {
        Some((_, width, height)) if (size("width"), size("height")) == (Some(width.into()), Some(height.into())) => {
            menu.image = Some((asked.media_type.clone(), asked.body.clone()));
            Ok(Reply::done(200))
        }
        Some(_) => Err(Reply::error(400, "The image size is not that of the richmenu")),
        None => Err(Reply::error(400, "The image is neither JPEG nor PNG")),
    }
}
