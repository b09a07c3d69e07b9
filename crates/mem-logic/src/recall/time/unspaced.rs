//! Words of time in Chinese, Japanese and Korean: `昨天`, `先週`, `지난주`, `3天前`.
//!
//! They stand between other words without a space, so they are looked for in the text and not word by word. Signs that
//! make another word of one (`本周期` is a cycle, no week) are listed with it. Days and months by their numbers are not
//! read here.

use super::calendar::{Calendar, Stretch, Unit};
use super::window::back;

/// A word for a stretch that lies so many units back, and the letters that make it another word: in front, behind.
type Named = (&'static str, Unit, i64, &'static str, &'static str);

/// Letters behind a Chinese week or month that go on as another word: cycle, surrounding, long, ball.
const CYCLE: &str = "期围圍边邊长長密折";
/// Letters in front of `前天` and `前年` that end another word in 前: before, at present, ahead of time.
const BEFORE: &str = "以之目提面眼当當先生";

/// The words; where several begin at a place, the longest counts.
const WORDS: [Named; 73] = [
    // Chinese, in both scripts
    ("今天", Unit::Day, 0, "", ""),
    ("今晚", Unit::Day, 0, "", ""),
    ("今早", Unit::Day, 0, "", ""),
    ("昨天", Unit::Day, 1, "", ""),
    ("昨晚", Unit::Day, 1, "", ""),
    ("前天", Unit::Day, 2, BEFORE, ""),
    ("大前天", Unit::Day, 3, "", ""),
    ("本周", Unit::Week, 0, "", CYCLE),
    ("本週", Unit::Week, 0, "", CYCLE),
    ("这周", Unit::Week, 0, "", CYCLE),
    ("這週", Unit::Week, 0, "", CYCLE),
    ("这星期", Unit::Week, 0, "", ""),
    ("這星期", Unit::Week, 0, "", ""),
    ("这个星期", Unit::Week, 0, "", ""),
    ("這個星期", Unit::Week, 0, "", ""),
    ("这个礼拜", Unit::Week, 0, "", ""),
    ("這個禮拜", Unit::Week, 0, "", ""),
    ("上周", Unit::Week, 1, "以", CYCLE),
    ("上週", Unit::Week, 1, "以", CYCLE),
    ("上星期", Unit::Week, 1, "", ""),
    ("上个星期", Unit::Week, 1, "", ""),
    ("上個星期", Unit::Week, 1, "", ""),
    ("上礼拜", Unit::Week, 1, "", ""),
    ("上禮拜", Unit::Week, 1, "", ""),
    ("上个礼拜", Unit::Week, 1, "", ""),
    ("上個禮拜", Unit::Week, 1, "", ""),
    ("上上周", Unit::Week, 2, "", CYCLE),
    ("上上週", Unit::Week, 2, "", CYCLE),
    ("上上星期", Unit::Week, 2, "", ""),
    ("本月", Unit::Month, 0, "日基", ""),
    ("这个月", Unit::Month, 0, "", ""),
    ("這個月", Unit::Month, 0, "", ""),
    ("上月", Unit::Month, 1, "以", "球"),
    ("上个月", Unit::Month, 1, "以", ""),
    ("上個月", Unit::Month, 1, "以", ""),
    ("上上个月", Unit::Month, 2, "", ""),
    ("上上個月", Unit::Month, 2, "", ""),
    ("今年", Unit::Year, 0, "", ""),
    ("去年", Unit::Year, 1, "", ""),
    ("前年", Unit::Year, 2, BEFORE, "度"),
    // Japanese; syllables alone (きょう, きのう) end other words
    ("今日", Unit::Day, 0, "昨", "本头頭"),
    ("本日", Unit::Day, 0, "日", "本"),
    ("今朝", Unit::Day, 0, "", ""),
    ("昨日", Unit::Day, 1, "", ""),
    ("昨夜", Unit::Day, 1, "", ""),
    ("昨晩", Unit::Day, 1, "", ""),
    ("一昨日", Unit::Day, 2, "", ""),
    ("おととい", Unit::Day, 2, "", ""),
    ("今週", Unit::Week, 0, "", ""),
    ("先週", Unit::Week, 1, "", ""),
    ("先々週", Unit::Week, 2, "", ""),
    ("今月", Unit::Month, 0, "", ""),
    ("先月", Unit::Month, 1, "", ""),
    ("先々月", Unit::Month, 2, "", ""),
    ("昨年", Unit::Year, 1, "", ""),
    ("一昨年", Unit::Year, 2, "", ""),
    // Korean
    ("오늘", Unit::Day, 0, "", ""),
    ("어제", Unit::Day, 1, "", ""),
    ("어젯밤", Unit::Day, 1, "", ""),
    ("그저께", Unit::Day, 2, "", ""),
    ("그제", Unit::Day, 2, "", "서야"),
    ("이번 주", Unit::Week, 0, "", "제소문장"),
    ("이번주", Unit::Week, 0, "", "제소문장"),
    ("지난주", Unit::Week, 1, "", ""),
    ("지난 주", Unit::Week, 1, "", "제소문장"),
    ("저번 주", Unit::Week, 1, "", "제소문장"),
    ("지지난주", Unit::Week, 2, "", ""),
    ("이번 달", Unit::Month, 0, "", ""),
    ("지난달", Unit::Month, 1, "", ""),
    ("지난 달", Unit::Month, 1, "", ""),
    ("올해", Unit::Year, 0, "", ""),
    ("작년", Unit::Year, 1, "", ""),
    ("재작년", Unit::Year, 2, "", ""),
];

/// Ends of weeks that are no day of one: `周末`, `週末`, `주말`.
const WEEKENDS: [&str; 3] = ["末", " 주말", "말"];
/// Days of a Chinese week, from Monday.
const DAYS: [&str; 8] = ["一", "二", "三", "四", "五", "六", "日", "天"];
/// Letters behind `日` that make it no Sunday: log, report, agenda, everyday, date.
const NO_SUNDAY: &str = "志誌报報程常期";

/// Units behind a number, the longer in front of those that they begin with.
const UNITS: [(&str, Unit); 30] = [
    ("个小时", Unit::Hour),
    ("個小時", Unit::Hour),
    ("小时", Unit::Hour),
    ("小時", Unit::Hour),
    ("時間", Unit::Hour),
    ("시간", Unit::Hour),
    ("天", Unit::Day),
    ("日間", Unit::Day),
    ("日", Unit::Day),
    ("일", Unit::Day),
    ("个星期", Unit::Week),
    ("個星期", Unit::Week),
    ("星期", Unit::Week),
    ("个礼拜", Unit::Week),
    ("個禮拜", Unit::Week),
    ("週間", Unit::Week),
    ("周", Unit::Week),
    ("週", Unit::Week),
    ("주일", Unit::Week),
    ("주", Unit::Week),
    ("个月", Unit::Month),
    ("個月", Unit::Month),
    ("か月", Unit::Month),
    ("ヶ月", Unit::Month),
    ("ケ月", Unit::Month),
    ("カ月", Unit::Month),
    ("개월", Unit::Month),
    ("달", Unit::Month),
    ("年", Unit::Year),
    ("년", Unit::Year),
];

/// The first such time: where it begins, where it ends, what it is.
pub(super) fn unspaced(text: &str, calendar: &Calendar) -> Option<(usize, usize, Stretch)> {
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        let begins = !c.is_ascii() || c.is_ascii_digit();
        let found = begins
            .then(|| named(before, rest, calendar).or_else(|| counted(before, rest, calendar)))
            .flatten();
        if let Some((stretch, length)) = found {
            return Some((at, at + length, stretch));
        }
        before = Some(c);
    }
    None
}

