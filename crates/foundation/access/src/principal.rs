//! Somebody who is logged in, as policy sees them.

use std::collections::BTreeSet;

use crate::policy::{self, Action, Role, Scope};

/// A member of the staff with the roles that hold today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Id of the account.
    pub account: String,
    /// Name as colleagues see it.
    pub name: String,
    /// Codes of the sections to which the account is assigned today (main first), as they are called today.
    pub sections: Vec<String>,
    /// Roles with the section in which they are held; `None` for the whole city.
    pub roles: Vec<(Role, Option<String>)>,
}

impl Principal {
    /// Whether something may be done about a record of a section. The code must be that of the section
    /// which answers today (`Organisation::section` follows successors).
    pub fn may_in(&self, action: Action, section: &str) -> bool {
        self.roles.iter().any(|(role, held)| match policy::scope(*role, action) {
            Some(Scope::City) => true,
            Some(Scope::Own) => held.as_deref() == Some(section),
            None => false,
        })
    }

    /// Whether it may be done anywhere at all; the page then shows only where.
    pub fn may(&self, action: Action) -> bool {
        self.roles.iter().any(|(role, _)| policy::scope(*role, action).is_some())
    }

    /// The sections in which it may be done; `None` for all.
    pub fn where_may(&self, action: Action) -> Option<BTreeSet<&str>> {
        let mut own = BTreeSet::new();
        for (role, held) in &self.roles {
            match (policy::scope(*role, action), held) {
                (Some(Scope::City), _) => return None,
                (Some(Scope::Own), Some(section)) => {
                    own.insert(section.as_str());
                }
                _ => {}
            }
        }
        Some(own)
    }

    /// How this principal is named in audit events.
    pub fn actor(&self) -> String {
        format!("account:{}", self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reaches_as_far_as_its_section() {
        let author = Principal {
            account: "a".into(),
            name: "作成者".into(),
            sections: vec!["shimin".into()],
            roles: vec![(Role::Author, Some("shimin".into()))],
        };
        assert!(author.may_in(Action::ArticleWrite, "shimin"));
        assert!(!author.may_in(Action::ArticleWrite, "zeimu"));
        assert!(!author.may_in(Action::ArticleApprove, "shimin"));
        assert_eq!(author.where_may(Action::ArticleWrite).map(|s| s.len()), Some(1));
        let coordinator = Principal { roles: vec![(Role::Coordinator, None)], ..author };
        assert!(coordinator.may_in(Action::ArticleWrite, "zeimu"));
        assert_eq!(coordinator.where_may(Action::ArticleWrite), None);
    }
}
