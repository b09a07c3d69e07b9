//! What people read of the embedding model.

use mem_daemon::embedding_model::{Due, InstallError, Source};
use mem_embed::{FILES, ModelError};
use mem_wire::install::model::{
    ModelEndpoint, ModelFault, ModelInstalled, ModelReach, ModelRemoved, ModelStatus, Standing, VERSION,
};

use super::{install, remove, status};
use crate::failure::Failure;

const FOLDER: &str = "/h/.claude-mem/models/all-MiniLM-L6-v2";

fn found(standing: Standing) -> ModelStatus {
    let whole = standing == Standing::Whole;
    ModelStatus {
        version: VERSION,
        name: "all-MiniLM-L6-v2".to_owned(),
        standing,
        folder: FOLDER.to_owned(),
        bytes: if standing == Standing::Absent { 0 } else { 91_334_623 },
        begun: 0,
        dimension: 384,
        fingerprint: whole.then(|| "b4b53216d74b8e0dac52d1f1c15c3144".to_owned()),
        kernel: whole.then(|| "avx512-vnni".to_owned()),
        load_ms: whole.then_some(61),
        embedded: None,
        fault: None,
        endpoint: None,
    }
}

fn plain(text: &str) -> String {
    ["\x1b[1m", "\x1b[33m", "\x1b[0m"].iter().fold(text.to_owned(), |text, code| text.replace(code, ""))
}

