//! When a service says it can be asked again, in all the ways services say that.

use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use mem_core::time::Timestamp;
use serde_json::Value;

use super::client::Response;

/// No service shuts anybody out for longer; what says so was misread.
const LONGEST_MS: i64 = 32 * 24 * 3600 * 1000;
/// A number of seconds this large is a point in time (September 2001); a thousand times it is one in milliseconds.
const EPOCH_SECONDS: f64 = 1e9;

/// The moment from which the service can be asked again, if it said one that lies ahead. What it says for this very
/// purpose comes before the state of its limits, of which those that are used up count, or else the first to be reset.
pub(super) fn reset(response: &Response, error: &Value, said: &str, now: Timestamp) -> Option<Timestamp> {
    let ahead = |at: &Timestamp| (1..=LONGEST_MS).contains(&at.since(now));
    let first = response
        .header("retry-after-ms")
        .and_then(|value| Some(now.plus_ms(number(value)? as i64)))
        .or_else(|| when(response.header("retry-after")?, now))
        .or_else(|| when(told_delay(error)?, now))
        .or_else(|| regain(said));
    first.filter(ahead).or_else(|| {
        let limits = response.headers.iter().filter_map(|(name, value)| Some((limit(name)?, value)));
        let resets: Vec<(bool, Timestamp)> = limits
            .filter_map(|((before, after), value)| {
                let left = response.header(&format!("{before}remaining{after}"));
                Some((left.and_then(number).is_some_and(|left| left <= 0.0), when(value, now)?))
            })
            .filter(|(_, at)| ahead(at))
            .collect();
        let used_up = resets.iter().filter(|(used_up, _)| *used_up).map(|(_, at)| *at).max();
        used_up.or_else(|| resets.iter().map(|(_, at)| *at).min())
    })
}

/// What stands around `reset` in the name of a header about limits.
fn limit(name: &str) -> Option<(&str, &str)> {
    if name.starts_with("anthropic-ratelimit-") && name.ends_with("-reset") {
        return name.split_once("reset");
    }
    let (before, after) = name.split_once("reset")?;
    ["x-ratelimit-", "ratelimit-"].contains(&before).then_some((before, after))
}

/// Seconds, a point in time, a date, or a duration such as `6m0.5s`.
fn when(value: &str, now: Timestamp) -> Option<Timestamp> {
    let value = value.trim();
    if let Some(number) = number(value) {
        return Some(match number {
            ms if ms >= EPOCH_SECONDS * 1000.0 => Timestamp(ms as i64),
            seconds if seconds >= EPOCH_SECONDS => Timestamp((seconds * 1000.0) as i64),
            seconds => now.plus_ms((seconds * 1000.0).ceil() as i64),
        });
    }
    if let Ok(at) = value.parse::<jiff::Timestamp>() {
        return Some(Timestamp(at.as_millisecond()));
    }
    if let Ok(at) = DateTimeParser::new().parse_timestamp(value) {
        return Some(Timestamp(at.as_millisecond()));
    }
    duration_ms(value).map(|ms| now.plus_ms(ms))
}

