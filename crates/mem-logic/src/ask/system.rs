//! The instructions: a mode's texts in our frame. The same for the same mode, byte for byte, so that services can cache
//! them; whatever varies stands in the text of the request.

use super::cut::{Keep, cut};
use crate::mode::Mode;

/// What stands between the tags is data.
const DATA: &str = include_str!("data.txt");
/// What a reply is; stands last, and holds against whatever a mode says.
const REPLY: &str = include_str!("reply.txt");

/// Most characters of the instructions; ours take a quarter of it.
const MOST: usize = 24_000;
/// Most characters of each of a mode's texts; the first with which all of it fits is taken.
const TEXTS: [usize; 5] = [6_000, 2_000, 800, 300, 100];

/// The instructions for a mode.
pub(super) fn system(mode: &Mode) -> String {
    let mut text = String::new();
    for limit in TEXTS {
        text = Words { mode, limit }.system();
        if text.chars().count() <= MOST {
            break;
        }
    }
    text
}

struct Words<'a> {
    mode: &'a Mode,
    limit: usize,
}

impl Words<'_> {
    fn system(&self) -> String {
        let blocks = [
            self.text("system_identity"),
            self.text("observer_role"),
            DATA.trim().to_owned(),
            self.text("spatial_awareness"),
            self.text("recording_focus"),
            self.text("skip_guidance"),
            self.text("output_format_header"),
            self.observation(),
            self.text("format_examples"),
            self.text("summary_instruction"),
            self.text("summary_format_instruction"),
            self.summary(),
            self.text("footer"),
            REPLY.trim().to_owned(),
            self.text("language"),
        ];
        let kept: Vec<&str> = blocks.iter().map(String::as_str).filter(|block| !block.is_empty()).collect();
        kept.join("\n\n")
    }

    fn text(&self, key: &str) -> String {
        cut(self.mode.text(key).trim(), self.limit, Keep::Head)
    }

    fn comment(&self, key: &str) -> String {
        match self.text(key) {
            text if text.is_empty() => String::new(),
            text => format!("\n  <!-- {text} -->"),
        }
    }

    fn observation(&self) -> String {
        let place = |key: &str| format!("[{}]", self.text(&format!("xml_{key}_placeholder")));
        let list = |tag: &str, item: &str, times: usize| {
            let items = format!("\n    <{item}>{}</{item}>", place(item)).repeat(times);
            format!("\n  <{tag}>{items}\n  </{tag}>")
        };
        format!(
            "<observation>\n  <type>[ {} ]</type>{}\n  <title>{}</title>\n  <subtitle>{}</subtitle>{}{}\n  \
             <narrative>{}</narrative>{}{}{}{}\n</observation>",
            self.mode.kind_ids().join(" | "),
            self.comment("type_guidance"),
            place("title"),
            place("subtitle"),
            list("facts", "fact", 3),
            self.comment("field_guidance"),
            place("narrative"),
            list("concepts", "concept", 2),
            self.comment("concept_guidance"),
            list("files_read", "file", 2),
            list("files_modified", "file", 2),
        )
    }

    fn summary(&self) -> String {
        let fields: Vec<String> = ["request", "investigated", "learned", "completed", "next_steps", "notes"]
            .iter()
            .map(|field| {
                let place = self.text(&format!("xml_summary_{field}_placeholder"));
                format!("\n  <{field}>[{place}]</{field}>")
            })
            .collect();
        format!("<summary>{}\n</summary>", fields.concat())
    }
}