fn named(before: Option<char>, rest: &str, calendar: &Calendar) -> Option<(Stretch, usize)> {
    let fits = |(word, _, _, front, behind): &&Named| {
        let next = rest.strip_prefix(word).map(|rest| rest.chars().next());
        next.is_some_and(|next| !next.is_some_and(|next| behind.contains(next)))
            && !before.is_some_and(|before| front.contains(before))
    };
    let (word, unit, units, ..) = WORDS.iter().filter(fits).max_by_key(|(word, ..)| word.len())?;
    // Korean words are parted by spaces, and begin where one does
    if is_hangul(rest.chars().next()?) && before.is_some_and(is_hangul) {
        return None;
    }
    let behind = &rest[word.len()..];
    if *unit == Unit::Week {
        let weekend = WEEKENDS.iter().find(|end| behind.starts_with(**end));
        if let Some(end) = weekend {
            return Some((calendar.days_of_week(*units, 5, 7)?, word.len() + end.len()));
        }
        if let Some((day, length)) = day_of_week(behind) {
            return Some((calendar.days_of_week(*units, day, day + 1)?, word.len() + length));
        }
    }
    Some((calendar.unit(*unit, *units)?, word.len()))
}

/// The day behind a Chinese week: `上周五`.
fn day_of_week(behind: &str) -> Option<(i64, usize)> {
    let at = DAYS.iter().position(|day| behind.starts_with(day))?;
    let next = behind[DAYS[at].len()..].chars().next();
    let day = at.min(6);
    let other = day == 6 && next.is_some_and(|next| NO_SUNDAY.contains(next));
    (!other).then(|| (day as i64, DAYS[at].len()))
}

