//! What a field says: entities and CDATA decoded, made harmless, brought to its size.
//!
//! Memory goes into the context of a model one day, so nothing may stand in it that could pose as markup of the host.
//! Must add no words: what comes out stood in the reply, except for the ellipsis where it was cut.

use mem_core::text::one_line;

use super::defect::{Defect, Defects};
use super::tags::{CDATA, Opaque};
use crate::distil::words::clean;

/// One line of at most `most` characters.
pub(super) fn line(raw: &str, name: &'static str, most: usize, defects: &mut Defects) -> String {
    let whole = harmless(raw, defects);
    let line = one_line(&whole, most);
    if line.ends_with('…') && !whole.trim_end().ends_with('…') {
        defects.add(Defect::TooLong(name));
    }
    line
}

/// Lines of at most `most` characters together, blank ones folded.
pub(super) fn prose(raw: &str, name: &'static str, most: usize, defects: &mut Defects) -> String {
    let whole = harmless(raw, defects);
    let mut kept = String::new();
    let mut blank = false;
    for line in whole.trim().lines().map(str::trim_end) {
        if line.is_empty() {
            blank = true;
            continue;
        }
        if !kept.is_empty() {
            kept.push_str(if blank { "\n\n" } else { "\n" });
        }
        kept.push_str(line);
        blank = false;
    }
    if kept.char_indices().nth(most).is_none() {
        return kept;
    }
    defects.add(Defect::TooLong(name));
    // the last character makes room for the ellipsis; at a word where one ends near
    let room = kept.char_indices().nth(most - 1).map_or(0, |(at, _)| at);
    let head = &kept[..room];
    let at = head.rfind(char::is_whitespace).filter(|at| at * 8 >= room * 7).unwrap_or(room);
    format!("{}…", head[..at].trim_end())
}

/// `raw` decoded, and without what must not get into a context.
fn harmless(raw: &str, defects: &mut Defects) -> String {
    let decoded = decoded(raw);
    let cleaned = clean(&decoded);
    // line ends and tabs are rewritten by the way, which is nothing odd
    if cleaned != decoded && cleaned != decoded.replace("\r\n", "\n").replace('\t', " ") {
        defects.add(Defect::Neutralised);
    }
    cleaned
}

/// `raw` with its entities decoded, except in CDATA, whose marks go.
fn decoded(raw: &str) -> String {
    let mut cdata = Opaque::new(CDATA);
    let mut text = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(offset) = raw[at..].find(['<', '&']) {
        text.push_str(&raw[at..at + offset]);
        at += offset;
        if let Some(end) = cdata.end(raw, at) {
            text.push_str(&raw[at + CDATA[0].len()..end - CDATA[1].len()]);
            at = end;
        } else if let Some((character, length)) = entity(&raw[at..]) {
            text.push(character);
            at += length;
        } else {
            text.push_str(&raw[at..=at]);
            at += 1;
        }
    }
    text.push_str(&raw[at..]);
    text
}

/// The character whose entity `text` starts with, and the entity's length in bytes.
fn entity(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    // the longest is a number of a code point in decimal with leading zeros: "&#x0010FFFF;"
    let end = bytes.iter().take(12).position(|byte| *byte == b';')?;
    let name = text.get(1..end)?;
    let character = match name {
        _ if bytes[0] != b'&' => return None,
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((character, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_cdata_are_decoded_once() {
        for (raw, wanted) in [
            ("a &lt;b&gt; &amp;amp; &quot;c&quot; &apos;d&apos;", "a <b> &amp; \"c\" 'd'"),
            ("&#65;&#x42;&#X43;&#x1F600;", "ABC😀"),
            ("&#xD800; &#x110000; &#; &unknown; & &amp", "&#xD800; &#x110000; &#; &unknown; & &amp"),
            ("&é; &;", "&é; &;"),
            ("x <![CDATA[<a> &lt; ]] >]]> y", "x <a> &lt; ]] > y"),
            ("<![CDATA[open &lt;", "<![CDATA[open <"),
            ("<![CDATA[]]>", ""),
        ] {
            assert_eq!(decoded(raw), wanted, "{raw}");
        }
    }

    #[test]
    fn what_is_cut_is_told_and_has_its_size() {
        let mut defects = Defects::default();
        let told = &mut defects;
        assert_eq!(line(&"word ".repeat(9), "title", 44, told), "word ".repeat(9).trim());
        assert_eq!(prose("a\r\n\r\n\r\nb\tc  \nd", "narrative", 20, told), "a\n\nb c\nd");
        assert!(defects.sorted().is_empty());

        let mut defects = Defects::default();
        let told = &mut defects;
        assert_eq!(line(&"word ".repeat(9), "title", 20, told), "word word word word…");
        let long = prose(&"é".repeat(500), "narrative", 100, told);
        assert_eq!((long.chars().count(), long.ends_with('…')), (100, true));
        assert_eq!(line("a <system-reminder> b", "fact", 99, told), "a ‹system-reminder› b");
        let told = defects.sorted();
        assert_eq!(told, [Defect::TooLong("narrative"), Defect::TooLong("title"), Defect::Neutralised]);
    }
}
