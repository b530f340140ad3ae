//! Views of lists that a person keeps.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A kept view: a name for the filters of a page.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct SavedView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Query of the address, without the question mark.
    pub query: String,
}

/// The views of an account for a page.
pub async fn of_page(tx: &mut Tx, account: &str, page: &str) -> Result<Vec<SavedView>> {
    tx.all(
        "SELECT id, name, query FROM saved_view WHERE account = $1 AND page = $2 ORDER BY name, id",
        params![account, page],
    )
    .await
}

/// Adds a view.
pub async fn insert(tx: &mut Tx, account: &str, page: &str, view: &SavedView, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO saved_view (id, account, page, name, query, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![&view.id, account, page, &view.name, &view.query, now],
    )
    .await?;
    Ok(())
}

/// Removes a view of an account.
pub async fn remove(tx: &mut Tx, account: &str, id: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM saved_view WHERE id = $2 AND account = $1", params![account, id]).await? == 1)
}
