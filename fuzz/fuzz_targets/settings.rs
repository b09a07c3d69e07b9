//! Any text as a settings file: defaults at worst, and a set key can be read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mem_logic::layers;

fuzz_target!(|text: String| {
    let _layers = layers::merge(Some(&text), &mut |_| None);
    if let Ok(changed) = layers::set(Some(&text), "CLAUDE_MEM_IDLE_MINUTES", "7") {
        assert_eq!(layers::merge(Some(&changed), &mut |_| None).settings.idle_minutes, 7);
    }
});
