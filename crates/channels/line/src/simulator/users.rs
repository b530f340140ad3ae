//! Who there is: small records, so that 400,000 of them fit.

use std::collections::HashMap;

use crate::message::is_user_id;

/// No rich menu, no receipt.
pub(crate) const NOTHING: u32 = u32::MAX;

/// A user. The record is kept to 32 bytes; what few users have lies in [`Users::profiles`].
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: u128,
    /// The latest receipt in the ledger.
    pub(crate) last: u32,
    /// How many there are.
    pub(crate) count: u32,
    /// The user's own rich menu, by its place.
    pub(crate) menu: u32,
    pub(crate) friend: bool,
    pub(crate) blocked: bool,
}

/// What a user shows of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownProfile {
    /// Name.
    pub name: String,
    /// BCP 47.
    pub language: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Users {
    by_id: HashMap<u128, u32>,
    pub(crate) list: Vec<User>,
    pub(crate) profiles: HashMap<u32, ShownProfile>,
}

impl User {
    /// Whether messages reach them.
    pub(crate) fn reachable(&self) -> bool {
        self.friend && !self.blocked
    }
}

/// `U` and 32 hexadecimal digits.
pub(crate) fn id_text(id: u128) -> String {
    format!("U{id:032x}")
}

pub(crate) fn id_number(text: &str) -> Option<u128> {
    if !is_user_id(text) {
        return None;
    }
    u128::from_str_radix(&text[1..], 16).ok()
}

impl Users {
    /// The place of a user.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.by_id.get(&id_number(text)?).copied()
    }

    /// The place of a user, who is made if need be, no friend yet.
    pub(crate) fn place(&mut self, id: u128) -> u32 {
        let next = u32::try_from(self.list.len()).unwrap_or(NOTHING);
        *self.by_id.entry(id).or_insert_with(|| {
            let user = User { id, last: NOTHING, count: 0, menu: NOTHING, friend: false, blocked: false };
            self.list.push(user);
            next
        })
    }

    pub(crate) fn at(&self, place: u32) -> &User {
        &self.list[place as usize]
    }

    pub(crate) fn at_mut(&mut self, place: u32) -> &mut User {
        &mut self.list[place as usize]
    }

    /// Places of all whom messages reach.
    pub(crate) fn reachable(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.list).filter(|(_, u)| u.reachable()).map(|(place, _)| place)
    }
}