#[test]
fn the_status_of_each_standing() {
    let begun = ModelStatus { begun: 42_000_000, ..found(Standing::Absent) };
    let fault = ModelFault {
        what: format!("{FOLDER}/model.safetensors is cut short (5 of 90868376 bytes)"),
        remedy: "`claude-mem model install` puts what is damaged in place anew.".to_owned(),
    };
    let faulty = ModelStatus { fault: Some(fault), bytes: 466_252, ..found(Standing::Faulty) };
    let all = [found(Standing::Absent), begun, found(Standing::Whole), faulty];
    insta::assert_snapshot!(plain(&all.map(|found| status::text(&found)).join("\n\n")), @"
    all-MiniLM-L6-v2 is not installed: recall works by words alone.
    `claude-mem model install` fetches it (91.3 MB).

    all-MiniLM-L6-v2 is not installed: recall works by words alone.
      begun  42.0 MB, which the next `model install` goes on with
    `claude-mem model install` fetches it (91.3 MB).

    all-MiniLM-L6-v2: installed, as published.
      where    /h/.claude-mem/models/all-MiniLM-L6-v2
      on disk  91.3 MB
      vectors  384 numbers each, fingerprint b4b53216d74b8e0dac52d1f1c15c3144
      loads    in 61 ms, computed with AVX-512 VNNI

    all-MiniLM-L6-v2: cannot be used, so recall works by words alone.
      /h/.claude-mem/models/all-MiniLM-L6-v2/model.safetensors is cut short (5 of 90868376 bytes).
      `claude-mem model install` puts what is damaged in place anew.
      where    /h/.claude-mem/models/all-MiniLM-L6-v2
      on disk  466.3 kB
    ");
}

#[test]
fn an_endpoint_is_told_before_the_model_in_whose_place_it_is() {
    let near = ModelEndpoint {
        address: "http://127.0.0.1:11434/v1".to_owned(),
        model: "small".to_owned(),
        local: true,
        key_from: None,
        dimension: Some(768),
        fingerprint: Some("endpoint:b4b53216d74b8e0dac52d1f1c15c3144".to_owned()),
        fault: None,
    };
    let far = ModelEndpoint {
        address: "https://far.example/v1".to_owned(),
        local: false,
        key_from: Some("the settings".to_owned()),
        dimension: None,
        fingerprint: None,
        fault: Some(ModelFault {
            what: "nothing is embedded, since".to_owned(),
            remedy: "Mend it.".to_owned(),
        }),
        ..near.clone()
    };
    let all = [(near, Standing::Whole), (far, Standing::Absent)];
    let all = all.map(|(endpoint, standing)| ModelStatus { endpoint: Some(endpoint), ..found(standing) });
    insta::assert_snapshot!(plain(&all.map(|found| status::text(&found)).join("\n\n")), @"
    small at http://127.0.0.1:11434/v1 makes the vectors.
      sends    to this machine or its own network
      vectors  768 numbers each, fingerprint endpoint:b4b53216d74b8e0dac52d1f1c15c3144
      key      none
    all-MiniLM-L6-v2: installed, as published; searches go by it until the endpoint has come as far.
      where    /h/.claude-mem/models/all-MiniLM-L6-v2
      on disk  91.3 MB
      vectors  384 numbers each, fingerprint b4b53216d74b8e0dac52d1f1c15c3144
      loads    in 61 ms, computed with AVX-512 VNNI

    small at https://far.example/v1 makes the vectors.
      problem: nothing is embedded, since.
      Mend it.
      sends    what is remembered and what is asked, out of this network; `claude-mem cost` shows what it took
      vectors  of a length that shows with the first answer
      key      from the settings
    all-MiniLM-L6-v2 is not installed, and is not needed.
    ");
}

#[test]
fn the_size_is_said_first() {
    let due = FILES.map(|file| Due { file, begun: 0 });
    let resumed = [due[0], Due { begun: 42_000_000, ..due[1] }];
    let plans = [
        install::plan(&Source::Address("https://models.example/mini".to_owned()), &due, FOLDER),
        install::plan(&Source::Address("https://models.example/mini".to_owned()), &resumed, FOLDER),
        install::plan(&Source::Folder("/srv/mini".into()), &resumed[1..], FOLDER),
    ];
    insta::assert_snapshot!(plans.map(|plan| plan.join("\n")).join("\n\n"), @"
    This will be fetched from https://models.example/mini:
      tokenizer.json     466.2 kB
      model.safetensors   90.9 MB
    91.3 MB in all, checked and put into /h/.claude-mem/models/all-MiniLM-L6-v2/

    This will be fetched from https://models.example/mini:
      tokenizer.json     466.2 kB
      model.safetensors   90.9 MB, of which 42.0 MB are here already
    49.3 MB in all, checked and put into /h/.claude-mem/models/all-MiniLM-L6-v2/

    This will be copied from /srv/mini:
      model.safetensors   90.9 MB
    90.9 MB in all, checked and put into /h/.claude-mem/models/all-MiniLM-L6-v2/
    ");
}

#[test]
fn reports_of_what_was_done() {
    let installed = |changed: bool| ModelInstalled {
        version: VERSION,
        changed,
        from: changed.then(|| "/srv/mini".to_owned()),
        model: found(Standing::Whole),
    };
    let removed = |changed: bool| ModelRemoved {
        version: VERSION,
        changed,
        folder: FOLDER.to_owned(),
        freed: if changed { 91_334_623 } else { 0 },
    };
    let all = [
        install::report(&installed(true)),
        install::report(&installed(false)),
        remove::report(&removed(true)),
        remove::report(&removed(false)),
    ];
    insta::assert_snapshot!(all.join("\n\n"), @"
    all-MiniLM-L6-v2 is in place, as published: 91.3 MB in /h/.claude-mem/models/all-MiniLM-L6-v2.
    It loads in 61 ms and is computed with AVX-512 VNNI.

    all-MiniLM-L6-v2 is in place already, as published; nothing was done.
    It loads in 61 ms and is computed with AVX-512 VNNI.

    Removed /h/.claude-mem/models/all-MiniLM-L6-v2: 91.3 MB are free again. Recall works by words alone; memories stay.

    There is no embedding model to remove.
    ");
}

#[test]
fn every_failure_has_a_remedy() {
    let path = || std::path::PathBuf::from(FOLDER);
    let all = [
        InstallError::Busy,
        InstallError::Occupied { path: path(), what: "a link to what is not the whole model" },
        InstallError::Room { path: "/h".into(), needed: 99_723_231, free: 3_000_000 },
        InstallError::Source(ModelError::Missing { path: "/srv/mini/tokenizer.json".into() }),
        InstallError::Setup("ftp://x is no address of http or https: name one".to_owned()),
        InstallError::Fetch { said: "models.example answered 503 instead of the file".to_owned(), kept: 0 },
        InstallError::Fetch { said: "models.example broke off".to_owned(), kept: 42_000_000 },
        InstallError::Wrong {
            from: "https://models.example/mini/tokenizer.json".to_owned(),
            what: "its checksum is not that of the model as published".to_owned(),
        },
    ];
    let words = all.map(|error| Failure::from(error).to_string());
    assert!(words.iter().all(|words| words.contains("\nhint: ")));
    insta::assert_snapshot!(words.join("\n"), @"
    error: the model is being installed or removed by somebody else right now
    hint: Wait until that is done; `claude-mem model status` shows how it stands.
    error: /h/.claude-mem/models/all-MiniLM-L6-v2 is a link to what is not the whole model
    hint: `claude-mem model remove` takes it away (of a link only the link); then install again.
    error: the disk of /h has 3.0 MB left where 99.7 MB are needed
    hint: Free some space there.
    error: /srv/mini/tokenizer.json is missing
    hint: Name a folder that holds tokenizer.json and model.safetensors of all-MiniLM-L6-v2 as published, or leave `--from` out to fetch them.
    error: ftp://x is no address of http or https
    hint: Name one.
    error: models.example answered 503 instead of the file
    hint: Nothing was changed. Try again, or fetch the files by other means and name their folder with `--from`.
    error: models.example broke off
    hint: 42.0 MB are kept: the same command goes on from there, and `claude-mem model remove` drops them.
    error: https://models.example/mini/tokenizer.json is not a file of this model (its checksum is not that of the model as published)
    hint: Nothing of it was kept. Name another source with `--from`, or leave it out to fetch from the publisher.
    ");
}

#[test]
fn how_far_it_has_come_is_told_and_what_an_installation_leaves_to_the_worker() {
    let at = |embedded| ModelStatus {
        embedded: Some(ModelReach { embedded, passages: 112 }),
        ..found(Standing::Whole)
    };
    let row = |model: &ModelStatus| {
        let text = plain(&status::text(model));
        text.lines().find(|line| line.contains("embedded")).unwrap_or_default().trim().to_owned()
    };
    assert_eq!(row(&at(16)), "embedded  16 of 112 passages so far");
    assert_eq!(row(&at(112)), "embedded  all of 112 passages");
    assert_eq!(row(&found(Standing::Whole)), "", "there is no memory");
    let installed = |model| ModelInstalled { version: VERSION, changed: true, from: None, model };
    let said = install::report(&installed(at(16)));
    let wanted =
        "The worker embeds 96 passages now, the newest first; `claude-mem model status` shows how far it is.";
    assert_eq!(said.lines().last(), Some(wanted));
    assert!(!install::report(&installed(at(112))).contains("The worker"));
}
