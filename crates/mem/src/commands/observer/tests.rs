//! What choices mean, and what people read of them.

use mem_logic::layers::{Layers, merge};
use mem_wire::config::Origin;
use mem_wire::observer::{Observer, Spending, Turn, VERSION};

use super::candidate::OBSERVERS;
use super::text::{consequences, page};
use super::{Candidate, Reached};

const TURN: Turn = Turn { input_tokens: 8000, output_tokens: 700, requests: 0 };

fn layers(file: &str) -> Layers {
    merge(Some(file), &mut |_| None)
}

#[test]
fn a_model_of_another_maker_is_not_carried_over() {
    let original = r#"{"CLAUDE_MEM_MODEL":"claude-haiku-4-5-20251001","CLAUDE_MEM_OPENROUTER_MODEL":"vendor/small:free"}"#;
    let alias = r#"{"CLAUDE_MEM_MODEL":"sonnet"}"#;
    let own = r#"{"CLAUDE_MEM_OBSERVER":"gemini","CLAUDE_MEM_MODEL":"odd-name"}"#;
    // settings, observer, named, the model asked, what is written
    let rows = [
        ("{}", "claude", None, Some("haiku"), None),
        ("{}", "openai", None, None, None),
        ("{}", "gemini", Some("gemini-3"), Some("gemini-3"), Some("gemini-3")),
        (original, "claude", None, Some("claude-haiku-4-5-20251001"), None),
        (original, "anthropic", None, Some("claude-haiku-4-5-20251001"), None),
        (original, "gemini", None, Some("gemini-flash-latest"), Some("gemini-flash-latest")),
        (original, "openrouter", None, Some("vendor/small:free"), Some("vendor/small:free")),
        (original, "openai", None, None, Some("")),
        (original, "openai", Some("qwen3:8b"), Some("qwen3:8b"), Some("qwen3:8b")),
        (original, "local", None, None, None),
        (alias, "claude", None, Some("sonnet"), None),
        (alias, "anthropic", None, Some("claude-haiku-4-5"), Some("claude-haiku-4-5")),
        (own, "gemini", None, Some("odd-name"), None),
        (own, "claude", None, Some("haiku"), Some("haiku")),
        (own, "gemini", Some("odd-name"), Some("odd-name"), None),
    ];
    for (file, observer, named, asked, written) in rows {
        let candidate = Candidate::new(&layers(file), observer, named, None);
        assert_eq!(candidate.model(), asked, "{file} {observer}");
        assert_eq!(candidate.write_model.as_deref(), written, "{file} {observer}");
    }
}

fn observer(file: &str, chosen: &str) -> Observer {
    let layers = layers(file);
    let choice = |name: &str| Candidate::new(&layers, name, None, None).choice(&TURN, false);
    let spending =
        |tokens, micro_usd| Spending { tokens, most_tokens: 500_000, micro_usd, most_micro_usd: 1_000_000 };
    Observer {
        version: VERSION,
        written: None,
        orders: 0,
        chosen: choice(chosen),
        from: Origin::File,
        address: None,
        key_from: None,
        obstacle: None,
        mode: "code".to_owned(),
        day: spending(0, 0),
        month: spending(1_234_567, 5527),
        turn: TURN,
        choices: OBSERVERS.into_iter().map(choice).collect(),
        suggestion: None,
    }
}

