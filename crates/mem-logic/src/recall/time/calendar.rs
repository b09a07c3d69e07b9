//! Stretches of time, counted in the days of one zone.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use mem_core::time::Timestamp;

/// A stretch of time, its end not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

/// Units in which people count back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// Today, and the days around it.
pub(super) struct Calendar<'a> {
    pub(super) now: Timestamp,
    pub(super) today: Date,
    zone: &'a TimeZone,
}

impl<'a> Calendar<'a> {
    /// None for a moment that no calendar has.
    pub(super) fn new(now: Timestamp, zone: &'a TimeZone) -> Option<Self> {
        let today = jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone()).date();
        Some(Self { now, today, zone })
    }

    /// The first moment of a day. Where clocks skip midnight, it is the one after.
    fn start(&self, day: Date) -> Option<Timestamp> {
        Some(Timestamp(day.to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond()))
    }

    /// From the day `from` to the day `until`, which is not in it.
    pub(super) fn days(&self, from: Date, until: Date) -> Option<Stretch> {
        Stretch { from: self.start(from)?, until: self.start(until)? }.known()
    }

    /// From a day to another, or to the end of all days where that one lies beyond it.
    fn up_to(&self, from: Date, until: Option<Date>) -> Option<Stretch> {
        match until {
            Some(until) => self.days(from, until),
            None => {
                let last = Timestamp(jiff::Timestamp::MAX.as_millisecond());
                Stretch { from: self.start(from)?, until: last }.known()
            }
        }
    }

    /// One day.
    pub(super) fn day(&self, day: Date) -> Option<Stretch> {
        self.days(day, day.tomorrow().ok()?)
    }

    /// The day that is so many days from today.
    pub(super) fn day_from_today(&self, days: i64) -> Option<Stretch> {
        self.day(self.shifted(days.days())?)
    }

    fn shifted(&self, span: Span) -> Option<Date> {
        self.today.checked_add(span).ok()
    }

    /// The month that begins on the first of this one.
    pub(super) fn month(&self, year: i16, month: i8) -> Option<Stretch> {
        let first = Date::new(year, month, 1).ok()?;
        self.up_to(first, first.checked_add(1.month()).ok())
    }

    /// A year.
    pub(super) fn year(&self, year: i16) -> Option<Stretch> {
        self.up_to(Date::new(year, 1, 1).ok()?, Date::new(year.checked_add(1)?, 1, 1).ok())
    }

    /// The week (from Monday), month or year that lies `back` of them before this one; the day likewise.
    pub(super) fn unit(&self, unit: Unit, back: i64) -> Option<Stretch> {
        match unit {
            Unit::Hour => None,
            Unit::Day => self.day_from_today(-back),
            Unit::Week => {
                let monday = i64::from(self.today.weekday().to_monday_zero_offset());
                let from = self.shifted((-monday - 7 * back).days())?;
                self.days(from, from.checked_add(7.days()).ok()?)
            }
            Unit::Month => {
                let from = self.today.first_of_month().checked_add((-back).months()).ok()?;
                self.days(from, from.checked_add(1.month()).ok()?)
            }
            Unit::Year => self.year(i16::try_from(i64::from(self.today.year()) - back).ok()?),
        }
    }

    /// About `count` units ago: that day, and beyond days half a unit to both sides, not after now.
    pub(super) fn ago(&self, unit: Unit, count: i64) -> Option<Stretch> {
        let around = match unit {
            Unit::Hour => {
                let hour = 3_600_000;
                let middle = self.now.plus_ms(-count.checked_mul(hour)?);
                return Stretch { from: middle.plus_ms(-hour), until: middle.plus_ms(hour).min(self.now) }
                    .known();
            }
            Unit::Day => return self.day_from_today(-count),
            Unit::Week => 3,
            Unit::Month => 15,
            Unit::Year => 182,
        };
        let middle = self.shifted(match unit {
            Unit::Month => Span::new().try_months(-count).ok()?,
            Unit::Year => Span::new().try_years(-count).ok()?,
            _ => Span::new().try_weeks(-count).ok()?,
        })?;
        let from = middle.checked_sub(around.days()).ok()?;
        let until = middle.checked_add((around + 1).days()).ok()?;
        let found = self.days(from, until)?;
        Stretch { until: found.until.min(self.now), ..found }.known()
    }

    /// The last `count` units, up to now.
    pub(super) fn last(&self, unit: Unit, count: i64) -> Option<Stretch> {
        let from = match unit {
            Unit::Hour => self.now.plus_ms(-count.checked_mul(3_600_000)?),
            Unit::Day => self.start(self.shifted(Span::new().try_days(-count).ok()?)?)?,
            Unit::Week => self.start(self.shifted(Span::new().try_weeks(-count).ok()?)?)?,
            Unit::Month => self.start(self.shifted(Span::new().try_months(-count).ok()?)?)?,
            Unit::Year => self.start(self.shifted(Span::new().try_years(-count).ok()?)?)?,
        };
        Stretch { from, until: self.now }.known()
    }

    /// The same stretch a year earlier.
    pub(super) fn a_year_earlier(&self, stretch: Stretch) -> Option<Stretch> {
        let earlier = |at: Timestamp| self.date(at)?.checked_sub(1.year()).ok();
        self.days(earlier(stretch.from)?, earlier(stretch.until)?)
    }

    /// From that day of the month in which a stretch begins to the end of the stretch.
    pub(super) fn since_day(&self, day: i8, stretch: Stretch) -> Option<Stretch> {
        let of = self.date(stretch.from)?;
        let from = self.start(Date::new(of.year(), of.month(), day).ok()?)?;
        Stretch { from, until: stretch.until }.known()
    }

    fn date(&self, at: Timestamp) -> Option<Date> {
        Some(jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(self.zone.clone()).date())
    }

    /// The last such day before today, or today where `today` says so.
    pub(super) fn weekday(&self, day: Weekday, today: bool) -> Option<Stretch> {
        let back = i64::from(day.until(self.today.weekday()));
        self.day_from_today(if back == 0 && !today { -7 } else { -back })
    }

    /// The last month of that name: this one too, where `this` says so.
    pub(super) fn last_month(&self, month: i8, this: bool) -> Option<Stretch> {
        let here = self.today.month();
        let past = month < here || month == here && this;
        self.month(if past { self.today.year() } else { self.today.year().checked_sub(1)? }, month)
    }

    /// The last such day of a year, today at the latest. A 29 February is looked for in the last years that have one.
    pub(super) fn last_date(&self, month: i8, day: i8) -> Option<Stretch> {
        let year = self.today.year();
        let found = (0..8)
            .filter_map(|back| Date::new(year.checked_sub(back)?, month, day).ok())
            .find(|day| *day <= self.today);
        self.day(found?)
    }

    /// The Saturday and Sunday before this week.
    pub(super) fn last_weekend(&self) -> Option<Stretch> {
        self.days_of_week(1, 5, 7)
    }

    /// From the day `first` to before the day `end`, counted from Monday, of the week that lies `back` weeks before this one.
    pub(super) fn days_of_week(&self, back: i64, first: i64, end: i64) -> Option<Stretch> {
        let monday = -i64::from(self.today.weekday().to_monday_zero_offset()) - 7 * back;
        self.days(self.shifted((monday + first).days())?, self.shifted((monday + end).days())?)
    }
}

impl Stretch {
    /// All before a moment. What is older than the epoch is older than any computer's memory.
    pub(super) fn before(until: Timestamp) -> Option<Self> {
        Self { from: Timestamp(0), until }.known()
    }

    /// The stretch, when it is one.
    pub(super) fn known(self) -> Option<Self> {
        (self.from < self.until).then_some(self)
    }
}

/// Years that people speak of in a question about their work.
pub(super) fn is_year(year: i16) -> bool {
    (1970..2200).contains(&year)
}

/// A date of such a year.
pub(super) fn civil(year: i64, month: i64, day: i64) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| is_year(*year))?;
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day).ok()
}
