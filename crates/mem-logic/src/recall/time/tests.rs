//! Times as people write them.

use jiff::tz::TimeZone;
use mem_core::time::Timestamp;
use proptest::prelude::*;

use super::*;

/// A Thursday.
const NOW: &str = "2026-11-26T15:00:00+01:00";

fn zone() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn ms(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// In local time, short.
fn local(at: Timestamp) -> String {
    let zoned = jiff::Timestamp::from_millisecond(at.0).unwrap().to_zoned(zone());
    let text = zoned.datetime().to_string();
    text.strip_suffix("T00:00:00").unwrap_or(&text).to_owned()
}

fn found(text: &str) -> String {
    match window(text, ms(NOW), &zone()) {
        None => "-".to_owned(),
        Some(Window { said, from, until }) => {
            let until = if until == ms(NOW) { "now".to_owned() } else { local(until) };
            format!("{said}: {} to {until}", local(from))
        }
    }
}

fn check(table: &[(&str, &str)]) {
    for (text, wanted) in table {
        assert_eq!(found(text), *wanted, "{text:?}");
    }
}

#[test]
fn days_and_weeks() {
    check(&[
        ("what did we do today?", "today: 2026-11-26 to 2026-11-27"),
        ("Yesterday's build", "Yesterday: 2026-11-25 to 2026-11-26"),
        ("the day before yesterday", "day before yesterday: 2026-11-24 to 2026-11-25"),
        ("3 days ago", "3 days ago: 2026-11-23 to 2026-11-24"),
        ("two weeks ago we fixed it", "two weeks ago: 2026-11-09 to 2026-11-16"),
        ("a month ago", "a month ago: 2026-10-11 to 2026-11-11"),
        ("a year ago", "a year ago: 2025-05-28 to 2026-05-28"),
        ("a week ago", "a week ago: 2026-11-16 to 2026-11-23"),
        ("2 hours ago", "2 hours ago: 2026-11-26T12:00:00 to 2026-11-26T14:00:00"),
        ("a few days ago", "a few days ago: 2026-11-20 to 2026-11-25"),
        ("a couple of days ago", "a couple of days ago: 2026-11-24 to 2026-11-25"),
        ("last week", "last week: 2026-11-16 to 2026-11-23"),
        ("this week", "this week: 2026-11-23 to 2026-11-30"),
        ("in the past week", "in the past week: 2026-11-19 to now"),
        ("last month", "last month: 2026-10-01 to 2026-11-01"),
        ("this month", "this month: 2026-11-01 to 2026-12-01"),
        ("last year", "last year: 2025-01-01 to 2026-01-01"),
        ("in the last 3 days", "in the last 3 days: 2026-11-23 to now"),
        ("last few weeks", "last few weeks: 2026-10-15 to now"),
        ("last 24 hours", "last 24 hours: 2026-11-25T15:00:00 to now"),
        ("last weekend", "last weekend: 2026-11-21 to 2026-11-23"),
        ("last night", "last night: 2026-11-25 to 2026-11-26"),
        ("last Monday", "last Monday: 2026-11-23 to 2026-11-24"),
        ("last thursday", "last thursday: 2026-11-19 to 2026-11-20"),
        ("on thursday", "on thursday: 2026-11-26 to 2026-11-27"),
        ("the friday deploy", "friday: 2026-11-20 to 2026-11-21"),
        ("since monday", "since monday: 2026-11-23 to now"),
        ("since yesterday", "since yesterday: 2026-11-25 to now"),
        ("since last week", "since last week: 2026-11-16 to now"),
        ("on Fri", "on Fri: 2026-11-20 to 2026-11-21"),
        ("on Friday 6 March", "on Friday 6 March: 2026-03-06 to 2026-03-07"),
        ("Friday March 6th, 2026", "Friday March 6th, 2026: 2026-03-06 to 2026-03-07"),
        ("from 5 to 8 March", "from 5 to 8 March: 2026-03-05 to 2026-03-09"),
        ("between January and March 2025", "between January and March 2025: 2025-01-01 to 2025-04-01"),
        ("from wednesday to monday", "from wednesday: 2026-11-25 to 2026-11-26"),
    ]);
}

#[test]
fn months_and_dates() {
    check(&[
        ("in March", "in March: 2026-03-01 to 2026-04-01"),
        ("in December", "in December: 2025-12-01 to 2026-01-01"),
        ("in november", "in november: 2026-11-01 to 2026-12-01"),
        ("last November", "last November: 2025-11-01 to 2025-12-01"),
        ("March 2026", "March 2026: 2026-03-01 to 2026-04-01"),
        ("in early may", "in early may: 2026-05-01 to 2026-06-01"),
        ("since March", "since March: 2026-03-01 to now"),
        ("after March", "after March: 2026-04-01 to now"),
        ("before March 2026", "before March 2026: 1970-01-01T01:00:00 to 2026-03-01"),
        ("until yesterday", "until yesterday: 1970-01-01T01:00:00 to 2026-11-26"),
        ("in 2025", "in 2025: 2025-01-01 to 2026-01-01"),
        ("before 2025", "before 2025: 1970-01-01T01:00:00 to 2025-01-01"),
        ("log of 2026-03-05.", "of 2026-03-05: 2026-03-05 to 2026-03-06"),
        ("at 2026-03-05T10:00", "2026-03-05T10: 2026-03-05 to 2026-03-06"),
        ("2026-03", "2026-03: 2026-03-01 to 2026-04-01"),
        ("on 5 May", "on 5 May: 2026-05-05 to 2026-05-06"),
        ("May 5", "May 5: 2026-05-05 to 2026-05-06"),
        ("December 24th", "December 24th: 2025-12-24 to 2025-12-25"),
        ("on the 5th of May, 2024", "on the 5th of May, 2024: 2024-05-05 to 2024-05-06"),
        ("May 5, 2025", "May 5, 2025: 2025-05-05 to 2025-05-06"),
        ("29 February", "29 February: 2024-02-29 to 2024-03-01"),
        ("june report", "june: 2026-06-01 to 2026-07-01"),
        ("between March and May", "between March and May: 2026-03-01 to 2026-06-01"),
        ("from monday to yesterday", "from monday to yesterday: 2026-11-23 to 2026-11-26"),
        // clocks went forward in the night to 29 March
        ("29 March", "29 March: 2026-03-29 to 2026-03-30"),
    ]);
}

#[test]
fn german() {
    check(&[
        ("was haben wir heute gemacht", "heute: 2026-11-26 to 2026-11-27"),
        ("gestern Abend", "gestern: 2026-11-25 to 2026-11-26"),
        ("vorgestern", "vorgestern: 2026-11-24 to 2026-11-25"),
        ("letzte Woche", "letzte Woche: 2026-11-16 to 2026-11-23"),
        ("in der letzten Woche", "in der letzten Woche: 2026-11-16 to 2026-11-23"),
        ("letzten Monat", "letzten Monat: 2026-10-01 to 2026-11-01"),
        ("voriges Jahr", "voriges Jahr: 2025-01-01 to 2026-01-01"),
        ("die letzten 3 Tage", "letzten 3 Tage: 2026-11-23 to now"),
        ("diese Woche", "diese Woche: 2026-11-23 to 2026-11-30"),
        ("im März", "im März: 2026-03-01 to 2026-04-01"),
        ("im Maerz 2025", "im Maerz 2025: 2025-03-01 to 2025-04-01"),
        ("seit Montag", "seit Montag: 2026-11-23 to now"),
        ("letzten Montag", "letzten Montag: 2026-11-23 to 2026-11-24"),
        ("vor 3 Tagen", "vor 3 Tagen: 2026-11-23 to 2026-11-24"),
        ("vor einer Woche", "vor einer Woche: 2026-11-16 to 2026-11-23"),
        ("vor ein paar Tagen", "vor ein paar Tagen: 2026-11-20 to 2026-11-25"),
        ("vor März", "vor März: 1970-01-01T01:00:00 to 2026-03-01"),
        ("am 5. Mai", "am 5. Mai: 2026-05-05 to 2026-05-06"),
        ("am Freitag 6. März", "am Freitag 6. März: 2026-03-06 to 2026-03-07"),
        ("vom 5. bis 8. März", "vom 5. bis 8. März: 2026-03-05 to 2026-03-09"),
        ("am 5.3.2026.", "am 5.3.2026: 2026-03-05 to 2026-03-06"),
        ("im Jahr 2025", "im Jahr 2025: 2025-01-01 to 2026-01-01"),
        ("zwischen März und Mai", "zwischen März und Mai: 2026-03-01 to 2026-06-01"),
    ]);
}

#[test]
fn french_and_spanish() {
    check(&[
        ("qu'avons-nous fait hier", "hier: 2026-11-25 to 2026-11-26"),
        ("les tests d'avant-hier", "avant-hier: 2026-11-24 to 2026-11-25"),
        ("aujourd'hui", "aujourd'hui: 2026-11-26 to 2026-11-27"),
        ("la semaine dernière", "semaine dernière: 2026-11-16 to 2026-11-23"),
        ("le mois dernier", "mois dernier: 2026-10-01 to 2026-11-01"),
        ("le bug de l'année dernière", "année dernière: 2025-01-01 to 2026-01-01"),
        ("lundi dernier", "lundi dernier: 2026-11-23 to 2026-11-24"),
        ("le week-end dernier", "week-end dernier: 2026-11-21 to 2026-11-23"),
        ("la nuit dernière", "nuit dernière: 2026-11-25 to 2026-11-26"),
        ("cette semaine", "cette semaine: 2026-11-23 to 2026-11-30"),
        ("cet après-midi", "cet après-midi: 2026-11-26 to 2026-11-27"),
        ("ces 3 derniers jours", "3 derniers jours: 2026-11-23 to now"),
        ("ces derniers jours", "derniers jours: 2026-11-20 to now"),
        ("il y a trois jours", "il y a trois jours: 2026-11-23 to 2026-11-24"),
        ("il y a une semaine", "il y a une semaine: 2026-11-16 to 2026-11-23"),
        ("il y a quelques jours", "il y a quelques jours: 2026-11-20 to 2026-11-25"),
        ("depuis lundi", "depuis lundi: 2026-11-23 to now"),
        ("depuis 3 jours", "depuis 3 jours: 2026-11-23 to now"),
        ("avant mars", "avant mars: 1970-01-01T01:00:00 to 2026-03-01"),
        ("jusqu'à hier, les tests", "jusqu'à hier: 1970-01-01T01:00:00 to 2026-11-26"),
        ("entre mars et mai", "entre mars et mai: 2026-03-01 to 2026-06-01"),
        ("du lundi au mardi", "du lundi au mardi: 2026-11-23 to 2026-11-25"),
        ("en mars 2025", "en mars 2025: 2025-03-01 to 2025-04-01"),
        ("en février", "en février: 2026-02-01 to 2026-03-01"),
        ("le 1er août", "1er août: 2026-08-01 to 2026-08-02"),
        ("le 5 mars 2026", "5 mars 2026: 2026-03-05 to 2026-03-06"),
        ("depuis le 2026-03-05", "depuis le 2026-03-05: 2026-03-05 to now"),
        ("¿qué hicimos ayer?", "ayer: 2026-11-25 to 2026-11-26"),
        ("anteayer", "anteayer: 2026-11-24 to 2026-11-25"),
        ("hoy", "hoy: 2026-11-26 to 2026-11-27"),
        ("anoche", "anoche: 2026-11-25 to 2026-11-26"),
        ("la semana pasada", "semana pasada: 2026-11-16 to 2026-11-23"),
        ("el mes pasado", "mes pasado: 2026-10-01 to 2026-11-01"),
        ("el año pasado", "año pasado: 2025-01-01 to 2026-01-01"),
        ("el lunes pasado", "lunes pasado: 2026-11-23 to 2026-11-24"),
        ("el fin de semana pasado", "fin de semana pasado: 2026-11-21 to 2026-11-23"),
        ("esta semana", "esta semana: 2026-11-23 to 2026-11-30"),
        ("esta mañana", "esta mañana: 2026-11-26 to 2026-11-27"),
        ("los últimos 3 días", "últimos 3 días: 2026-11-23 to now"),
        ("la última semana", "última semana: 2026-11-19 to now"),
        ("hace tres días", "hace tres días: 2026-11-23 to 2026-11-24"),
        ("hace unos días", "hace unos días: 2026-11-20 to 2026-11-25"),
        ("hace un par de semanas", "hace un par de semanas: 2026-11-09 to 2026-11-16"),
        ("desde hace 3 días", "desde hace 3 días: 2026-11-23 to now"),
        ("desde el lunes", "desde el lunes: 2026-11-23 to now"),
        ("desde el lunes hasta ayer", "desde el lunes hasta ayer: 2026-11-23 to 2026-11-26"),
        ("antes de marzo", "antes de marzo: 1970-01-01T01:00:00 to 2026-03-01"),
        ("después de marzo", "después de marzo: 2026-04-01 to now"),
        ("entre marzo y mayo", "entre marzo y mayo: 2026-03-01 to 2026-06-01"),
        ("en enero", "en enero: 2026-01-01 to 2026-02-01"),
        ("el 5 de marzo de 2026", "5 de marzo de 2026: 2026-03-05 to 2026-03-06"),
        ("el error del miércoles", "del miércoles: 2026-11-25 to 2026-11-26"),
        ("avant hier nous avons corrigé", "avant hier: 2026-11-24 to 2026-11-25"),
        ("les commits d'hier", "hier: 2026-11-25 to 2026-11-26"),
        ("hier soir", "hier: 2026-11-25 to 2026-11-26"),
        ("antes de ayer", "antes de ayer: 2026-11-24 to 2026-11-25"),
        ("jusqu'en mars", "jusqu'en mars: 1970-01-01T01:00:00 to 2026-04-01"),
        ("desde el lunes al miércoles", "desde el lunes al miércoles: 2026-11-23 to 2026-11-26"),
        ("el pasado jueves", "pasado jueves: 2026-11-19 to 2026-11-20"),
        ("la pasada semana", "pasada semana: 2026-11-16 to 2026-11-23"),
        ("el 1º de marzo", "1º de marzo: 2026-03-01 to 2026-03-02"),
        ("le vendredi 6 mars 2026", "vendredi 6 mars 2026: 2026-03-06 to 2026-03-07"),
        ("entre enero y marzo de 2025", "entre enero y marzo de 2025: 2025-01-01 to 2025-04-01"),
        ("entre mars et mai 2025", "entre mars et mai 2025: 2025-03-01 to 2025-06-01"),
        ("du 5 au 8 mars", "du 5 au 8 mars: 2026-03-05 to 2026-03-09"),
        ("del 5 al 8 de marzo", "del 5 al 8 de marzo: 2026-03-05 to 2026-03-09"),
        ("en juin de l'année dernière", "en juin de l'année dernière: 2025-06-01 to 2025-07-01"),
        ("en junio del año pasado", "en junio del año pasado: 2025-06-01 to 2025-07-01"),
        ("depuis 2025", "depuis 2025: 2025-01-01 to now"),
        ("en el año 2025", "en el año 2025: 2025-01-01 to 2026-01-01"),
        ("hace quince días", "hace quince días: 2026-11-11 to 2026-11-12"),
        ("depuis quelques jours", "depuis quelques jours: 2026-11-20 to now"),
        ("domingo", "-"),
        ("ayer", "ayer: 2026-11-25 to 2026-11-26"),
        ("le bug du vendredi dans les tests", "du vendredi: 2026-11-20 to 2026-11-21"),
    ]);
    for text in [
        "was wurde hier gebaut",
        "hier",
        "mes derniers commits",
        "le dernier commit",
        "la última versión",
        "el último error",
        "mars rover",
        "mayo sandwich",
        "hace falta un test",
        "il y a un bug",
        "en producción",
        "avant la version 3",
        "entre nous",
        "este commit",
        "ce test",
        "le test passe",
        // names, and other languages
        "what did Julio say about the retry policy",
        "Ask Domingo and Abril",
        "Julio",
        "avril lavigne",
        "hoy pin layout of the Mercredi board",
        "src/julio.rs",
        "Warum crasht C++ hier?",
        "was macht der C Code hier",
        "die Zeit steht hier in EST",
        "ik heb hier de c code",
        "lundi prochain",
        "el próximo lunes",
        "10.0.0.5 mars",
    ] {
        assert_eq!(found(text), "-", "{text:?}");
    }
}

#[test]
fn chinese_japanese_and_korean() {
    check(&[
        ("昨天修复了什么", "昨天: 2026-11-25 to 2026-11-26"),
        ("我们今天做了什么？", "今天: 2026-11-26 to 2026-11-27"),
        ("前天的构建", "前天: 2026-11-24 to 2026-11-25"),
        ("大前天", "大前天: 2026-11-23 to 2026-11-24"),
        ("上周的决定", "上周: 2026-11-16 to 2026-11-23"),
        ("上個星期", "上個星期: 2026-11-16 to 2026-11-23"),
        ("上上周", "上上周: 2026-11-09 to 2026-11-16"),
        ("上周五部署", "上周五: 2026-11-20 to 2026-11-21"),
        ("上周日志", "上周: 2026-11-16 to 2026-11-23"),
        ("上周末", "上周末: 2026-11-21 to 2026-11-23"),
        ("本周", "本周: 2026-11-23 to 2026-11-30"),
        ("这个月", "这个月: 2026-11-01 to 2026-12-01"),
        ("上个月", "上个月: 2026-10-01 to 2026-11-01"),
        ("去年", "去年: 2025-01-01 to 2026-01-01"),
        ("3天前", "3天前: 2026-11-23 to 2026-11-24"),
        ("三天之前", "三天之前: 2026-11-23 to 2026-11-24"),
        ("十二天前", "十二天前: 2026-11-14 to 2026-11-15"),
        ("两周前", "两周前: 2026-11-09 to 2026-11-16"),
        ("几天前", "几天前: 2026-11-20 to 2026-11-25"),
        ("最近3天的提交", "最近3天: 2026-11-23 to now"),
        ("昨日の変更", "昨日: 2026-11-25 to 2026-11-26"),
        ("一昨日", "一昨日: 2026-11-24 to 2026-11-25"),
        ("今日は何をした", "今日: 2026-11-26 to 2026-11-27"),
        ("先週の決定", "先週: 2026-11-16 to 2026-11-23"),
        ("先週末", "先週末: 2026-11-21 to 2026-11-23"),
        ("先々週", "先々週: 2026-11-09 to 2026-11-16"),
        ("今週", "今週: 2026-11-23 to 2026-11-30"),
        ("先月", "先月: 2026-10-01 to 2026-11-01"),
        ("3日前", "3日前: 2026-11-23 to 2026-11-24"),
        ("2週間前", "2週間前: 2026-11-09 to 2026-11-16"),
        ("1か月前", "1か月前: 2026-10-11 to 2026-11-11"),
        ("過去3日間", "過去3日間: 2026-11-23 to now"),
        ("어제 고친 버그", "어제: 2026-11-25 to 2026-11-26"),
        ("어제의 변경", "어제: 2026-11-25 to 2026-11-26"),
        ("오늘", "오늘: 2026-11-26 to 2026-11-27"),
        ("그저께", "그저께: 2026-11-24 to 2026-11-25"),
        ("지난주에 결정한 것", "지난주: 2026-11-16 to 2026-11-23"),
        ("지난 주말", "지난 주말: 2026-11-21 to 2026-11-23"),
        ("이번 주", "이번 주: 2026-11-23 to 2026-11-30"),
        ("지난달", "지난달: 2026-10-01 to 2026-11-01"),
        ("작년", "작년: 2025-01-01 to 2026-01-01"),
        ("3일 전", "3일 전: 2026-11-23 to 2026-11-24"),
        ("지난 3일", "지난 3일: 2026-11-23 to now"),
        // the first that is named counts, whatever its language
        ("yesterday 上周", "yesterday: 2026-11-25 to 2026-11-26"),
        ("上周 yesterday", "上周: 2026-11-16 to 2026-11-23"),
    ]);
    for text in [
        "本周期",
        "以上周围",
        "目前天气",
        "提前天数",
        "昨今日本では",
        "日本日報",
        "かんきょう",
        "第三天前端",
        "三天",
        "登上月球",
        "제어제한",
        "그제야",
        "v3天前",
        "3日",
        "今日头条",
    ] {
        assert_eq!(found(text), "-", "{text:?}");
    }
}

#[test]
fn the_end_of_the_year_9999_is_for_ever_and_no_mistake() {
    let now = ms(NOW);
    let at = |text: &str, end| moment(text, now, &zone(), end);
    let last = jiff::Timestamp::MAX.as_millisecond();
    for text in ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59+02:00", "9999-12-31 23:59"] {
        assert_eq!(at(text, true), Some(Timestamp(last)), "{text}");
        assert!(at(text, false) < at(text, true) && at(text, false).is_some(), "{text}");
    }
    assert_eq!(at("9999-12", true), Some(Timestamp(last)));
    assert_eq!(at("9999", true), Some(Timestamp(last)));
    assert!(at("9999", false) < at("9999-12", false) && at("9999-12", false) < at("9999-12-31", false));
    for text in ["9999-12-32", "9999-12-31x", "9999-13", "99999", "9999-12-31Tz"] {
        assert_eq!(at(text, true), None, "{text}");
    }
    assert!(moment("昨天", now, &zone(), false).is_some(), "words of any language are moments");
}

