//! Tables of vectors that are damaged or gone are laid out anew, empty: all that is lost is the time to embed again.

use rusqlite::Connection;

use crate::index::clear;

/// How the tables are laid out. A later migration that changes them changes this, too.
const LAYOUT: &str = include_str!("../../migrations/004_vectors.sql");
const TABLES: [&str; 2] = ["vectors", "vector_models"];

/// Lays the tables out anew where they cannot be read to their end, and counts the vectors again where they can.
///
/// Called whenever the index is begun anew: both are read by the same statements, so damage to one shows as damage to the
/// other, and is mended in one place.
pub(crate) fn mend(conn: &Connection) -> rusqlite::Result<()> {
    if is_sound(conn) {
        return conn
            .execute_batch(
                "UPDATE vector_models SET vectors = (SELECT count(*) FROM vectors WHERE model = vector_models.id)",
            );
    }
    clear(conn, &TABLES)?;
    conn.execute_batch(LAYOUT)
}

fn is_sound(conn: &Connection) -> bool {
    let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let counts = [
        "SELECT count(id + scale + length(vals)) FROM vectors NOT INDEXED",
        "SELECT count(model + text) FROM vectors INDEXED BY sqlite_autoindex_vectors_1",
    ]
    .map(count);
    let models = count(
        "SELECT count(id + low + high + generation + vectors + swept + length(name) + length(fingerprint) + dimension)
         FROM vector_models",
    );
    matches!(counts, [Ok(rows), Ok(entries)] if rows == entries) && models.is_ok()
}
