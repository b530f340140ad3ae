//! What people of the staff do with contacts. Each act checks that the principal may answer in the section that is
//! accountable now, locks the contact, changes it, logs what happened and commits once.

pub mod draft;
pub mod finish;
pub mod hold;
pub mod join;
pub mod reply;
pub mod side_question;
pub mod transfer;
pub mod type_in;

use access::{Action, Principal};
use calendar::Clock;
use city::Organisation;
use store::{Db, Tx};

use crate::contact::{self, Contact};
use crate::store::staff as rows;
use crate::{ContactError, State};

/// Who acts, where and when.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The database.
    pub db: &'a Db,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The city.
    pub organisation: &'a Organisation,
    /// Who.
    pub who: &'a Principal,
}

impl Desk<'_> {
    /// The section that answers today for a stored code.
    pub fn section_today(&self, code: &str) -> String {
        let today = self.clock.now().jst_date();
        self.organisation.section(code, today).map_or_else(|| code.to_owned(), |s| s.code.clone())
    }

    /// Whether the principal may do this for a section.
    pub fn may(&self, action: Action, section: &str) -> bool {
        self.who.may_in(action, &self.section_today(section))
    }

    /// Whether the principal may read a contact: for the accountable section, or for one that is asked to take it.
    pub async fn may_read(&self, tx: &mut Tx, contact: &Contact) -> Result<bool, ContactError> {
        if self.may(Action::ContactRead, &contact.section) {
            return Ok(true);
        }
        let concerned = rows::sections_concerned(tx, &contact.id).await?;
        Ok(concerned.iter().any(|section| self.may(Action::ContactRead, section)))
    }

    /// The contact, locked, if the principal may answer in it.
    pub(crate) async fn lock(&self, tx: &mut Tx, id: &str) -> Result<Contact, ContactError> {
        let contact = contact::lock(tx, id).await?;
        if !self.may(Action::ContactAnswer, &contact.section) {
            return Err(ContactError::Forbidden);
        }
        if contact.state == State::Merged {
            return Err(ContactError::Rule(
                "この応対は、ほかの応対にまとめられています。まとめた先を開いてください。".into(),
            ));
        }
        Ok(contact)
    }

    /// The same, if the principal has it: two persons never answer the same citizen unknowingly.
    pub(crate) async fn lock_held(&self, tx: &mut Tx, id: &str) -> Result<Contact, ContactError> {
        let contact = self.lock(tx, id).await?;
        match (contact.state, contact.holder.as_deref()) {
            (State::Held, Some(holder)) if holder == self.who.account => Ok(contact),
            (State::Held, _) => {
                Err(ContactError::Rule("ほかの人が応対しています。続けるときは「引き受ける」を押してください。".into()))
            }
            _ => Err(ContactError::Rule(
                "まだだれも引き受けていません。「引き受ける」を押してから続けてください。".into(),
            )),
        }
    }
}
