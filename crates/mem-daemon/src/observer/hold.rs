//! What keeps models from being asked for a while, and how the user is told: one sentence, one remedy, while it lasts.
//!
//! A hold that a service or a ceiling named survives a restart; one that the user can end (a login, a setting) does
//! not, so that a restart tries again. Work waits meanwhile; nothing is dropped.

use mem_core::time::Timestamp;
use mem_logic::spend::Ceiling;
use mem_store::{Store, StoreError};

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

/// The mark under which a hold is kept.
const MARK: &str = "observer.hold";
/// The mark that `doctor` sets when the model answered.
pub const WELL: &str = "observer.well";

/// Nothing is sent until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hold {
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
        Self { kind: "model:ceiling", said, since, until }
    }

    /// Keeps it, and tells the user.
    pub(super) fn keep(&self, store: &mut Store, now: Timestamp) -> Result<(), StoreError> {
        store.write(|tx| {
            if self.lasts() {
                tx.set_mark(MARK, Some(&format!("{} {} {}", self.kind, self.until.0, self.said)), now)?;
            }
            tx.fault(self.kind, &self.said, now)
        })
    }

    /// The hold that an earlier daemon kept, if it still lasts.
    pub(super) fn kept(store: &Store, now: Timestamp) -> Result<Option<Self>, StoreError> {
        let Some((text, since)) = store.mark(MARK)? else { return Ok(None) };
        let mut words = text.splitn(3, ' ');
        let kind = words.next().and_then(|kind| TROUBLES.iter().find(|(known, _)| *known == kind));
        let until = words.next().and_then(|until| until.parse().ok()).map(Timestamp);
        let (Some((kind, _)), Some(until)) = (kind, until) else { return Ok(None) };
        let said = words.next().unwrap_or_default().to_owned();
        Ok((until > now).then_some(Self { kind, said, since, until }))
    }

    /// Forgets it, and what the user was told of it.
    pub(super) fn forget(store: &mut Store, now: Timestamp) -> Result<(), StoreError> {
        store.write(|tx| {
            tx.set_mark(MARK, None, now)?;
            for (kind, _) in TROUBLES {
                tx.clear_fault(kind)?;
            }
            Ok(())
        })
    }

    /// Whether it is over: its time has come, or somebody saw the model answer since.
    pub(super) fn is_over(&self, store: &Store, now: Timestamp) -> Result<bool, StoreError> {
        let well = store.mark(WELL)?.is_some_and(|(_, at)| at > self.since);
        Ok(now >= self.until || well)
    }

    fn lasts(&self) -> bool {
        matches!(self.kind, "model:quota" | "model:rate" | "model:ceiling")
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
pub(super) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|moment| moment.to_zoned(jiff::tz::TimeZone::system()).strftime("%b %-d, %H:%M").to_string())
        .unwrap_or_else(|_| "later".to_owned())
}
