//! From a folder on this disk, and what lies in the way.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use mem_testkit::{TestEnv, run, tools};
use serde_json::{Value, json};

use super::place::{
    WEIGHTS, assert_failed_without_a_trace, assert_whole, begun, copied, damage, env, folder, install, names,
    status, text,
};
use crate::hook_places::in_own_mounts;

#[test]
fn it_comes_and_goes() {
    let env = env();
    let absent = status(&env);
    assert_eq!((&absent["standing"], &absent["fingerprint"]), (&json!("absent"), &Value::Null), "{absent:#}");
    let from = tools::model();

    let unasked = env.claude_mem(&["model", "install", "--from", text(&from)]);
    assert!(unasked.stderr.contains("model.safetensors   90.9 MB\n91.3 MB in all"), "{unasked}");
    assert_failed_without_a_trace(&env, &unasked, "there is no terminal to ask on");

    let done = env.claude_mem(&["model", "install", "--from", text(&from), "--yes", "--json"]);
    assert!(done.stderr.contains("model.safetensors: 90.9 MB of 90.9 MB (100 %)"), "{done}");
    let done = done.json();
    assert_eq!((&done["changed"], &done["from"]), (&json!(true), &json!(text(&from))), "{done:#}");
    assert_whole(&env);
    let model = &done["model"];
    assert_eq!(model["fingerprint"], mem_embed::PUBLISHED, "{done:#}");
    assert_eq!((&model["dimension"], &model["bytes"]), (&json!(384), &json!(WEIGHTS + 466_247)), "{done:#}");
    assert!(model["kernel"].is_string() && model["load_ms"].is_u64(), "{done:#}");
    for (path, mode) in [("", 0o700), ("models", 0o700), ("models/all-MiniLM-L6-v2/model.safetensors", 0o600)]
    {
        let found = fs::metadata(env.data_dir().join(path)).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{path}");
    }

    let again = env.claude_mem(&["model", "install"]).ok();
    assert!(again.stdout.contains("is in place already, as published; nothing was done."), "{again}");
    assert_eq!(again.stderr, "");
    let told = env.claude_mem(&["model", "status"]).ok();
    assert!(
        told.stdout.contains("installed, as published") && told.stdout.contains(mem_embed::PUBLISHED),
        "{told}"
    );

    let unasked = env.claude_mem(&["model", "remove"]);
    assert!(unasked.code == Some(1) && unasked.stderr.contains("91.3 MB"), "{unasked}");
    assert_whole(&env);
    let removed = env.claude_mem(&["model", "remove", "--yes", "--json"]).json();
    assert_eq!((&removed["changed"], &removed["freed"]), (&json!(true), &json!(WEIGHTS + 466_247)));
    assert_eq!(names(&env.data_dir()), [""; 0]);
    let again = env.claude_mem(&["model", "remove"]).ok();
    assert!(again.stdout.contains("There is no embedding model to remove."), "{again}");
}

#[test]
fn it_goes_with_claude_mem() {
    let env = env();
    let _installed = install(&env, text(&tools::model())).ok();
    let asked = env.claude_mem(&["uninstall"]);
    assert!(asked.stderr.contains(text(&env.data_dir().join("models"))), "{asked}");
    let _gone = env.claude_mem(&["uninstall", "--yes"]).ok();
    assert!(!env.data_dir().exists());
}

#[test]
fn a_file_of_weights_is_enough_where_its_tokeniser_lies_beside_it() {
    let env = env();
    let copy = copied(&env, "mini");
    fs::rename(copy.join("model.safetensors"), copy.join("mini.safetensors")).unwrap();
    let _installed = install(&env, text(&copy.join("mini.safetensors"))).ok();
    assert_whole(&env);
}

#[test]
fn what_is_not_the_model_is_refused_before_anything_is_written() {
    let env = env();
    let copy = copied(&env, "mini");
    let (weights, tokens) = (copy.join("model.safetensors"), copy.join("tokenizer.json"));
    let refused = |words: &str| {
        let finished = install(&env, text(&copy));
        assert_failed_without_a_trace(&env, &finished, words);
        assert!(finished.stderr.contains("as published, or leave `--from` out"), "{finished}");
    };
    damage(&weights, WEIGHTS / 2);
    refused("model.safetensors is damaged (its checksum is not that of the model as published)");
    let file = fs::OpenOptions::new().append(true).open(&weights).unwrap();
    file.set_len(WEIGHTS - 1).unwrap();
    refused("model.safetensors is cut short (90868375 of 90868376 bytes)");
    file.set_len(WEIGHTS + 1).unwrap();
    refused("model.safetensors belongs to another model (it has 90868377 bytes, not 90868376)");
    fs::remove_file(&weights).unwrap();
    refused("model.safetensors is missing");
    let made = Command::new("mkfifo").arg(&weights).status().unwrap();
    assert!(made.success());
    refused("model.safetensors is damaged (no regular file)");
    fs::remove_file(&tokens).unwrap();
    refused("tokenizer.json is missing");
    assert_failed_without_a_trace(
        &env,
        &install(&env, "/nowhere/at/all"),
        "/nowhere/at/all/tokenizer.json is missing",
    );
    assert_failed_without_a_trace(&env, &install(&env, "ftp://models.example/mini"), "over http or https");
}

