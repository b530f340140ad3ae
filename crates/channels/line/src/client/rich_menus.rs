//! Rich menus.

use hyper::body::Bytes;
use serde::{Deserialize, Serialize};

use super::{Answer, Call, Client, Content, invalid};
use crate::Endpoint;
use crate::failure::Failure;
use crate::message::is_user_id;
use crate::rich_menu::{MOST_IMAGE_BYTES, MOST_USERS, RichMenu, check_alias, check_image};

/// A rich menu that LINE has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownMenu {
    /// LINE's id of it.
    pub rich_menu_id: String,
    /// Name for the staff.
    pub name: String,
    /// On the bar that opens it.
    pub chat_bar_text: String,
    /// Whether it is open at first.
    pub selected: bool,
}

/// A name that points at a rich menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alias {
    /// The name.
    pub rich_menu_alias_id: String,
    /// What it points at.
    pub rich_menu_id: String,
}

#[derive(Deserialize)]
struct Menus {
    richmenus: Vec<KnownMenu>,
}

#[derive(Deserialize)]
struct Aliases {
    aliases: Vec<Alias>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    rich_menu_id: String,
}

fn users(users: &[String]) -> Result<(), Failure> {
    if users.is_empty() || users.len() > MOST_USERS {
        return Err(invalid("userIds", "a bulk call has 1 to 500 users"));
    }
    match users.iter().position(|id| !is_user_id(id)) {
        Some(at) => Err(invalid(&format!("userIds[{at}]"), "it is no id of a user")),
        None => Ok(()),
    }
}

impl Client {
    async fn id(&self, call: Call<'_>) -> Result<Answer<String>, Failure> {
        let Answer { value, request_id } = self.get::<Id>(call).await?;
        Ok(Answer { value: value.rich_menu_id, request_id })
    }

    /// Makes a rich menu and gives its id. Not to be repeated in doubt: look at [`Client::rich_menus`] first.
    pub async fn create_rich_menu(&self, menu: &RichMenu) -> Result<Answer<String>, Failure> {
        menu.check()?;
        self.id(Call::new(Endpoint::CreateRichMenu).json(menu)?).await
    }

    /// Lets LINE look at one without making it.
    pub async fn validate_rich_menu(&self, menu: &RichMenu) -> Result<Answer<()>, Failure> {
        menu.check()?;
        self.act(Call::new(Endpoint::ValidateRichMenu).json(menu)?).await
    }

    /// Gives a rich menu its image, once and for all; another image needs another rich menu.
    pub async fn set_rich_menu_image(&self, menu: &str, image: Bytes) -> Result<Answer<()>, Failure> {
        let kind = check_image(&image, None)?;
        self.act(Call::new(Endpoint::SetRichMenuImage).part(menu).bytes(kind.media_type(), image)).await
    }

    /// The image of a rich menu.
    pub async fn rich_menu_image(&self, menu: &str) -> Result<Answer<Content>, Failure> {
        self.fetch(Endpoint::GetRichMenuImage, menu, 2 * MOST_IMAGE_BYTES).await
    }

    /// All rich menus that were made through the API.
    pub async fn rich_menus(&self) -> Result<Answer<Vec<KnownMenu>>, Failure> {
        let Answer { value, request_id } = self.get::<Menus>(Call::new(Endpoint::ListRichMenus)).await?;
        Ok(Answer { value: value.richmenus, request_id })
    }

    /// One rich menu.
    pub async fn rich_menu(&self, menu: &str) -> Result<Answer<KnownMenu>, Failure> {
        self.get(Call::new(Endpoint::GetRichMenu).part(menu)).await
    }

    /// Takes a rich menu away.
    pub async fn delete_rich_menu(&self, menu: &str) -> Result<Answer<()>, Failure> {
        self.act(Call::new(Endpoint::DeleteRichMenu).part(menu)).await
    }

    /// Makes it the rich menu of who has none of their own. It must have its image.
    pub async fn set_default_rich_menu(&self, menu: &str) -> Result<Answer<()>, Failure> {
        self.act(Call::new(Endpoint::SetDefaultRichMenu).part(menu)).await
    }

    /// The default. 404 where there is none.
    pub async fn default_rich_menu(&self) -> Result<Answer<String>, Failure> {
        self.id(Call::new(Endpoint::GetDefaultRichMenu)).await
    }

    /// No default any more.
    pub async fn cancel_default_rich_menu(&self) -> Result<Answer<()>, Failure> {
        self.act(Call::new(Endpoint::CancelDefaultRichMenu)).await
    }

    /// Gives a user a rich menu of their own.
    pub async fn link_rich_menu(&self, user: &str, menu: &str) -> Result<Answer<()>, Failure> {
        self.act(Call::new(Endpoint::LinkRichMenu).part(user).part(menu)).await
    }

    /// The user's own rich menu. 404 where there is none.
    pub async fn rich_menu_of(&self, user: &str) -> Result<Answer<String>, Failure> {
        self.id(Call::new(Endpoint::GetRichMenuOfUser).part(user)).await
    }

    /// Takes it away.
    pub async fn unlink_rich_menu(&self, user: &str) -> Result<Answer<()>, Failure> {
        self.act(Call::new(Endpoint::UnlinkRichMenu).part(user)).await
    }

    /// Gives up to 500 users a rich menu. LINE does it afterwards (202).
    pub async fn bulk_link_rich_menu(&self, menu: &str, to: &[String]) -> Result<Answer<()>, Failure> {
        users(to)?;
        let body = serde_json::json!({"richMenuId": menu, "userIds": to});
        self.act(Call::new(Endpoint::BulkLink).json(&body)?).await
    }

    /// Takes it from up to 500 users. LINE does it afterwards (202).
    pub async fn bulk_unlink_rich_menu(&self, from: &[String]) -> Result<Answer<()>, Failure> {
        users(from)?;
        self.act(Call::new(Endpoint::BulkUnlink).json(&serde_json::json!({"userIds": from}))?).await
    }

    /// Makes an alias.
    pub async fn create_alias(&self, alias: &str, menu: &str) -> Result<Answer<()>, Failure> {
        check_alias(alias)?;
        let body = Alias { rich_menu_alias_id: alias.into(), rich_menu_id: menu.into() };
        self.act(Call::new(Endpoint::CreateAlias).json(&body)?).await
    }

    /// Points an alias at another rich menu.
    pub async fn update_alias(&self, alias: &str, menu: &str) -> Result<Answer<()>, Failure> {
        let body = serde_json::json!({"richMenuId": menu});
        self.act(Call::new(Endpoint::UpdateAlias).part(alias).json(&body)?).await
    }

    /// Where an alias points.
    pub async fn alias(&self, alias: &str) -> Result<Answer<Alias>, Failure> {
        self.get(Call::new(Endpoint::GetAlias).part(alias)).await
    }

    /// All aliases.
    pub async fn aliases(&self) -> Result<Answer<Vec<Alias>>, Failure> {
        let Answer { value, request_id } = self.get::<Aliases>(Call::new(Endpoint::ListAliases)).await?;
        Ok(Answer { value: value.aliases, request_id })
    }

    /// Takes an alias away.
    pub async fn delete_alias(&self, alias: &str) -> Result<Answer<()>, Failure> {
        self.act(Call::new(Endpoint::DeleteAlias).part(alias)).await
    }
}
