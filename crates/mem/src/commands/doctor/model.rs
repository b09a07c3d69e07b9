//! The chosen model, asked once for real: one tiny request, in the ledger like any other.
//!
//! The inbox is not held while the model thinks. What comes of it ends whatever kept the worker from asking, and what
//! the user was told of that.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use mem_core::fault::{Fault, FaultKind};
use mem_core::id::{EventId, RequestId};
use mem_core::model::{Answer, Ask, MicroUsd};
use mem_daemon::inbox::drain;
use mem_daemon::observer::{Chosen, Models, TROUBLES, WELL, remedy};
use mem_logic::spend::{self, PriceSource, Spent};
use mem_store::{Lease, Reader, StoreError};
use mem_wire::doctor::{Asked, Check};

use super::super::desk::Desk;
use super::super::ledger::{priced, tokens};
use super::super::observer::Around;
use super::super::worker;
use super::checks::{failed, ok, skipped, stumbled};
use crate::failure::Failure;

const NAME: &str = "model";
/// What the runs of such requests begin with, in the ledger and in the register, and the mark they leave.
const RUN: &str = "doctor";
/// Most tokens of the answer: enough for a word, and for a model that thinks a little before it says one.
const MOST_OUTPUT: u32 = 256;

/// Asks the chosen model.
pub(super) fn model(desk: &Desk) -> Check {
    let Some(chosen) = Chosen::of(&desk.layers(), None) else {
        return skipped(NAME, "none is chosen; our own rules make the memories");
    };
    let ask = question();
    // a run of its own, so that `worker status` tells what it took
    let run = format!("{RUN}-{}", drain::now().0);
    let request = match open(desk, &chosen, &ask, &run) {
        Ok(Opened::Request(request)) => request,
        Ok(Opened::Ceiling(ceiling)) => {
            return failed(
                NAME,
                format!("{} was not asked, since {ceiling} is reached", chosen.model),
                format!(
                    "`claude-mem cost` shows what was spent; `claude-mem config set {} …` raises it",
                    ceiling.key()
                ),
            );
        }
        Err(failure) => return stumbled(NAME, &failure),
    };
    let began = Instant::now();
    let answered = ask_once(desk, &chosen, &ask, &run);
    let took = began.elapsed();
    let settled = match &answered {
        Ok(answer) => settle(desk, &chosen, request, answer),
        Err(fault) => give_up(desk, request, fault).map(|()| (MicroUsd(0), false)),
    };
    match (answered, settled) {
        (Err(fault), _) => no_answer(&chosen, &fault),
        (Ok(answer), Ok(paid)) => {
            let check = answer_of(&chosen, &answer, took, paid);
            let from = Around::of(desk).reached(&chosen.settings).from_environment;
            Check { found: format!("{}{}", check.found, from.map(from_here).unwrap_or_default()), ..check }
        }
        (Ok(_), Err(failure)) => stumbled(NAME, &failure),
    }
}

/// The question that `doctor` asks.
fn question() -> Ask {
    Ask {
        system: "You are being tried out. Answer with one word and nothing else.".to_owned(),
        text: "Say: ready".to_owned(),
        most_output: MOST_OUTPUT,
    }
}

/// One request to the chosen model, made and ended here.
fn ask_once(desk: &Desk, chosen: &Chosen, ask: &Ask, run: &str) -> Result<Answer, Fault> {
    let context = worker::context(desk)
        .map_err(|failure| Fault::free(FaultKind::Setup, failure.parts().0.to_owned()))?;
    if !context.may_ask {
        let why = "a project chose the place of this memory, so no model is asked from here";
        return Err(Fault::free(FaultKind::Setup, why));
    }
    let (mut model, _nobody_pulls) = Models::default().maker(&context, chosen, run)()?;
    let answer = model.ask(ask, &|| {});
    model.end();
    answer
}

/// What became of the wish to ask.
enum Opened {
    Request(RequestId),
    Ceiling(spend::Ceiling),
}

/// Writes the request into the ledger, unless a ceiling stands in the way.
fn open(desk: &Desk, chosen: &Chosen, ask: &Ask, run: &str) -> Result<Opened, Failure> {
    let now = drain::now();
    let next = spend::estimate(&chosen.model, &chosen.settings, chosen.local, ask);
    let model = chosen.model.to_string();
    let lease = Lease {
        run,
        model: &model,
        est_tokens: next.tokens,
        est_money: next.money,
        through: EventId(0),
        proof: &[],
    };
    desk.write(|store| {
        if let Err(ceiling) = spend::allowed(spent(store, now)?, &chosen.settings, next) {
            return Ok(Opened::Ceiling(ceiling));
        }
        store.write(|tx| tx.open_trial(&lease, now)).map(Opened::Request)
    })
}

