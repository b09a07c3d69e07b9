//! Any bytes as a hook payload, through capture and the distiller.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mem_core::frame::Header;
use mem_core::id::EventId;
use mem_core::settings::Settings;
use mem_logic::capture::Capture;
use mem_logic::distil::{Turn, distil};

fuzz_target!(|bytes: &[u8]| {
    let header = Header { agent: "claude-code".into(), ..Header::default() };
    let Ok(parsed) = mem_agents::claude_code::payload::parse(bytes, &header) else { return };
    let mut event = parsed.event;
    thread_local!(static CAPTURE: Capture = Capture::new(&Settings::default(), "/d", "/h"));
    CAPTURE.with(|capture| capture.judge(&mut event));
    let events = [(EventId(1), event)];
    let _made = distil(&Turn { prompt: None, events: &events, closed: true, top: "/w" });
});
