//! Vectors in the database: numbers as f32, little endian, one after the other.

use std::sync::Arc;

use store::{Result, Tx, params};

/// Vectors by the hash of their model and text.
pub(crate) type Stored = Vec<(String, Arc<[f32]>)>;

/// All vectors of a model.
pub(crate) async fn of_model(tx: &mut Tx, model: &str) -> Result<Stored> {
    let rows = tx.rows("SELECT hash, numbers FROM vector WHERE model = $1", params![model]).await?;
    let mut found = Stored::with_capacity(rows.len());
    for row in &rows {
        let (hash, bytes): (String, Vec<u8>) = (row.get("hash")?, row.get("numbers")?);
        let (numbers, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() || numbers.is_empty() {
            // The text is embedded again.
            tracing::warn!(hash, bytes = bytes.len(), "a stored vector is damaged");
            continue;
        }
        found.push((hash, numbers.iter().map(|b| f32::from_le_bytes(*b)).collect()));
    }
    Ok(found)
}

/// Keeps a vector; whatever stands there of the same text and model is gone, damaged or not.
pub(crate) async fn put(tx: &mut Tx, hash: &str, model: &str, vector: &[f32]) -> Result<()> {
    let bytes: Vec<u8> = vector.iter().flat_map(|v| v.to_le_bytes()).collect();
    tx.execute(
        "INSERT INTO vector (hash, model, numbers) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET numbers = excluded.numbers",
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