/// What was spent this day and this month.
fn spent(store: &Reader, now: mem_core::time::Timestamp) -> Result<[Spent; 2], StoreError> {
    let zone = TimeZone::system();
    let of = |start| {
        let (tokens, money) = store.spent_since(start)?;
        Ok(Spent { tokens, money })
    };
    Ok([of(spend::day_start(now, &zone))?, of(spend::month_start(now, &zone))?])
}

/// Settles an answer: its price, and whether that is a guess. What kept the worker from asking is over.
fn settle(
    desk: &Desk,
    chosen: &Chosen,
    request: RequestId,
    answer: &Answer,
) -> Result<(MicroUsd, bool), Failure> {
    let (money, source) = match answer.cost {
        Some(told) => (told, PriceSource::Told),
        None => spend::price(&chosen.model, &chosen.settings, chosen.local, answer.usage),
    };
    let now = drain::now();
    desk.write(|store| {
        store.write(|tx| {
            tx.settle_trial(request, answer, money, source.as_str(), now)?;
            tx.set_mark(WELL, Some(&chosen.model.to_string()), now)?;
            tx.hurry(now)?;
            for (kind, _) in TROUBLES {
                tx.clear_fault(kind)?;
            }
            Ok(())
        })
    })?;
    if desk.has_begun() {
        worker::wake(desk.home())?;
    }
    Ok((money, source == PriceSource::Guess))
}

fn give_up(desk: &Desk, request: RequestId, fault: &Fault) -> Result<(), Failure> {
    let now = drain::now();
    desk.write(|store| {
        store.write(|tx| tx.fail_trial(request, fault.kind.as_str(), &fault.said, fault.paid, now).map(drop))
    })
}

fn answer_of(chosen: &Chosen, answer: &Answer, took: Duration, paid: (MicroUsd, bool)) -> Check {
    let asked = Asked {
        model: chosen.model.to_string(),
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        input: answer.usage.all_input(),
        output: answer.usage.output,
        micro_usd: paid.0.0,
        guessed: paid.1,
    };
    let found = format!(
        "{} answers in {:.1} s; that took {} input and {} output tokens, {}",
        asked.model,
        took.as_secs_f64(),
        tokens(asked.input),
        tokens(asked.output),
        priced(paid.0, paid.1)
    );
    Check { request: Some(asked), ..ok(NAME, found) }
}

/// That the worker may not have the key which answered here.
fn from_here(name: &str) -> String {
    format!(
        "; its key is {name} from this shell's environment: run `claude-mem worker restart` if the worker was \
         started elsewhere"
    )
}

fn no_answer(chosen: &Chosen, fault: &Fault) -> Check {
    let what = format!("{} does not answer ({}: {})", chosen.model, fault.kind.as_str(), fault.said);
    let remedy = match fault.kind {
        // these remedies send people to the doctor, where they are already
        FaultKind::Setup => "Mend it; `claude-mem observer` shows what is used",
        FaultKind::Auth => "Log in or mend the key; `claude-mem observer` shows which one is used",
        FaultKind::Transport => "See to the network, the proxy or the service, and try again",
        FaultKind::Refused | FaultKind::Overflow => "Choose another model with `claude-mem observer`",
        FaultKind::Misbehaved | FaultKind::Ended => "Try again; if it stays so, choose another model",
        FaultKind::Quota | FaultKind::Rate => remedy(match fault.kind {
            FaultKind::Quota => "model:quota",
            _ => "model:rate",
        })
        .unwrap_or("Work waits until then"),
    };
    failed(NAME, what, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::model::Usage;
    use mem_logic::layers;

    fn chosen() -> Chosen {
        let layers = layers::merge(Some(r#"{"CLAUDE_MEM_OBSERVER":"claude"}"#), &mut |_| None);
        Chosen::of(&layers, None).unwrap()
    }

    #[test]
    fn an_answer_comes_with_what_it_took() {
        let usage = Usage { input: 3, output: 12, cache_write: 420, ..Usage::default() };
        let answer = Answer { text: "ready".into(), usage, ..Answer::default() };
        let check = answer_of(&chosen(), &answer, Duration::from_millis(1234), (MicroUsd(590), false));
        assert_eq!(
            check.found,
            "claude/haiku answers in 1.2 s; that took 423 input and 12 output tokens, $0.0006"
        );
        assert_eq!(check.request.map(|asked| (asked.took_ms, asked.micro_usd)), Some((1234, 590)));
    }

    #[test]
    fn every_fault_has_a_remedy_that_is_not_to_come_here() {
        for kind in FaultKind::ALL {
            let check = no_answer(&chosen(), &Fault::free(kind, "so"));
            let remedy = check.remedy.unwrap();
            assert!(!remedy.contains("doctor") && !remedy.ends_with('.'), "{remedy}");
        }
    }
}
