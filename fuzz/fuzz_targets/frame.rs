//! Any bytes as a frame, and as the JSON the hook peeks into.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = mem_core::frame::decode(bytes) {
        let again = mem_core::frame::encode(&frame.header, frame.payload);
        let decoded = mem_core::frame::decode(&again).expect("what we write we read");
        assert_eq!(decoded.payload, frame.payload);
    }
    let _found = mem_core::peek::top_level_strings(bytes, ["hook_event_name", "source", "cwd"]);
});