fn number(value: &str) -> Option<f64> {
    value.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

/// Such as `1s`, `6m0s`, `20ms`, `1h2m3.5s`.
fn duration_ms(value: &str) -> Option<i64> {
    let (mut rest, mut all) = (value, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        let unit_ends =
            rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        let unit = match &rest[digits..unit_ends] {
            "ms" => 1.0,
            "s" => 1000.0,
            "m" => 60.0 * 1000.0,
            "h" => 3600.0 * 1000.0,
            "d" => 24.0 * 3600.0 * 1000.0,
            _ => return None,
        };
        all += amount * unit;
        rest = &rest[unit_ends..];
    }
    (!value.is_empty()).then_some(all.ceil() as i64)
}

/// Google's `RetryInfo` among the details of an error.
fn told_delay(error: &Value) -> Option<&str> {
    error["details"].as_array()?.iter().find_map(|detail| detail["retryDelay"].as_str())
}

/// "You will regain access on 2025-07-01 at 00:00 UTC.", as Anthropic says of its own ceilings.
fn regain(said: &str) -> Option<Timestamp> {
    let (_, rest) = said.split_once("regain access on ")?;
    let date: Date = rest.get(..10)?.parse().ok()?;
    let (hour, minute) = rest.get(10..)?.strip_prefix(" at ")?.get(..5)?.split_once(':')?;
    let at = date.at(hour.parse().ok()?, minute.parse().ok()?, 0, 0).to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp(at.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// 2025-11-23T08:00:00Z.
    const NOW: Timestamp = Timestamp(1_763_884_800_000);

    fn seconds(headers: &[(&str, &str)], error: &Value, said: &str) -> Option<i64> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response { status: 429, headers, body: Vec::new() };
        reset(&response, error, said, NOW).map(|at| at.since(NOW) / 1000)
    }

    #[test]
    fn every_way_of_saying_when() {
        let of = |name: &str, value: &str| seconds(&[(name, value)], &Value::Null, "");
        let rows = [
            ("retry-after", "30", Some(30)),
            ("retry-after", "0.5", Some(0)),
            ("retry-after", "0", None),
            ("retry-after", "Sun, 23 Nov 2025 08:01:00 GMT", Some(60)),
            ("retry-after", "Sun, 23 Nov 2025 07:01:00 GMT", None),
            ("retry-after", "99999999", None),
            ("retry-after", "soon", None),
            ("retry-after-ms", "2500", Some(2)),
            ("anthropic-ratelimit-requests-reset", "2025-11-23T08:02:00Z", Some(120)),
            ("x-ratelimit-reset-requests", "6m0s", Some(360)),
            ("x-ratelimit-reset-tokens", "1h2m3.5s", Some(3723)),
            ("x-ratelimit-reset-tokens", "7 parsecs", None),
            ("x-ratelimit-reset", "1763884860000", Some(60)),
            ("x-ratelimit-reset", "1763884860", Some(60)),
            ("x-other-reset", "5", None),
        ];
        for (name, value, wanted) in rows {
            assert_eq!(of(name, value), wanted, "{name}: {value}");
        }
    }

    #[test]
    fn of_several_limits_the_one_that_is_used_up_counts() {
        let headers = [
            ("anthropic-ratelimit-requests-remaining", "10"),
            ("anthropic-ratelimit-requests-reset", "2025-11-23T08:00:10Z"),
            ("anthropic-ratelimit-output-tokens-remaining", "0"),
            ("anthropic-ratelimit-output-tokens-reset", "2025-11-23T08:01:30Z"),
        ];
        assert_eq!(seconds(&headers, &Value::Null, ""), Some(90));
        assert_eq!(seconds(&headers[..2], &Value::Null, ""), Some(10));
        let openai = [
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "40s"),
            ("x-ratelimit-reset-requests", "1s"),
        ];
        assert_eq!(seconds(&openai, &Value::Null, ""), Some(40));
        let both = [("retry-after", "5"), openai[0], openai[1]];
        assert_eq!(seconds(&both, &Value::Null, ""), Some(5));
    }

    #[test]
    fn the_error_itself_may_say_it() {
        let google = json!({ "details": [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s" }] });
        assert_eq!(seconds(&[], &google, ""), Some(34));
        let said = "You have reached your specified API usage limits. You will regain access on 2025-12-01 at 00:00 UTC.";
        assert_eq!(seconds(&[], &Value::Null, said), Some(662_400));
    }

    proptest! {
        #[test]
        fn any_value_is_read(value in "\\PC*|[0-9smhd.]*", said in "(regain access on )?\\PC*") {
            let headers = [("retry-after", value.as_str()), ("x-ratelimit-reset", value.as_str())];
            if let Some(seconds) = seconds(&headers, &json!({ "details": [{ "retryDelay": value }] }), &said) {
                prop_assert!((0..=LONGEST_MS / 1000).contains(&seconds));
            }
        }
    }
}