#[test]
fn a_page_for_people() {
    insta::assert_snapshot!(page(&observer("{}", "local")), @"
    observer    local: no model is asked, nothing leaves this machine, nothing is spent
    mode        code
    today       0 of 500,000 input tokens, $0 of $1.00
    this month  1,234,567 of 500,000 input tokens, $0.0055 of $1.00

    A turn is taken for 8,000 tokens read and 700 written (an estimate). It would cost:
    OBSERVER    MODEL                    A TURN   TURNS A DAY AT MOST
    local       none                     $0
    claude      haiku                    $0.0135  62
    anthropic   claude-haiku-4-5         $0.0115  62
    openai      (name one with --model)
    openrouter  (name one with --model)
    gemini      gemini-flash-latest      $0.0042  62
    ");
    let document = Observer {
        address: Some("https://api.anthropic.com".to_owned()),
        key_from: Some("ANTHROPIC_API_KEY in the environment".to_owned()),
        turn: Turn { input_tokens: 3210, output_tokens: 456, requests: 17 },
        ..observer(r#"{"CLAUDE_MEM_OPENROUTER_MODEL":"vendor/huge","CLAUDE_MEM_PRICE":"30,90"}"#, "anthropic")
    };
    insta::assert_snapshot!(page(&document), @"
    observer    anthropic
    model       claude-haiku-4-5
    address     https://api.anthropic.com
    key         ANTHROPIC_API_KEY in the environment
    mode        code
    today       0 of 500,000 input tokens, $0 of $1.00
    this month  1,234,567 of 500,000 input tokens, $0.0055 of $1.00

    A turn is taken for 3,210 tokens read and 456 written (the average of 17 requests). It would cost:
    OBSERVER    MODEL                    A TURN  TURNS A DAY AT MOST
    local       none                     $0
    claude      haiku                    $0.363  2
    anthropic   claude-haiku-4-5         $0.303  3
    openai      (name one with --model)
    openrouter  vendor/huge              $0.303  3
    gemini      gemini-flash-latest      $0.303  3
    ");
}

#[test]
fn the_consequences_are_told_before_the_choice() {
    let document = observer("{}", "local");
    let told = |name: &str, model: Option<&str>, address: Option<&str>, local: bool| {
        let choice = Candidate::new(&layers("{}"), name, model, None).choice(&TURN, local);
        let there = Reached { address: address.map(str::to_owned), local, ..Reached::default() };
        consequences(&document, &choice, &there).join("\n")
    };
    insta::assert_snapshot!(told("local", None, None, false), @"No model will be asked: nothing leaves this machine, and nothing is spent.");
    insta::assert_snapshot!(told("claude", None, None, false), @"
    After each turn its prompt, tool uses and answer, shortened and without the secrets we know, go to Anthropic, by Claude Code and with its login.
    That costs about $0.0135 a turn, at most $1.00 a day and $1.00 a month; work waits there.
    A subscription pays for it with its own limits; the price is what the API would take.
    ");
    insta::assert_snapshot!(told("openai", Some("qwen3:8b"), Some("http://localhost:11434/v1"), true), @"
    After each turn its prompt, tool uses and answer, shortened and without the secrets we know, go to http://localhost:11434/v1, which is on this machine or network.
    That is taken to cost nothing, since it is on this machine or network; CLAUDE_MEM_PRICE sets a price.
    ");
    insta::assert_snapshot!(told("openrouter", Some("vendor/unheard-of"), None, false), @"
    After each turn its prompt, tool uses and answer, shortened and without the secrets we know, go to OpenRouter.
    That costs about $0.0345 (a guess) a turn, at most $1.00 a day and $1.00 a month; work waits there.
    ");
}

#[test]
fn what_takes_the_place_of_the_login_is_said() {
    let document = Observer { orders: 11, ..observer("{}", "local") };
    let there = Reached { instead: Some("ANTHROPIC_API_KEY"), ..Reached::default() };
    let told = |name: &str| {
        let choice = Candidate::new(&layers("{}"), name, None, None).choice(&TURN, false);
        consequences(&document, &choice, &there).join("\n")
    };
    insta::assert_snapshot!(told("claude"), @"
    After each turn its prompt, tool uses and answer, shortened and without the secrets we know, go to Anthropic, by Claude Code and with ANTHROPIC_API_KEY instead of its login.
    That costs about $0.0135 a turn, at most $1.00 a day and $1.00 a month; work waits there.
    11 ordered turns wait, and will be asked.
    ");
    insta::assert_snapshot!(told("local"), @"
    No model will be asked: nothing leaves this machine, and nothing is spent.
    11 ordered turns will not be asked.
    ");
}

#[test]
fn an_address_is_chosen_with_the_model() {
    let url = "http://127.0.0.1:11434/v1";
    for (observer, key) in [
        ("openai", "CLAUDE_MEM_OPENAI_BASE_URL"),
        ("openrouter", "CLAUDE_MEM_OPENROUTER_BASE_URL"),
        ("anthropic", "CLAUDE_MEM_ANTHROPIC_BASE_URL"),
        ("gemini", "CLAUDE_MEM_GEMINI_BASE_URL"),
    ] {
        let candidate = Candidate::new(&layers("{}"), observer, Some("small"), Some(url));
        assert_eq!(candidate.write_url, Some((key, url.to_owned())));
        assert_eq!(candidate.settings.base_url, url);
        let known = layers(&format!("{{\"{key}\":\"{url}\"}}"));
        assert_eq!(Candidate::new(&known, observer, Some("small"), Some(url)).write_url, None);
    }
    assert_eq!(Candidate::new(&layers("{}"), "claude", None, Some(url)).write_url, None);
}
