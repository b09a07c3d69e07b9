//! What keeps models from being asked for a while, and how the user is told: one sentence, one remedy, while it lasts.
//!
//! A hold is of one model, or, for a ceiling, of all: an order for a model that has no key keeps no other waiting. One that
//! a service or a ceiling named survives a restart; one that the user can end (a login, a setting) does not, so that a
//! restart tries again. Work waits meanwhile; nothing is dropped.

use std::collections::BTreeMap;

use mem_core::time::Timestamp;
use mem_logic::spend::Ceiling;
use mem_store::{Store, StoreError};

use super::desk::Desk;
use crate::log::Level;

/// Kinds of fault in the store that say why no model is asked, and what to do about each.
pub const TROUBLES: [(&str, &str); 9] = [
    ("model:setup", "Mend it, then run `claude-mem doctor`"),
    ("model:auth", "Log in or mend the key, then run `claude-mem doctor`"),
    ("model:quota", "Work waits until then; `claude-mem observer use local` goes on without a model"),
    ("model:rate", "Work waits until then"),
    (
        "model:ceiling",
        "Work waits until then; `claude-mem cost` shows what was spent, `claude-mem config set` raises a ceiling",
    ),
    ("model:refused", "See `claude-mem observer`; `claude-mem redistill` tries again what was set aside"),
    ("model:transport", "It is tried again by itself; `claude-mem doctor` looks for the cause"),
    ("model:crash", "`claude-mem doctor` looks for the cause; it is tried again by itself"),
    ("model:breaker", "`claude-mem doctor` looks for the cause; one request every 30 minutes is tried"),
];

/// What to do about a fault of that kind, where it is one about models.
pub fn remedy(kind: &str) -> Option<&'static str> {
    TROUBLES.iter().find(|(known, _)| *known == kind).map(|(_, remedy)| *remedy)
}

/// The mark under which a hold is kept; behind it the model, none for all.
const MARK: &str = "observer.hold:";
/// The mark that `doctor` sets when a model answered; its value is the model.
pub const WELL: &str = "observer.well";

/// Nothing is sent until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hold {
    /// Of which model; empty for all.
    pub(super) model: String,
    /// The kind of fault, one of [`TROUBLES`].
    pub(super) kind: &'static str,
    /// What is wrong, in words for the user.
    pub(super) said: String,
    /// Since when.
    pub(super) since: Timestamp,
    /// Until when.
    pub(super) until: Timestamp,
}

impl Hold {
    /// A hold for a ceiling that the next request would pass.
    pub(super) fn ceiling(ceiling: Ceiling, since: Timestamp, until: Timestamp) -> Self {
        let said = format!("no model is asked before {}, since {ceiling} is reached", moment(until));
        Self { model: String::new(), kind: "model:ceiling", said, since, until }
    }

    /// Tells the user, and keeps it for the next daemon where it is of that sort.
    fn keep(&self, store: &mut Store, now: Timestamp) -> Result<(), StoreError> {
        store.write(|tx| {
            if self.lasts() {
                let text = format!("{} {} {}", self.kind, self.until.0, self.said);
                tx.set_mark(&format!("{MARK}{}", self.model), Some(&text), now)?;
            }
            tx.fault(self.kind, &self.said, now)
        })
    }

    /// The hold of `model` that an earlier daemon kept, if it still lasts.
    fn kept(store: &Store, model: &str, now: Timestamp) -> Result<Option<Self>, StoreError> {
        let Some((text, since)) = store.mark(&format!("{MARK}{model}"))? else { return Ok(None) };
        let mut words = text.splitn(3, ' ');
        let kind = words.next().and_then(|kind| TROUBLES.iter().find(|(known, _)| *known == kind));
        let until = words.next().and_then(|until| until.parse().ok()).map(Timestamp);
        let (Some((kind, _)), Some(until)) = (kind, until) else { return Ok(None) };
        let said = words.next().unwrap_or_default().to_owned();
        Ok((until > now).then(|| Self { model: model.to_owned(), kind, said, since, until }))
    }

    fn lasts(&self) -> bool {
        matches!(self.kind, "model:quota" | "model:rate" | "model:ceiling")
    }
}

/// The holds in force, by model; the one of all under the empty name. What was kept is looked up once.
#[derive(Debug, Default)]
pub(super) struct Holds {
    known: BTreeMap<String, Option<Hold>>,
    /// When a model was last seen to answer, as far as it was taken into account.
    well: Option<Timestamp>,
}

