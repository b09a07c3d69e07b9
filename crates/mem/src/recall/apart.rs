//! What tells projects of the same name apart: as much of where they lie as it takes.

use std::collections::BTreeMap;

use mem_core::id::ProjectId;
use mem_core::project::KeyKind;
use mem_store::{ProjectRow, Reader, StoreError};

/// The projects whose name another one bears, too, each with the end of its path that no other has. Such an end names the
/// project for `--project` as well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Apart {
    ends: BTreeMap<ProjectId, String>,
}

impl Apart {
    /// Those of a store.
    pub(crate) fn of(store: &Reader) -> Result<Self, StoreError> {
        Ok(Self::among(&store.namesakes()?))
    }

    /// Those among projects.
    pub(super) fn among(rows: &[ProjectRow]) -> Self {
        let mut of_name: BTreeMap<&str, Vec<&ProjectRow>> = BTreeMap::new();
        for row in rows {
            of_name.entry(&row.name).or_default().push(row);
        }
        let mut ends = BTreeMap::new();
        for same in of_name.into_values().filter(|same| same.len() > 1) {
            for row in &same {
                let others: Vec<&str> =
                    same.iter().filter(|other| other.id != row.id).flat_map(|other| values(other)).collect();
                ends.insert(row.id, end(whole(row), &others));
            }
        }
        Self { ends }
    }

    /// Where a project lies, when its name alone does not say which it is.
    pub(crate) fn place(&self, id: ProjectId) -> Option<String> {
        self.ends.get(&id).cloned()
    }
}

fn values(row: &ProjectRow) -> impl Iterator<Item = &str> {
    row.keys.iter().map(|key| key.value.trim_end_matches('/'))
}

/// What says where it lies: its path, else its strongest key.
fn whole(row: &ProjectRow) -> &str {
    let path = row.keys.iter().find(|key| key.kind == KeyKind::Path).or(row.keys.first());
    path.map_or(row.uuid.as_str(), |key| key.value.trim_end_matches('/'))
}

/// The shortest end of two parts or more that no other has; all of it where there is none.
fn end(whole: &str, others: &[&str]) -> String {
    let ends = whole.rmatch_indices('/').map(|(at, _)| &whole[at + 1..]).skip(1);
    let has = |other: &str, end: &str| {
        other == end || other.strip_suffix(end).is_some_and(|rest| rest.ends_with('/'))
    };
    ends.filter(|end| !end.is_empty())
        .find(|end| !others.iter().any(|other| has(other, end)))
        .unwrap_or(whole)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use mem_core::project::ProjectKey;
    use mem_core::time::Timestamp;

    use super::*;

    fn row(id: i64, name: &str, path: &str) -> ProjectRow {
        let keys = vec![ProjectKey { kind: KeyKind::Path, value: path.to_owned() }];
        let (uuid, created_at) = (format!("u{id}"), Timestamp(0));
        ProjectRow { id: ProjectId(id), uuid, name: name.to_owned(), keys, created_at, last_event_at: None }
    }

    #[test]
    fn only_those_of_one_name_are_told_apart_by_as_little_as_it_takes() {
        let apart = Apart::among(&[
            row(1, "api", "/home/me/shop/api"),
            row(2, "api", "/home/me/bank/api/"),
            row(3, "api", "/srv/bank/api"),
            row(4, "api", "/api"),
            row(5, "web", "/home/me/shop/web"),
        ]);
        let places: Vec<Option<String>> = (1..=5).map(|id| apart.place(ProjectId(id))).collect();
        let wanted = [Some("shop/api"), Some("me/bank/api"), Some("srv/bank/api"), Some("/api"), None];
        assert_eq!(places, wanted.map(|place| place.map(ToOwned::to_owned)));
    }
}
