//! What leads on from what was shown: what happened around it, and what it was made from.

use mem_wire::memory::Item;

/// Most ids that are named.
const IDS: usize = 6;

/// A sentence with the commands, for the first of the items that leads anywhere.
pub(super) fn further(items: &[Item]) -> Option<String> {
    items.iter().find_map(of_one)
}

fn of_one(item: &Item) -> Option<String> {
    let (id, from, sources) = match item {
        Item::Observation(item) => (&item.id, "what it was made from", item.sources.as_slice()),
        Item::Turn(item) => (&item.id, "what followed", item.events.as_slice()),
        Item::Summary(item) => (&item.id, "", [].as_slice()),
        Item::Event(item) => (&item.id, "", [].as_slice()),
        Item::Session(session) => {
            let ids: Vec<&str> = session.turn_list.iter().map(|turn| turn.id.as_str()).collect();
            return (!ids.is_empty())
                .then(|| format!("`claude-mem show {}` prints its prompts.", several(&ids)));
        }
    };
    let around = format!("`claude-mem timeline {}` shows what happened around it", quoted(id));
    let ids: Vec<&str> = sources.iter().map(String::as_str).collect();
    Some(if ids.is_empty() {
        format!("{around}.")
    } else {
        format!("{around}, `claude-mem show {}` {from}.", several(&ids))
    })
}

/// Ids for a command line, the first few of many.
fn several(ids: &[&str]) -> String {
    let mut words: Vec<String> = ids.iter().take(IDS).map(|id| quoted(id)).collect();
    if ids.len() > IDS {
        words.push("…".to_owned());
    }
    words.join(" ")
}

/// An id as a shell takes it: a `#` begins a comment.
fn quoted(id: &str) -> String {
    if id.starts_with('#') { format!("'{id}'") } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_wire::memory::Turn;

    #[test]
    fn the_commands_can_be_typed_as_they_stand() {
        let turn = Turn {
            id: "T4".into(),
            project: "widgets".into(),
            session: "s".into(),
            ordinal: 1,
            prompt: "mend it".into(),
            started_at: 0,
            last_at: 0,
            closed_at: None,
            branch: None,
            events: (1..9).map(|n| format!("E{n}")).collect(),
        };
        insta::assert_snapshot!(further(&[Item::Turn(Box::new(turn))]).unwrap(), @"`claude-mem timeline T4` shows what happened around it, `claude-mem show E1 E2 E3 E4 E5 E6 …` what followed.");
        assert_eq!(quoted("#12"), "'#12'");
        assert_eq!(further(&[]), None);
    }
}
