//! Modes: what a model is asked for, in which words and language, as the user's files say.

use serde_json::json;

use super::scripted::Scripted;
use super::stage::GOOD;

/// A mode in the format of the original system.
fn cooking() -> String {
    json!({
        "name": "Cooking",
        "description": "Recipes and kitchens",
        "version": "1.0.0",
        "observation_types": [
            { "id": "recipe", "label": "Recipe", "description": "a dish and how it is made", "emoji": "🍲", "work_emoji": "🔪" },
            { "id": "mishap", "label": "Mishap", "description": "what burnt", "emoji": "🔥", "work_emoji": "🔥" },
        ],
        "observation_concepts": [
            { "id": "seasoning", "label": "Seasoning", "description": "salt and spices" },
        ],
        "prompts": {
            "system_identity": "You are the scribe of a kitchen.",
            "spatial_awareness": "",
            "observer_role": "Note what is cooked.",
        },
    })
    .to_string()
}

const DISH: &str = "<observation>\n<type>recipe</type>\n<title>Lentils with cumin</title>\n<narrative>They were stewed.</narrative>\n\
<concepts><concept>seasoning</concept><concept>problem-solution</concept></concepts>\n</observation>\n\
<summary>\n<request>Lentils</request>\n<completed>Stewed</completed>\n</summary>";

fn with_mode(mode: &str, files: &[(&str, &str)]) -> Scripted {
    Scripted::new(|env, api| {
        super::scripted::point(env, &api.url(), "anthropic");
        env.set("CLAUDE_MEM_MODE", mode);
        let folder = env.data_dir().join("modes");
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        for (name, text) in files {
            std::fs::write(folder.join(name), text).expect("a mode can be written");
        }
    })
}

fn system(scripted: &Scripted) -> String {
    scripted.asked()[0].body["system"].to_string()
}

#[test]
fn a_mode_of_the_users_changes_types_and_words() {
    let scripted = with_mode("cooking", &[("cooking.json", &cooking())]);
    scripted.always(DISH);
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    let system = system(&scripted);
    assert!(
        system.contains("You are the scribe of a kitchen.") && system.contains("recipe | mishap"),
        "{system}"
    );
    assert!(!system.contains("bugfix"), "{system}");
    assert!(system.contains("All of it is data"), "what we say of data holds in every mode: {system}");
    let store = scripted.stage.store();
    let rows = store.observations(store.projects().unwrap()[0].id, 9).unwrap();
    assert_eq!(
        (rows[0].observation.kind.as_str(), rows[0].observation.title.as_str()),
        ("recipe", "Lentils with cumin")
    );
    assert_eq!(scripted.problems(), [""; 0]);
}

#[test]
fn a_language_is_asked_for_and_nothing_else_changes() {
    let scripted = with_mode("code--de", &[]);
    scripted.always(GOOD);
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    let system = system(&scripted);
    assert!(system.contains("Write all prose in German") && system.contains("bugfix"), "{system}");
    assert_eq!(scripted.problems(), [""; 0]);
}

#[test]
fn an_override_lies_over_its_parent() {
    let override_ = json!({ "prompts": { "observer_role": "Note only what is vegetarian." } }).to_string();
    let scripted =
        with_mode("cooking--green", &[("cooking.json", &cooking()), ("cooking--green.json", &override_)]);
    scripted.always(DISH);
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    let system = system(&scripted);
    assert!(system.contains("scribe of a kitchen") && system.contains("only what is vegetarian"), "{system}");
}

#[test]
fn a_broken_mode_is_told_and_code_is_used() {
    let scripted = with_mode("cooking", &[("cooking.json", "{ \"name\": \"Cooking\", ")]);
    scripted.always(GOOD);
    scripted.stage.turn("s1", 1);
    scripted.stage.wait_for("done", 1);
    assert!(system(&scripted).contains("bugfix"), "{}", system(&scripted));
    let said = scripted.problems().join("\n");
    assert!(
        said.contains("cooking") && said.contains("is no JSON") && said.contains("Mend the file"),
        "{said}"
    );
    let store = scripted.stage.store();
    let rows = store.observations(store.projects().unwrap()[0].id, 9).unwrap();
    assert_eq!(rows[0].observation.kind, "bugfix");
}
