//! What the SDK drives: who we are, which tools there are, and each call on a thread of its own.
//!
//! Leaving is the caller's business: the end of its input, SIGINT and SIGTERM all end in "what is answered is written,
//! exit 0". A call that panics is an error in its result, and the next call finds a fresh `Searcher`. Must not decide what
//! a tool says.

use std::io::{self, BufReader};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mem_core::layout;
use mem_daemon::questions::Searcher;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorCode, Implementation,
    InitializeRequestParams, InitializeResult, ListToolsResult, PaginatedRequestParams, ServerCapabilities,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt};
use signal_hook::consts::{SIGINT, SIGTERM};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::calls;
use super::pipe::{Out, Pipe};
use super::tools::{INSTRUCTIONS, TOOLS};
use crate::commands::desk::{Desk, VERSION};
use crate::env;
use crate::failure::Failure;

/// How long an answer may take to be written once we leave; Claude Code kills 500 ms after its SIGINT.
const FLUSH: Duration = Duration::from_millis(250);
/// Bytes read at once; a line is rarely longer.
const BUFFER: usize = 64 * 1024;

/// What a call says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reply {
    /// Texts, each a block of its own.
    pub(super) texts: Vec<String>,
    /// Whether the call did not do what was asked.
    pub(super) failed: bool,
}

/// Whether there is a memory to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Yes.
    Open,
    /// The user switched everything off: tools are there and say so.
    Off,
    /// The client is a child of our own observer: it gets no tools and no word, since what it is to judge is in its prompt.
    Within,
}

/// The tools with what they work on.
struct Server {
    desk: Arc<Desk>,
    searcher: Arc<Mutex<Searcher>>,
    standing: Standing,
}

/// Serves the client on stdin and stdout until it leaves.
///
/// # Errors
/// [`Failure`] when the machine refuses threads or signals.
pub(crate) fn run(desk: Desk) -> Result<(), Failure> {
    panic::set_hook(Box::new(|_said_in_the_result| {}));
    let (end, mut ended) = unbounded_channel();
    hear_signals(end.clone())?;
    let out = Out::open(io::stdout(), end);
    let pipe = Pipe::open(BufReader::with_capacity(BUFFER, io::stdin()), out.clone());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(AT_ONCE).build()?;
    let server = Server::new(desk);
    runtime.block_on(async {
        tokio::select! {
            () = serve(server, pipe) => {}
            _ = ended.recv() => {}
        }
    });
    // a call that still runs only reads, or drains as the next one will
    runtime.shutdown_background();
    out.flush(FLUSH);
    Ok(())
}

async fn serve(server: Server, pipe: Pipe) {
    // an error means that the client left before it had begun
    if let Ok(running) = server.serve(pipe).await {
        let _how_it_ended = running.waiting().await;
    }
}

fn hear_signals(end: UnboundedSender<()>) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        for _signal in signals.forever() {
            let _already_leaving = end.send(());
        }
    });
    Ok(())
}

impl Server {
    fn new(desk: Desk) -> Self {
        let standing = if env::is_within() {
            Standing::Within
        } else if env::hooks_are_off() || desk.home().path(layout::DISABLED).exists() {
            Standing::Off
        } else {
            Standing::Open
        };
        Self { desk: Arc::new(desk), searcher: Arc::default(), standing }
    }
}

impl ServerHandler for Server {
    async fn initialize(
        &self,
        request: InitializeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let settled = self.negotiate_initialize(&request)?;
        let said = InitializeResult::new(ServerCapabilities::builder().enable_tools().build())
            .with_protocol_version(settled.protocol_version)
            .with_server_info(Implementation::new("claude-mem", VERSION));
        Ok(if self.standing == Standing::Open { said.with_instructions(INSTRUCTIONS) } else { said })
    }

    async fn list_tools(
        &self,
        _all_on_one_page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let shown = if self.standing == Standing::Within { &[][..] } else { &TOOLS };
        Ok(ListToolsResult::with_all_items(shown.iter().map(super::tools::Tool::listed).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let known = TOOLS.iter().find(|tool| tool.name == request.name);
        let Some(tool) = known.filter(|_| self.standing != Standing::Within) else {
            let message = format!("there is no tool {:?} here", request.name);
            return Err(ErrorData::new(ErrorCode::INVALID_PARAMS, message, None));
        };
        if self.standing == Standing::Off {
            return Ok(result(Reply::failed(OFF)));
        }
        let (desk, searcher) = (Arc::clone(&self.desk), Arc::clone(&self.searcher));
        let arguments = request.arguments.unwrap_or_default();
        let work = move || guarded(&searcher, || calls::call(tool.name, &desk, &searcher, arguments));
        let said = tokio::task::spawn_blocking(work).await;
        Ok(result(said.unwrap_or_else(|_gone| Reply::failed(STUMBLED))))
    }
}

/// Most calls that are worked on at once; others wait, since each takes a thread and reads the same disk.
const AT_ONCE: usize = 8;
const OFF: &str = "claude-mem is switched off here (CLAUDE_MEM_DISABLE, or a file `disabled` in its data directory): \
                   nothing was searched.";
const STUMBLED: &str = "claude-mem stumbled over this call; this is a mistake of claude-mem.";

/// Does the work; a panic becomes an answer, and what it kept is thrown away, since it may be half written.
pub(super) fn guarded(searcher: &Mutex<Searcher>, work: impl FnOnce() -> Reply) -> Reply {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|thrown| {
        *searcher.lock().unwrap_or_else(PoisonError::into_inner) = Searcher::default();
        searcher.clear_poison();
        let said = thrown.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| thrown.downcast_ref::<&str>().copied()).unwrap_or("no words");
        Reply::failed(format!("{STUMBLED} ({said})"))
    })
}

impl Reply {
    /// One text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { texts: vec![text.into()], failed: false }
    }

    /// What kept the call from doing what was asked.
    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self { texts: vec![text.into()], failed: true }
    }
}

fn result(reply: Reply) -> CallToolResponse {
    let blocks = reply.texts.into_iter().map(ContentBlock::text).collect();
    if reply.failed { CallToolResult::error(blocks).into() } else { CallToolResult::success(blocks).into() }
}
