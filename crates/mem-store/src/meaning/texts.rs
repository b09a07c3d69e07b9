//! Texts as vectors know them, and what becomes of vectors when passages come and go.

use rusqlite::Connection;

use super::models::{VectorModelId, count};

/// What a text is known by: the first eight bytes of its BLAKE3 hash.
///
/// Among a million different texts two share these with a probability of 3 in 100 million (n² / 2 / 2^64), and all that
/// came of it is that one of the two is found by the other's meaning; sixteen bytes would cost 16 MB and as much in an index.
pub fn text_hash(text: &str) -> i64 {
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |first| i64::from_le_bytes(*first))
}

/// Removes the vectors of texts that no passage has any longer.
///
/// While the index is being built it does not hold all texts, so nothing tells whether one is still there; what is left
/// then is found by [`crate::Tx::sweep_vectors`].
pub(crate) fn forget_texts(conn: &Connection, texts: &[i64]) -> rusqlite::Result<()> {
    if texts.is_empty() || !conn.prepare_cached("SELECT 1 FROM vector_models LIMIT 1")?.exists([])? {
        return Ok(());
    }
    let mut forget = conn.prepare_cached(
        "DELETE FROM vectors
         WHERE model IN (SELECT id FROM vector_models) AND text = ?1
           AND NOT EXISTS (SELECT 1 FROM passages WHERE text = ?1)
           AND NOT (SELECT building FROM index_state WHERE one = 1)
         RETURNING model",
    )?;
    for text in texts {
        let models: Vec<i64> =
            forget.query_map([text], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for model in models {
            count(conn, VectorModelId(model), -1)?;
        }
    }
    Ok(())
}

/// Notes that rows of the index from `first` on are new. Where the last passages were removed their numbers are given again,
/// and what was looked at under such a number was another text.
pub(crate) fn rows_come(conn: &Connection, first: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE vector_models SET high = max(?1 - 1, 0), low = min(low, max(?1, 1)) WHERE high >= ?1",
    )?
    .execute([first])
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_the_begin_of_its_hash() {
        // of the published test vector: af1349b9 f5f9a1a6 ... for no input
        assert_eq!(text_hash(""), i64::from_le_bytes([0xaf, 0x13, 0x49, 0xb9, 0xf5, 0xf9, 0xa1, 0xa6]));
        assert_ne!(text_hash("a"), text_hash("b"));
    }
}
