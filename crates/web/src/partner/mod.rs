//! The partner's face (連携先): somebody of the board of education, a school, welfare, police, or a lawyer, who helps with
//! a case and sees of it what was disclosed to them, item by item, with the consent beside it.

pub(crate) mod cases;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use casework::member::DeskRole;
use casework::{House, Premises, Unlocked};

use crate::App;
use crate::errors::Failure;
use crate::staff::gate::Staff;
use crate::staff::sealed::Desk;

/// A partner whose keys are open.
pub(crate) struct Partner {
    pub(crate) staff: Staff,
    pub(crate) premises: Premises,
    pub(crate) who: Unlocked,
}

impl FromRequestParts<Arc<App>> for Partner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let Desk { staff, premises, who, .. } = Desk::from_request_parts(parts, app).await?;
        // To whoever is no partner the pages are not there. What a partner reads is sealed to their own key.
        if who.desk.is_some() || !staff.desks.iter().any(|(_, role)| *role == DeskRole::Partner) {
            return Err(Failure::not_found().into_response());
        }
        Ok(Partner { staff, premises, who })
    }
}

impl Partner {
    /// As the service takes it.
    pub(crate) fn house(&self) -> House<'_> {
        self.premises.house()
    }
}
