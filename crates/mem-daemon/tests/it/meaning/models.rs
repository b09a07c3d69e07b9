//! Models that are damaged, cut short, another one, or replaced while the daemon lives.

use super::bench::{Heard, PASSAGES, settle, until, work};
use crate::world::World;

const WEIGHTS: &str = "model.safetensors";
const TOKENS: &str = "tokenizer.json";

/// Puts what `bad` makes of a sound folder in its place; what is said of it.
fn refused(bad: impl FnOnce(&World), remedy: &str) -> String {
    let world = World::new();
    world.install_files();
    bad(&world);
    world.say(0..4);
    let what = work(&world, |shift, woken| {
        assert_eq!(settle(shift, woken), Heard { opened: 1, vectors: 0 });
        let problems = world.problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].remedy.contains(remedy), "{problems:?}");
        assert!(world.found("thing").len() >= 4, "recall goes on by words");
        shift.nudged();
        assert_eq!(settle(shift, woken), Heard::default(), "not tried again while it stays as it is");
        // somebody has it forgotten, and it is as bad as before
        let mut store = world.store();
        for fault in store.faults().unwrap() {
            store.write(|tx| tx.clear_fault(&fault.kind)).unwrap();
        }
        shift.nudged();
        settle(shift, woken);
        assert_eq!(world.problems(), problems);
        // a sound one comes in its place
        std::fs::remove_dir_all(world.model_folder()).unwrap();
        world.install();
        shift.nudged();
        assert_eq!(settle(shift, woken), Heard { opened: 1, vectors: 4 * PASSAGES });
        assert_eq!(world.problems(), []);
        problems[0].what.clone()
    });
    let log = std::fs::read_to_string(world.home.path("daemon.log")).unwrap();
    assert_eq!(log.matches(&what).count(), 1, "one line: {log}");
    what
}

#[test]
fn weights_that_are_cut_short() {
    let what = refused(
        |world| {
            world.replace(WEIGHTS, |bytes| bytes[..bytes.len() / 3].to_vec());
        },
        "`claude-mem model install`",
    );
    assert!(what.contains("model.safetensors is cut short"), "{what}");
}

#[test]
fn files_that_are_damaged_swapped_or_gone() {
    let no_json =
        refused(|world| world.replace(TOKENS, |_| b"{\"model\":".to_vec()), "`claude-mem model install`");
    assert!(no_json.contains("tokenizer.json is damaged"), "{no_json}");
    let swapped = refused(
        |world| {
            let tokens = std::fs::read(mem_testkit::tools::model().join(TOKENS)).unwrap();
            world.replace(WEIGHTS, |_| tokens);
        },
        "`claude-mem model install`",
    );
    assert!(swapped.contains("model.safetensors is"), "{swapped}");
    let gone = refused(|world| std::fs::remove_file(world.model_folder().join(WEIGHTS)).unwrap(), "install");
    assert!(gone.contains("model.safetensors is missing"), "{gone}");
}

#[test]
fn a_model_of_another_width() {
    let what = refused(
        |world| {
            let path = world.model_folder().join("config.json");
            let _there_may_be_none = std::fs::remove_file(&path);
            std::fs::write(path, br#"{"hidden_size": 768}"#).unwrap();
        },
        "no other model",
    );
    assert!(what.contains("hidden_size is 768, not 384"), "{what}");
}

#[test]
fn a_model_that_loads_and_is_not_the_published_one() {
    // the same numbers, and another fingerprint
    let what = refused(
        |world| {
            world.replace(TOKENS, |mut bytes| {
                bytes.push(b'\n');
                bytes
            });
        },
        "`claude-mem model install`",
    );
    assert!(what.contains("is not the published model; its numbers may be damaged"), "{what}");
}

#[test]
fn a_model_that_is_damaged_while_its_batch_is_out_embeds_nothing_more() {
    let world = World::new();
    world.install_files();
    world.say(0..20);
    work(&world, |shift, woken| {
        until(shift, woken, |heard| heard.opened == 1);
        // the news that it is open was taken and not told; it is read again at a nudge, as another one
        world.replace(TOKENS, |mut bytes| {
            bytes.push(b'\n');
            bytes
        });
        shift.nudged();
        settle(shift, woken);
    });
    assert_eq!(world.models(), [], "none was ever told of");
    assert_eq!(world.problems().len(), 1);
}
