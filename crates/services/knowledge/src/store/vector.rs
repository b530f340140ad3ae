//! Vectors in the database: numbers as f32, little endian, one after the other.

use std::sync::Arc;

use store::{Result, StoreError, Tx, params};

/// Vectors by the hash of their model and text.
pub(crate) type Stored = Vec<(String, Arc<[f32]>)>;

/// All vectors of a model.
pub(crate) async fn of_model(tx: &mut Tx, model: &str) -> Result<Stored> {
    let rows = tx.rows("SELECT hash, numbers FROM vector WHERE model = $1", params![model]).await?;
    let one = |row: &store::Row| {
        let bytes: Vec<u8> = row.get("numbers")?;
        let (numbers, rest) = bytes.as_chunks::<4>();
        let hash: String = row.get("hash")?;
        if !rest.is_empty() || numbers.is_empty() {
            let reason = format!("{} bytes of {hash} are no numbers", bytes.len());
            return Err(StoreError::Column { column: "numbers".into(), reason });
        }
        Ok((hash, numbers.iter().map(|b| f32::from_le_bytes(*b)).collect()))
    };
    rows.iter().map(one).collect()
}

/// Keeps a vector; the same text of the same model has it already where another process was faster.
pub(crate) async fn put(tx: &mut Tx, hash: &str, model: &str, vector: &[f32]) -> Result<()> {
    let bytes: Vec<u8> = vector.iter().flat_map(|v| v.to_le_bytes()).collect();
    tx.execute(
        "INSERT INTO vector (hash, model, numbers) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
        params![hash, model, bytes],
    )
    .await?;
    Ok(())
}

/// Hashes of all vectors, of whatever model.
pub(crate) async fn hashes(tx: &mut Tx) -> Result<Vec<String>> {
    tx.rows("SELECT hash FROM vector", params![]).await?.iter().map(|row| row.get("hash")).collect()
}

/// Forgets a vector.
pub(crate) async fn remove(tx: &mut Tx, hash: &str) -> Result<()> {
    tx.execute("DELETE FROM vector WHERE hash = $1", params![hash]).await?;
    Ok(())
}