#[test]
fn a_damaged_file_is_told_and_only_that_is_put_in_place_anew() {
    let env = env();
    let _installed = install(&env, text(&tools::model())).ok();
    damage(&folder(&env).join("tokenizer.json"), 1000);
    let found = status(&env);
    assert_eq!((&found["standing"], &found["fingerprint"]), (&json!("faulty"), &Value::Null), "{found:#}");
    assert!(found["fault"]["what"].as_str().unwrap().contains("tokenizer.json is damaged"), "{found:#}");
    assert!(found["fault"]["remedy"].as_str().unwrap().contains("claude-mem model install"), "{found:#}");
    let doctor = env.claude_mem(&["doctor"]);
    assert!(
        doctor.stdout.contains("failed   embedding") && doctor.stdout.contains("tokenizer.json is damaged"),
        "{doctor}"
    );
    // no worker has looked since: what a search goes by is told all the same, and no more once it is mended
    let told = |env: &TestEnv| env.claude_mem(&["status"]).stdout;
    assert!(
        told(&env).contains("searches go by words alone") && told(&env).contains("tokenizer.json is damaged")
    );

    let mended = install(&env, text(&tools::model())).ok();
    assert!(mended.stderr.contains("466.2 kB in all") && !mended.stderr.contains("safetensors"), "{mended}");
    assert_whole(&env);
    assert!(!told(&env).contains("words alone"), "{}", told(&env));
    let checkup: Value = serde_json::from_str(&env.claude_mem(&["doctor", "--json"]).stdout).unwrap();
    let checks = checkup["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == "embedding").unwrap();
    assert_eq!(check["outcome"], "ok", "{check:#}");
}

#[test]
fn a_folder_may_mend_itself_with_its_own_whole_files_only() {
    let env = env();
    let _installed = install(&env, text(&tools::model())).ok();
    damage(&folder(&env).join("model.safetensors"), 5000);
    let itself = install(&env, text(&folder(&env)));
    assert!(itself.code == Some(1) && itself.stderr.contains("model.safetensors is damaged"), "{itself}");
    assert_eq!(
        fs::metadata(folder(&env).join("model.safetensors")).unwrap().len(),
        WEIGHTS,
        "it is not emptied"
    );
}

#[test]
fn a_link_is_used_but_never_written_through() {
    let env = env();
    let elsewhere = copied(&env, "shared");
    fs::create_dir_all(env.data_dir().join("models")).unwrap();
    symlink(&elsewhere, folder(&env)).unwrap();
    let found = install(&env, text(&tools::model())).ok();
    assert!(found.stdout.contains("in place already"), "{found}");

    damage(&elsewhere.join("model.safetensors"), 9);
    let refused = install(&env, text(&tools::model()));
    assert!(
        refused.code == Some(1) && refused.stderr.contains("is a link to what is not the whole model"),
        "{refused}"
    );
    let _removed = env.claude_mem(&["model", "remove", "--yes"]).ok();
    assert_eq!(names(&elsewhere), ["model.safetensors", "tokenizer.json"], "only the link went");
    assert!(fs::symlink_metadata(folder(&env)).is_err());

    // nor through one where a file is on its way
    let victim = env.root().join("victim");
    fs::write(&victim, "precious").unwrap();
    fs::create_dir_all(begun(&env)).unwrap();
    symlink(&victim, begun(&env).join("model.safetensors")).unwrap();
    let _installed = install(&env, text(&tools::model())).ok();
    assert_whole(&env);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
}

#[test]
fn what_is_no_folder_is_not_replaced_unasked() {
    let env = env();
    fs::create_dir_all(env.data_dir().join("models")).unwrap();
    fs::write(folder(&env), "mine").unwrap();
    let refused = install(&env, text(&tools::model()));
    assert!(refused.code == Some(1) && refused.stderr.contains("all-MiniLM-L6-v2 is no folder"), "{refused}");
    assert_eq!(fs::read_to_string(folder(&env)).unwrap(), "mine");
    fs::remove_file(folder(&env)).unwrap();
    fs::create_dir_all(folder(&env).join("tokenizer.json")).unwrap();
    let refused = install(&env, text(&tools::model()));
    assert!(refused.code == Some(1) && refused.stderr.contains("tokenizer.json is a folder"), "{refused}");
    let _removed = env.claude_mem(&["model", "remove", "--yes"]).ok();
    let _installed = install(&env, text(&tools::model())).ok();
    assert_whole(&env);
}

/// Runs a shell script in which the data directory is something special, with the model's folder as `$FROM`.
fn in_special_place(env: &TestEnv, mount: &str) -> mem_testkit::Finished {
    fs::create_dir_all(env.data_dir()).unwrap();
    let from = text(&tools::model()).to_owned();
    in_own_mounts(
        env,
        &format!(
            "{mount}; \"$MEM\" model install --yes --from '{from}' || code=$?; ls -A \"$DATA\"; exit $code"
        ),
    )
}

#[test]
fn a_disk_without_room_is_told_before_anything_is_written() {
    let env = env();
    let full = in_special_place(&env, "mount -t tmpfs -o size=20m none \"$DATA\"");
    assert!(full.code == Some(1) && full.stdout.is_empty(), "{full}");
    assert!(full.stderr.contains("has 21.0 MB left where 99.7 MB are needed"), "{full}");
    assert!(full.stderr.contains("hint: Free some space there."), "{full}");
}

#[test]
fn a_read_only_disk_is_told() {
    let env = env();
    let refused =
        in_special_place(&env, "mount --bind \"$DATA\" \"$DATA\"; mount -o remount,bind,ro \"$DATA\"");
    assert!(refused.code == Some(1) && refused.stdout.is_empty(), "{refused}");
    assert!(refused.stderr.contains("/models: Read-only file system"), "{refused}");
    assert!(refused.stderr.contains("hint: Make it writable for you"), "{refused}");
}

#[test]
fn what_the_disk_does_not_take_leaves_nothing() {
    let env = env();
    let mut command = env.command("sh");
    // a limit of 20 MB a file, which shows in the middle as a full disk does
    command.args(["-c", "trap '' XFSZ; ulimit -f 40000; exec \"$0\" model install --yes --from \"$1\""]);
    command.arg(env.program()).arg(tools::model());
    let refused = run(command, b"", std::time::Duration::from_secs(60));
    assert_failed_without_a_trace(&env, &refused, "model.safetensors: File too large");
}

#[test]
fn what_has_the_name_of_the_folder_of_models_is_told_to_be_moved_away() {
    let env = env();
    let models = env.data_dir().join("models");
    fs::create_dir_all(env.data_dir()).unwrap();
    let pipe = || assert!(Command::new("mkfifo").arg(&models).status().unwrap().success());
    let lay: [&dyn Fn(); 3] =
        [&|| fs::write(&models, "theirs").unwrap(), &|| symlink("nowhere", &models).unwrap(), &pipe];
    for lay in lay {
        lay();
        let refused = install(&env, text(&tools::model()));
        assert!(refused.code == Some(1) && refused.stderr.contains("models is no folder"), "{refused}");
        assert!(refused.stderr.contains("hint: Move it away, then install again."), "{refused}");
        if models.exists() {
            let found = status(&env);
            let remedy = &found["fault"]["remedy"];
            assert_eq!(remedy, "Move it away, then run `claude-mem model install`.", "{found:#}");
        }
        let removed = env.claude_mem(&["model", "remove", "--yes"]).ok();
        assert!(removed.stdout.contains("no embedding model to remove"), "{removed}");
        fs::remove_file(&models).expect("it is still there");
    }
}

#[test]
fn what_has_the_name_of_what_is_begun_gives_way() {
    let env = env();
    let elsewhere = env.root().join("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    let begun = env.data_dir().join("models/all-MiniLM-L6-v2.part");
    let lay: [&dyn Fn(); 4] = [
        &|| fs::write(&begun, "theirs").unwrap(),
        &|| symlink(&elsewhere, &begun).unwrap(),
        &|| assert!(Command::new("mkfifo").arg(&begun).status().unwrap().success()),
        &|| fs::create_dir_all(begun.join("model.safetensors/deep")).unwrap(),
    ];
    for lay in lay {
        fs::create_dir_all(env.data_dir().join("models")).unwrap();
        lay();
        let installed = install(&env, text(&tools::model())).ok();
        assert!(installed.stdout.contains("is in place, as published"), "{installed}");
        assert_whole(&env);
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "nothing is written through a link");
        let _removed = env.claude_mem(&["model", "remove", "--yes"]).ok();
    }
}
