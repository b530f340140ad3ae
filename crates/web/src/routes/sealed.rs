//! Sealed cases: the desk's face, and that of partners.

use super::{Face, Table, sealed_around};

/// `/sealed/…`, for those who work at a desk.
pub(super) fn desk_pages() -> Table {
    sealed_around::around_pages(Table::new(Face::Desk))
}

/// `/partner/…`, for those who help with a case.
pub(super) fn partner_pages() -> Table {
    Table::new(Face::Partner)
}
