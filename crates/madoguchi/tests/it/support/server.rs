//! A served city.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc;

use super::http::{Answer, request};
use super::{City, PATIENCE, dictionary};

/// A process that serves a city. It ends with the test.
pub(crate) struct Server {
    child: Child,
    /// The citizens' face.
    pub(crate) public: SocketAddr,
    /// The staff's face.
    pub(crate) staff: SocketAddr,
    clients: AtomicU16,
}

impl Server {
    /// Serves a city on two free ports.
    pub(crate) fn of(city: &City) -> Self {
        dictionary();
        let mut command = city.command(["serve"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let (say, hear) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let err = BufReader::new(child.stderr.take().expect("a pipe"));
        // The pipes are read to their end, or the server would stop to write.
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _after_the_start = say.send(line);
            }
        });
        std::thread::spawn(move || {
            for line in err.lines().map_while(Result::ok) {
                eprintln!("server: {line}");
            }
        });
        let port = || {
            let line = hear.recv_timeout(PATIENCE).expect("the server says where it listens");
            let port = line.trim_end_matches('/').rsplit(':').next().and_then(|p| p.parse().ok());
            SocketAddr::from(([127, 0, 0, 1], port.unwrap_or_else(|| panic!("no port in {line:?}"))))
        };
        let (public, staff) = (port(), port());
        Server { child, public, staff, clients: AtomicU16::new(0) }
    }

    /// A page of the citizens' face.
    #[track_caller]
    pub(crate) fn get(&self, target: &str) -> Answer {
        self.request("GET", target, &[], "").expect("an answer")
    }

    /// Anything of the citizens' face; `None` if nobody answers. Unless it says another, each request
    /// comes from an address of its own, so that limits do not meet tests of other things.
    pub(crate) fn request(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let [a, b] = self.clients.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let client = format!("198.18.{a}.{b}");
        let mut headers = headers.to_vec();
        if headers.iter().all(|(name, _)| *name != "X-Forwarded-For") {
            headers.push(("X-Forwarded-For", &client));
        }
        request(self.public, method, target, &headers, body)
    }

    /// Memory that it holds now, in megabytes; 0 where the system does not tell.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
    }

    /// Ends it as the power does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Asks it to end, as a system that shuts down does; returns its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let asked = std::process::Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.expect("kill").success());
        let (status, _) = super::until("the server ends", PATIENCE, || self.child.try_wait().expect("a status"));
        status.code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}
