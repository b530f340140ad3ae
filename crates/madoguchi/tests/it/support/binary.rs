//! A run of the binary: what it said and how it ended.

use std::ffi::OsStr;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::PATIENCE;

/// The binary, apart from whatever the person who runs the tests has configured.
pub(crate) fn madoguchi() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    command.env_remove("MADOGUCHI_CONFIG").env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    command
}

/// Runs the binary with arguments.
#[track_caller]
pub(crate) fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Said {
    let mut command = madoguchi();
    command.args(arguments);
    Said::of(command)
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
    /// Most memory that it held at a time, as far as it was seen.
    pub(crate) peak_mb: u64,
}

impl Said {
    /// Runs a command to its end.
    #[track_caller]
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let out = listen(child.stdout.take());
        let err = listen(child.stderr.take());
        let started = Instant::now();
        let mut peak_mb = 0;
        let status = loop {
            peak_mb = peak_mb.max(peak(child.id()));
            if let Some(status) = child.try_wait().expect("a status") {
                break status;
            }
            if started.elapsed() > PATIENCE {
                child.kill().expect("killed");
                panic!("{command:?} did not end within {PATIENCE:?}");
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        let text = |thread: std::thread::JoinHandle<Vec<u8>>| {
            String::from_utf8(thread.join().expect("read")).expect("what the binary says is UTF-8")
        };
        Said { status, out: text(out), err: text(err), peak_mb }
    }

    /// It worked and complained about nothing. Returns what it printed.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.status.code(), Some(0), "{}{}", self.out, self.err);
        assert_eq!(self.err, "");
        self.out
    }

    /// It ended with a code, whatever it said.
    #[track_caller]
    pub(crate) fn status_is(&self, code: i32) {
        assert_eq!(self.status.code(), Some(code), "{}{}", self.out, self.err);
    }

    /// It worked; what it printed as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        let text = self.done();
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    /// It ended with a code and said why and what to do, in words that hold all of `parts`. Returns the words.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, parts: &[&str]) -> String {
        assert_eq!(self.status.code(), Some(code), "{}{}", self.out, self.err);
        assert!(self.err.starts_with("madoguchi: "), "{}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        }
        assert_eq!(self.out, "", "whoever reads results reads no error");
        self.err
    }
}

fn listen(stream: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    let mut stream = stream.expect("a pipe");
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("read");
        bytes
    })
}

/// The highest memory of a process so far; 0 where the system does not tell.
fn peak(process: u32) -> u64 {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
}