#[test]
fn words_that_are_no_times() {
    for text in [
        "",
        " ",
        "it may fail",
        "march on",
        "may I",
        "the second test",
        "last commit",
        "this function",
        "last day of",
        "ago",
        "since the refactor",
        "before release",
        "next week",
        "next Monday",
        "nächsten Montag",
        "by next march",
        "from dec to hex",
        "in sat solver",
        "sun and sec",
        "3 days",
        "version 2026",
        "at 2048 bytes",
        "chunk of 2024",
        "2026-13-01",
        "2026-13",
        "x-2026-03-05",
        "1.2026.3",
        "5.3.2026.1",
        "in 1999",
        "mid-march-x",
        "\"",
        "\0",
        "日本",
        "99999999999999999999 days ago",
        "32 May",
        "vor allem",
        "nach dem Test",
        "2026-03-05-notes",
        "in \"March\"",
        "first. March on",
    ] {
        assert_eq!(found(text), "-", "{text:?}");
    }
}

#[test]
fn moments_as_people_write_them() {
    let now = ms(NOW);
    let day = 86_400_000;
    for (text, from, to) in [
        ("2026-11-01", "2026-11-01", "2026-11-02"),
        // the day on which clocks went back has 25 hours
        ("2026-10-25", "2026-10-25", "2026-10-26"),
        ("2026-11", "2026-11-01", "2026-12-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-11-01T09:30", "2026-11-01T09:30:00", "2026-11-01T09:30:00"),
        ("2026-11-01T09:30:00Z", "2026-11-01T10:30:00", "2026-11-01T10:30:00"),
        ("2026-11-01T09:30:00-05:00", "2026-11-01T15:30:00", "2026-11-01T15:30:00"),
        ("today", "2026-11-26", "2026-11-27"),
        (" Yesterday ", "2026-11-25", "2026-11-26"),
        ("gestern", "2026-11-25", "2026-11-26"),
        ("last week", "2026-11-16", "2026-11-23"),
        ("1764547200000", "2025-12-01T01:00:00", "2025-12-01T01:00:00"),
        ("1764547200", "2025-12-01T01:00:00", "2025-12-01T01:00:00"),
    ] {
        let both = [false, true].map(|end| moment(text, now, &zone(), end).map(local));
        assert_eq!(both, [Some(from.to_owned()), Some(to.to_owned())], "{text:?}");
    }
    for (text, ms) in [(" 7d ", 7 * day), ("12h", day / 2), ("30m", day / 48), ("2w", 14 * day), ("0d", 0)] {
        assert_eq!(moment(text, now, &zone(), true), Some(now.plus_ms(-ms)), "{text:?}");
    }
    for text in [
        "",
        "d",
        "-3d",
        "7",
        "7y",
        "20261101",
        "9223372036854775807w",
        "2026-13-01",
        "2026-13",
        "0000",
        "soon",
        "the last week or so",
        "99999999999999",
        "２０２６",
        "ä",
        "+2026-01",
        "before March",
    ] {
        assert_eq!(moment(text, now, &zone(), false), None, "{text:?}");
    }
}

