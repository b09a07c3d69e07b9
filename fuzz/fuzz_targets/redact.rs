//! Any text through the private tags and the redaction; doing it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mem_core::settings::Settings;
use mem_logic::capture::Capture;

fuzz_target!(|text: String| {
    thread_local!(static CAPTURE: Capture = Capture::new(&Settings::default(), "/d", "/h"));
    CAPTURE.with(|capture| {
        let mut once = text;
        capture.scrub_text(&mut once);
        let mut twice = once.clone();
        capture.scrub_text(&mut twice);
        assert_eq!(once, twice);
    });
});
