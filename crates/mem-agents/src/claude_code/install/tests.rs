//! Install and uninstall on folders of every shape: nothing of the user's may change.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use mem_core::layout;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{InstallError, ORIGINAL_PLUGIN, PLUGIN_ID, Places, install, survey, uninstall};

/// A home with a program to install, in a folder that goes with it.
struct Home {
    root: TempDir,
    places: Places,
}

impl Home {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let places = Places {
            config_dir: at(".claude"),
            data_dir: at(".claude-mem"),
            binary: at("program"),
            version: "0.1.0".into(),
        };
        fs::write(&places.binary, "#!/bin/sh\n").unwrap();
        Self { root, places }
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let home = Self::new();
        for (name, text) in files {
            let path = home.places.config_dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        home
    }

    /// Every file and folder below the home: text and mode, or `None` for a folder.
    fn all(&self) -> BTreeMap<PathBuf, Option<(Vec<u8>, u32)>> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.root.path().to_owned()];
        while let Some(folder) = open.pop() {
            for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    open.push(path.clone());
                    found.insert(path, None);
                } else {
                    let mode = fs::metadata(&path).unwrap().permissions().mode();
                    found.insert(path.clone(), Some((fs::read(&path).unwrap(), mode)));
                }
            }
        }
        found
    }

    fn json(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.places.config_dir.join(name)).unwrap();
        serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap()
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.places.config_dir.join(name), text).unwrap();
    }

    fn nowhere(&self) -> PathBuf {
        self.root.path().join("no-managed-settings.json")
    }
}

const SETTINGS: &[&str] = &[
    "{}",
    "{}\n",
    "{ }",
    "{\n}\n",
    "",
    " \n",
    "\u{feff}\r\n",
    "{\"model\":\"opus\"}",
    "{ \"model\": \"opus\" }\n",
    "{\n\t\"model\": \"opus\",\n\t\"env\": {}\n}\n",
    "{\r\n  \"enabledPlugins\": {\r\n    \"x@y\": true\r\n  }\r\n}\r\n",
    "\u{feff}{\n  \"a\": 1\n}",
    "{\n    \"enabledPlugins\": {},\n    \"extraKnownMarketplaces\": {}\n}\n",
    "{\"extraKnownMarketplaces\":{\"y\":{\"source\":{\"source\":\"github\",\"repo\":\"a/b\"}}},\"enabledPlugins\":{\"x@y\":false}}",
    "{\n  \"enabledPlugins\": { \"claude-mem@thedotmack\" :true, \"x@y\": true },\n  \"hooks\": {\"Stop\": []}\n}",
];

const KNOWN: &[&str] = &["{}", "{\n  \"y\": {\n    \"installLocation\": \"/y\"\n  }\n}", "{\"y\":{}}\n"];
const INSTALLED: &[&str] = &[
    "{\n  \"version\": 2,\n  \"plugins\": {}\n}",
    "{\"version\":2,\"plugins\":{\"x@y\":[{\"scope\":\"user\"}]}}",
    "{\"version\":1,\"plugins\":{}}",
];

#[test]
fn every_shape_comes_back_byte_for_byte() {
    for settings in SETTINGS {
        for (known, installed, replace) in [
            (None, None, true),
            (Some(0), Some(0), false),
            (Some(1), Some(1), true),
            (Some(2), Some(2), false),
        ] {
            let mut files = vec![("settings.json", *settings)];
            files.extend(known.map(|at: usize| ("plugins/known_marketplaces.json", KNOWN[at])));
            files.extend(installed.map(|at: usize| ("plugins/installed_plugins.json", INSTALLED[at])));
            let home = Home::with(&files);
            let before = home.all();
            install(&home.places, replace).unwrap();
            assert_eq!(home.json("settings.json")["enabledPlugins"][PLUGIN_ID], json!(true));
            assert_ne!(home.all(), before);
            uninstall(&home.places).unwrap();
            assert_eq!(home.all(), before, "{settings:?}");
        }
    }
}

#[test]
fn a_machine_without_claude_code_is_left_without() {
    let home = Home::new();
    let before = home.all();
    install(&home.places, false).unwrap();
    assert_eq!(fs::metadata(&home.places.data_dir).unwrap().permissions().mode() & 0o777, 0o700);
    uninstall(&home.places).unwrap();
    assert_eq!(home.all(), before);
}

#[test]
fn install_twice_is_install_once() {
    for settings in SETTINGS {
        let home = Home::with(&[("settings.json", settings)]);
        install(&home.places, true).unwrap();
        let once = home.all();
        let again = install(&home.places, true).unwrap();
        assert_eq!(again.done, []);
        assert_eq!(home.all(), once);
    }
}