/// `3天前`, `三日前`, `3일 전`; `最近3天`, `過去3日間`, `지난 3일`.
fn counted(before: Option<char>, rest: &str, calendar: &Calendar) -> Option<(Stretch, usize)> {
    const PAST: [&str; 5] = ["最近", "过去", "過去", "지난", "최근"];
    if let Some(past) = PAST.iter().find(|past| rest.starts_with(**past)) {
        let behind = spaced(&rest[past.len()..]);
        let (count, unit, end) = units(behind)?;
        let count = count.unwrap_or(super::window::FEW);
        return Some((calendar.last(unit, count)?, rest.len() - end.len()));
    }
    if before.is_some_and(|c| c.is_alphanumeric() && (c.is_ascii() || number_sign(c)) || "第.-".contains(c))
    {
        return None;
    }
    let (count, unit, end) = units(rest)?;
    let end = spaced(end);
    let ago = ["之前", "以前", "前", "전"].iter().find_map(|ago| end.strip_prefix(ago))?;
    Some((back(calendar, unit, count)?, rest.len() - ago.len()))
}

/// A number with its unit, and what stands behind; no number for a few.
fn units(text: &str) -> Option<(Option<i64>, Unit, &str)> {
    let (count, rest) = match ["几", "幾", "数", "數", "몇"].iter().find_map(|few| text.strip_prefix(few))
    {
        Some(rest) => (None, rest),
        None => number(text).map(|(number, rest)| (Some(number), rest))?,
    };
    let rest = spaced(rest);
    UNITS.iter().find_map(|(word, unit)| Some((count, *unit, rest.strip_prefix(word)?)))
}

fn spaced(text: &str) -> &str {
    text.strip_prefix(' ').unwrap_or(text)
}

/// A number in digits, or in signs up to 99.
fn number(text: &str) -> Option<(i64, &str)> {
    const MOST: i64 = 10_000;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let number = text[..digits].parse().ok().filter(|number| (1..=MOST).contains(number))?;
        return Some((number, &text[digits..]));
    }
    let length: usize = text.chars().take_while(|c| number_sign(*c)).map(char::len_utf8).sum();
    let signs: Vec<char> = text[..length].chars().collect();
    let number = match signs.as_slice() {
        [one] => sign(*one)?,
        ['十', one] => 10 + sign(*one)?,
        [ten, '十'] => 10 * sign(*ten)?,
        [ten, '十', one] => 10 * sign(*ten)? + sign(*one)?,
        _ => return None,
    };
    Some((number, &text[length..]))
}

fn number_sign(c: char) -> bool {
    sign(c).is_some()
}

fn sign(c: char) -> Option<i64> {
    Some(match c {
        '一' | '한' => 1,
        '二' | '两' | '兩' | '두' => 2,
        '三' | '세' => 3,
        '四' | '네' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        _ => return None,
    })
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}