impl Holds {
    /// What keeps `model` from being asked.
    pub(super) fn of(&mut self, desk: &Desk<'_>, model: &str) -> Result<Option<Hold>, StoreError> {
        for name in ["", model] {
            if !self.known.contains_key(name) {
                let kept = Hold::kept(desk.store, name, desk.now)?;
                self.known.insert(name.to_owned(), kept);
            }
            if let Some(Some(hold)) = self.known.get(name) {
                return Ok(Some(hold.clone()));
            }
        }
        Ok(None)
    }

    /// A new hold. Told once: the same one again is no news.
    pub(super) fn take(&mut self, desk: &mut Desk<'_>, hold: Hold) -> Result<(), StoreError> {
        let known = self.known.get(&hold.model).and_then(Option::as_ref);
        if known.is_none_or(|known| known.kind != hold.kind) {
            desk.log.line(Level::Warn, &hold.said);
        }
        hold.keep(desk.store, desk.now)?;
        self.known.insert(hold.model.clone(), Some(hold));
        Ok(())
    }

    /// Ends the holds whose time has come and tells those again that somebody took off the list. Whether somebody saw a
    /// model answer since the last look, so that nothing needs to wait any longer.
    pub(super) fn look(&mut self, desk: &mut Desk<'_>) -> Result<bool, StoreError> {
        let seen = desk.store.mark(WELL)?;
        let well = seen.as_ref().is_some_and(|(_, at)| self.well.is_some_and(|known| *at > known));
        self.well = Some(seen.as_ref().map_or(Timestamp(0), |(_, at)| *at));
        let answers = seen.filter(|_| well).map(|(model, _)| model);
        let over = |hold: &Hold| desk.now >= hold.until || answers.as_deref() == Some(hold.model.as_str());
        let ended: Vec<Hold> = self.known.values().flatten().filter(|hold| over(hold)).cloned().collect();
        for hold in ended {
            self.known.insert(hold.model.clone(), None);
            let now = desk.now;
            desk.store.write(|tx| tx.set_mark(&format!("{MARK}{}", hold.model), None, now))?;
            self.forget_troubles(desk)?;
        }
        self.tell_again(desk)?;
        Ok(well)
    }

    /// Forgets all of them: the settings changed.
    pub(super) fn forget(&mut self, desk: &mut Desk<'_>) -> Result<(), StoreError> {
        let now = desk.now;
        let names: Vec<String> = self.known.keys().cloned().collect();
        desk.store
            .write(|tx| names.iter().try_for_each(|name| tx.set_mark(&format!("{MARK}{name}"), None, now)))?;
        // looked up as none from here on: what is kept of models that were not met yet is of the old settings too
        self.known.values_mut().for_each(|hold| *hold = None);
        self.forget_troubles(desk)
    }

    /// Takes off the list what no hold stands for.
    pub(super) fn forget_troubles(&self, desk: &mut Desk<'_>) -> Result<(), StoreError> {
        let told = desk.store.faults()?;
        let gone: Vec<&str> = told
            .iter()
            .map(|fault| fault.kind.as_str())
            .filter(|kind| remedy(kind).is_some() && !self.in_force().any(|hold| hold.kind == *kind))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        desk.store.write(|tx| gone.iter().try_for_each(|kind| tx.clear_fault(kind).map(drop)))
    }

    /// When the first of them ends.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.in_force().map(|hold| hold.until).min()
    }

    fn in_force(&self) -> impl Iterator<Item = &Hold> {
        self.known.values().flatten()
    }

    fn tell_again(&self, desk: &mut Desk<'_>) -> Result<(), StoreError> {
        if self.in_force().next().is_none() {
            return Ok(());
        }
        let told = desk.store.faults()?;
        let now = desk.now;
        for hold in self.in_force().filter(|hold| !told.iter().any(|fault| fault.kind == hold.kind)) {
            desk.store.write(|tx| tx.fault(hold.kind, &hold.said, now))?;
        }
        Ok(())
    }
}

/// The reason of a batch that waits for a hold: such a batch was held back by no fault of its session, so the wall
/// clock of that session does not run against it.
pub(super) fn reason_exempts(reason: Option<&str>) -> bool {
    // the batch that ran into it has what was said behind the word
    let word = reason.and_then(|reason| reason.split(':').next());
    matches!(word, Some("ceiling" | "quota" | "rate" | "auth" | "setup"))
}

/// The moment in the user's zone, `Nov 25, 14:05`.
pub(crate) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|moment| moment.to_zoned(jiff::tz::TimeZone::system()).strftime("%b %-d, %H:%M").to_string())
        .unwrap_or_else(|_| "later".to_owned())
}