#[test]
fn what_is_written_has_the_form_of_claude_codes_own() {
    let home = Home::new();
    let changes = install(&home.places, false).unwrap();
    let root = home.root.path().to_str().unwrap();
    let mut told = String::new();
    for change in &changes.done {
        told.push_str(&format!("{}: {}\n", change.path.display(), change.what));
    }
    for name in ["settings.json", "plugins/known_marketplaces.json", "plugins/installed_plugins.json"] {
        told.push_str(&format!("--- {name}\n{:#}\n", home.json(name)));
    }
    for name in [
        "claude-code-plugin/plugin/hooks/hooks.json",
        "claude-code-plugin/plugin/.mcp.json",
        layout::INSTALLED,
    ] {
        told.push_str(&format!(
            "--- {name}\n{}",
            fs::read_to_string(home.places.data_dir.join(name)).unwrap()
        ));
    }
    insta::with_settings!({filters => vec![(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[time]")]}, {
        insta::assert_snapshot!("installed", told.replace(root, "/home/dev"));
    });
}

#[test]
fn the_program_and_its_line_are_there() {
    let home = Home::new();
    install(&home.places, false).unwrap();
    let bin = home.places.data_dir.join("claude-code-plugin/plugin/bin");
    let program = bin.join("claude-mem-hook");
    assert_eq!(fs::metadata(&program).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(fs::read(&program).unwrap(), b"#!/bin/sh\n");
    let command = bin.join("claude-mem");
    assert_eq!(home.places.command(), command);
    assert_eq!(fs::metadata(&command).unwrap().ino(), fs::metadata(&program).unwrap().ino());
    let line = fs::read_to_string(bin.join(layout::DATA_DIR_LINE)).unwrap();
    assert_eq!(line, format!("{}\n", home.places.data_dir.display()));
}

#[test]
fn an_update_replaces_a_program_that_is_open() {
    let mut home = Home::new();
    install(&home.places, false).unwrap();
    let installed_at = |home: &Home| {
        home.json("plugins/installed_plugins.json")["plugins"][PLUGIN_ID][0]["installedAt"].clone()
    };
    let first = installed_at(&home);
    let program = home.places.data_dir.join("claude-code-plugin/plugin/bin/claude-mem-hook");
    let running = fs::File::open(&program).unwrap();
    fs::write(&home.places.binary, "#!/bin/true\n").unwrap();
    fs::write(home.places.data_dir.join("claude-code-plugin/plugin/.orphaned_at"), "1").unwrap();
    home.places.version = "0.2.0".into();
    install(&home.places, false).unwrap();
    assert_eq!(std::io::read_to_string(running).unwrap(), "#!/bin/sh\n");
    assert_eq!(fs::read(&program).unwrap(), b"#!/bin/true\n");
    assert_eq!(fs::read(home.places.command()).unwrap(), b"#!/bin/true\n");
    assert_eq!(fs::read_dir(program.parent().unwrap()).unwrap().count(), 3);
    assert!(!home.places.data_dir.join("claude-code-plugin/plugin/.orphaned_at").exists());
    assert_eq!(home.json("plugins/installed_plugins.json")["plugins"][PLUGIN_ID][0]["version"], "0.2.0");
    assert_eq!(installed_at(&home), first);
}

#[test]
fn a_broken_file_is_refused_and_nothing_is_touched() {
    for name in [
        "settings.json",
        "settings.local.json",
        "plugins/known_marketplaces.json",
        "plugins/installed_plugins.json",
    ] {
        for text in ["{\n  \"a\": 1,\n}", "[]", "{\"enabledPlugins\": "] {
            let home = Home::with(&[(name, text)]);
            let before = home.all();
            let error = install(&home.places, true).unwrap_err();
            assert!(matches!(&error, InstallError::Broken { path, .. } if path.ends_with(name)), "{error}");
            assert!(uninstall(&home.places).is_err());
            assert_eq!(home.all(), before);
            assert_eq!(survey(&home.places, &home.nowhere()).broken.len(), 1);
        }
    }
    let home = Home::with(&[("settings.json", "{\n  \"a\": 1,\n}")]);
    let told = install(&home.places, true).unwrap_err().to_string();
    insta::assert_snapshot!(told.replace(home.root.path().to_str().unwrap(), "/home/dev"), @r"/home/dev/.claude/settings.json is broken: line 3, column 1: trailing comma; it was left as it is, mend it and try again");
    let home = Home::with(&[("settings.json", "{\"enabledPlugins\": []}")]);
    let told = install(&home.places, true).unwrap_err().to_string();
    insta::assert_snapshot!(told.replace(home.root.path().to_str().unwrap(), "/home/dev"), @r"/home/dev/.claude/settings.json is broken: enabledPlugins should be an object; it was left as it is, mend it and try again");
}

#[test]
fn the_original_plugin_is_named_and_with_replace_switched_off_until_uninstall() {
    let text = "{\"enabledPlugins\":{\"claude-mem@thedotmack\": true}}";
    let home = Home::with(&[("settings.json", text)]);
    assert!(survey(&home.places, &home.nowhere()).original_enabled);
    let changes = install(&home.places, false).unwrap();
    assert!(changes.notes[0].starts_with(ORIGINAL_PLUGIN), "{:?}", changes.notes);
    assert_eq!(home.json("settings.json")["enabledPlugins"][ORIGINAL_PLUGIN], json!(true));
    let changes = install(&home.places, true).unwrap();
    assert_eq!(changes.notes, Vec::<String>::new());
    assert_eq!(home.json("settings.json")["enabledPlugins"][ORIGINAL_PLUGIN], json!(false));
    assert!(!survey(&home.places, &home.nowhere()).original_enabled);
    uninstall(&home.places).unwrap();
    assert_eq!(fs::read_to_string(home.places.config_dir.join("settings.json")).unwrap(), text);
}

#[test]
fn without_the_record_exactly_our_keys_go() {
    let home = Home::with(&[("settings.json", "{\n  \"enabledPlugins\": {\n    \"x@y\": true\n  }\n}\n")]);
    install(&home.places, false).unwrap();
    fs::remove_file(home.places.data_dir.join(layout::INSTALLED)).unwrap();
    uninstall(&home.places).unwrap();
    assert_eq!(home.json("settings.json"), json!({"enabledPlugins": {"x@y": true}}));
    assert_eq!(home.json("plugins/known_marketplaces.json"), json!({}));
    assert_eq!(home.json("plugins/installed_plugins.json"), json!({"version": 2, "plugins": {}}));
    assert!(!home.places.data_dir.join(layout::PLUGIN).exists());
    assert_eq!(uninstall(&home.places).unwrap().done, []);
}

/// Claude Code rewrites its files in its own way, adds other plugins, keeps a copy and a folder of ours.
#[test]
fn what_claude_code_did_meanwhile_stays_or_goes_with_us() {
    let home = Home::new();
    install(&home.places, false).unwrap();
    let mut settings = home.json("settings.json");
    settings["enabledPlugins"]["x@y"] = json!(true);
    settings["model"] = json!("opus");
    home.put("settings.json", &format!("{settings:#}\n"));
    let state = home.root.path().join(".claude.json");
    fs::write(&state, "{\n  \"n\": 1,\n  \"pluginUsage\": {\n    \"mem@local-claude-mem\": {\n      \"usageCount\": 2\n    }\n  }\n}").unwrap();
    for folder in
        ["plugins/cache/local-claude-mem/mem/0.1.0", "plugins/data/mem-local-claude-mem", "plugins/data/x-y"]
    {
        fs::create_dir_all(home.places.config_dir.join(folder)).unwrap();
    }
    uninstall(&home.places).unwrap();
    assert_eq!(home.json("settings.json"), json!({"enabledPlugins": {"x@y": true}, "model": "opus"}));
    assert_eq!(fs::read_to_string(&state).unwrap(), "{\n  \"n\": 1,\n  \"pluginUsage\": {}\n}");
    let plugins = home.places.config_dir.join("plugins");
    assert!(!plugins.join("cache").exists() && plugins.join("data/x-y").exists());
    assert!(!plugins.join("data/mem-local-claude-mem").exists());
}

#[test]
fn a_shared_data_dir_keeps_what_is_not_ours() {
    let home = Home::new();
    fs::create_dir_all(&home.places.data_dir).unwrap();
    fs::write(home.places.data_dir.join("claude-mem.db"), "theirs").unwrap();
    let before = home.all();
    install(&home.places, false).unwrap();
    uninstall(&home.places).unwrap();
    assert_eq!(home.all(), before);
}

#[test]
fn two_folders_of_claude_codes_share_one_plugin() {
    let home = Home::new();
    let before = home.all();
    let second = Places { config_dir: home.root.path().join("work/.claude"), ..home.places.clone() };
    install(&home.places, false).unwrap();
    install(&second, false).unwrap();
    uninstall(&home.places).unwrap();
    let found = survey(&second, &home.nowhere());
    assert!(found.enabled && found.declared && found.plugin_version.is_some());
    assert!(!home.places.config_dir.exists());
    uninstall(&second).unwrap();
    assert_eq!(home.all(), before);
}

#[test]
fn a_registration_for_another_data_dir_is_left() {
    let home = Home::new();
    install(&home.places, false).unwrap();
    let before = home.all();
    let other = Places { data_dir: home.root.path().join("other"), ..home.places.clone() };
    assert_eq!(survey(&other, &home.nowhere()).elsewhere.as_ref(), Some(&home.places.data_dir));
    let changes = uninstall(&other).unwrap();
    assert_eq!(changes.done, []);
    assert!(changes.notes[0].contains(home.places.data_dir.to_str().unwrap()), "{:?}", changes.notes);
    assert_eq!(home.all(), before);

    // one whose plugin is gone is nobody's
    fs::remove_dir_all(&home.places.data_dir).unwrap();
    assert_eq!(survey(&other, &home.nowhere()).elsewhere, None);
    uninstall(&other).unwrap();
    assert_eq!(home.json("settings.json"), json!({}));
}

#[test]
fn odd_paths_and_a_missing_program_are_refused() {
    let home = Home::new();
    let before = home.all();
    for data_dir in ["relative", "/tmp/a\nb"] {
        let places = Places { data_dir: data_dir.into(), ..home.places.clone() };
        assert!(matches!(install(&places, false), Err(InstallError::OddPath { .. })));
    }
    let places = Places { binary: "/nowhere/claude-mem".into(), ..home.places.clone() };
    assert!(matches!(install(&places, false), Err(InstallError::Io { .. })));
    let settings = home.places.config_dir.join("settings.json");
    assert!(!settings.exists());
    assert_eq!(fs::read(&home.places.binary).unwrap(), b"#!/bin/sh\n");
    assert!(before.len() <= home.all().len());
}

#[test]
fn the_survey_names_what_keeps_hooks_from_firing() {
    let home = Home::with(&[("settings.json", "{\"disableAllHooks\": true}"), ("settings.local.json", "{}")]);
    let managed = home.root.path().join("managed-settings.json");
    fs::write(&managed, "{\"allowManagedHooksOnly\": true}").unwrap();
    install(&home.places, false).unwrap();
    let found = survey(&home.places, &managed);
    let off: Vec<(&str, &Path)> =
        found.hooks_off.iter().map(|off| (off.setting, off.path.as_path())).collect();
    let settings = home.places.config_dir.join("settings.json");
    assert_eq!(off, [("disableAllHooks", settings.as_path()), ("allowManagedHooksOnly", managed.as_path())]);
    assert!(
        found.enabled && found.declared && found.listed && found.config_dir_exists && found.broken.is_empty()
    );
    assert_eq!(found.plugin_version.as_deref(), Some("0.1.0"));
    uninstall(&home.places).unwrap();
    let found = survey(&home.places, &managed);
    assert!(!found.enabled && !found.declared && !found.listed && found.plugin_version.is_none());
}

fn any_settings() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        Just("\"enabledPlugins\":{}".to_owned()),
        "\"enabledPlugins\" ?: ?\\{[ \n]{0,3}\"x@y\": true[ \n]{0,3}\\}",
        "\"enabledPlugins\":\\{\"claude-mem@thedotmack\" ?: ?true\\}",
        "\"extraKnownMarketplaces\":[ \t]{0,2}\\{[ \r\n\t]{0,3}\\}",
        "\"[a-z]{1,5}\":[ ]{0,2}(1|\"x\"|\\[\\]|\\{\"y\": \\{\\}\\})",
    ];
    let space = "[ \n\t]{0,4}|\r\n  ";
    (proptest::collection::vec((space, member), 0..4), space, "\n?").prop_map(|(members, last, end)| {
        let members: Vec<String> =
            members.into_iter().map(|(space, member)| format!("{space}{member}")).collect();
        format!("{{{}{last}}}{end}", members.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_settings_come_back_byte_for_byte(settings in any_settings(), replace in any::<bool>()) {
        let home = Home::with(&[("settings.json", &settings)]);
        let before = home.all();
        install(&home.places, replace).unwrap();
        prop_assert_eq!(home.json("settings.json")["enabledPlugins"][PLUGIN_ID].clone(), json!(true));
        uninstall(&home.places).unwrap();
        prop_assert_eq!(home.all(), before);
    }
}