const WORDS: &str = "today|yesterday|gestern|last|this|past|week|month|year|day|days|hours|weekend|night|monday|fri|march|may|mai|\
    5|29|31|3|2026|1970|2199|9999|2026-03-05|1970-01-01|2199-12-31|5th|of|in|on|since|before|after|until|vor|seit|between|and|from|to|ago|a|\
    few|couple|昨天|上周五|3天前|지난 3일|last|letzte|woche|tagen|the|,|\\.|il|y|a|hace|depuis|du|au|de|hier|domingo|lundi|mars|pasado|next|semaine|dernière|avant-hier|días|últimos|5\\.3\\.2026|february";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_words_of_time_break_anything(
        words in proptest::collection::vec(WORDS, 0..6), now in any::<i64>(), near in 0_i64..5_000_000_000_000,
    ) {
        let text = words.join(" ");
        for now in [Timestamp(now), Timestamp(near)] {
            for zone in [TimeZone::UTC, zone(), TimeZone::get("America/Sao_Paulo").unwrap(), TimeZone::get("Pacific/Apia").unwrap()] {
                if let Some(found) = window(&text, now, &zone) {
                    prop_assert!(found.from < found.until && text.contains(&found.said), "{:?}", found);
                }
                let both = [false, true].map(|end| moment(&text, now, &zone, end));
                prop_assert!(both[0].is_none() || both[0] <= both[1]);
            }
        }
    }

    #[test]
    fn what_was_lies_before_now(
        text in "(last|past|letzte) (week|month|year|monday|friday|sunday|march|november|weekend|night|2 days|3 weeks|5 months|hours)|yesterday|gestern",
        now in 1_000_000_000_000_i64..4_000_000_000_000,
    ) {
        let found = window(&text, Timestamp(now), &zone()).unwrap();
        prop_assert!(found.until <= Timestamp(now) && found.from < found.until, "{:?}", found);
    }

    #[test]
    fn any_text_is_read(text in r"\PC{0,60}") {
        let now = ms(NOW);
        if let Some(found) = window(&text, now, &zone()) {
            prop_assert!(found.from < found.until);
        }
        let _any = moment(&text, now, &zone(), true);
    }
}

#[test]
fn a_window_knows_its_own_words() {
    let of = |said: &str| Window { said: said.to_owned(), from: Timestamp(0), until: Timestamp(1) };
    for (said, written, names) in [
        ("Last week", "last", true),
        ("last week", "Week", true),
        ("last week", "as", false),
        ("2026-11-18", "2026-11-18", true),
        ("2026-11-18", "11", true),
        ("昨天", "昨天", true),
        ("上个星期", "个星", true),
        ("昨天", "做了", false),
    ] {
        assert_eq!(of(said).names(written), names, "{written} of {said}");
    }
}
