//! Stands between harden and the emulator, sees every call, and lets some go wrong.
//!
//! What services say when they refuse a call is the emulator's to word; the proxy has it say so.

mod call;
mod rule;
mod wire;

use std::io::{BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

pub(crate) use rule::{Fault, Rule, random};
use wire::Message;

use crate::support::account::Call;

/// A call, and what went wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// `succeeded` if the emulator executed it, whether or not harden was told.
    pub(crate) call: Call,
    pub(crate) fault: Option<Fault>,
}

/// Listens on loopback until the test is over.
pub(crate) struct Proxy {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

struct Inner {
    upstream: String,
    state: Mutex<State>,
    /// A call is over.
    over: Condvar,
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
    under_way: usize,
    /// The process that signals are for.
    victim: Option<u32>,
}

impl Proxy {
    /// Passes on to the emulator at this address.
    pub(crate) fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let (state, over) = (Mutex::default(), Condvar::new());
        let inner = Arc::new(Inner { upstream, state, over });
        let shared = inner.clone();
        // It ends with the process: nobody waits for it.
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (shared, client) = (shared.clone(), client.unwrap());
                std::thread::spawn(move || shared.serve(&client));
            }
        });
        Self { url, inner }
    }

    /// Lets calls go wrong; where several rules fit, the first decides.
    pub(crate) fn rule(&self, rule: Rule) {
        self.inner.state().rules.push(rule);
    }

    /// Lets all calls go right again, and forgets those that it saw.
    pub(crate) fn clear(&self) {
        let mut state = self.settled();
        state.rules.clear();
        state.seen.clear();
    }

    /// Signals are for this process from now on.
    pub(crate) fn aim(&self, process: u32) {
        self.inner.state().victim = Some(process);
    }

    /// All calls since the last clearing, once none is under way.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.settled().seen.clone()
    }

    fn settled(&self) -> MutexGuard<'_, State> {
        let state = self.inner.state();
        self.inner.over.wait_while(state, |state| state.under_way > 0).unwrap()
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Serves one connection until somebody closes it.
    fn serve(&self, client: &TcpStream) {
        client.set_nodelay(true).unwrap();
        let mut reader = BufReader::new(client.try_clone().unwrap());
        // A client that was killed breaks off wherever it is.
        while let Ok(Some(request)) = wire::request(&mut reader) {
            let (place, fault) = self.begin(&request);
            let keeps = self.exchange(request, place, fault, client);
            self.end();
            if !keeps {
                let _ = client.shutdown(Shutdown::Both);
                return;
            }
        }
    }

    fn begin(&self, request: &Message) -> (usize, Option<Fault>) {
        let call = call::call(request).unwrap_or_else(|| panic!("no call: {request:?}"));
        let mut state = self.state();
        let fault = state.rules.iter_mut().find_map(|rule| rule.take(&call));
        state.seen.push(Seen { call, fault });
        state.under_way += 1;
        (state.seen.len() - 1, fault)
    }

    fn end(&self) {
        self.state().under_way -= 1;
        self.over.notify_all();
    }

    /// One call and its answer. Whether the connection goes on.
    fn exchange(
        &self,
        mut request: Message,
        place: usize,
        fault: Option<Fault>,
        mut client: &TcpStream,
    ) -> bool {
        match fault {
            Some(Fault::DropBefore) => return false,
            Some(Fault::Hang) => {
                let _ = client.read(&mut [0]);
                return false;
            }
            Some(Fault::Unavailable) => return client.write_all(&unavailable().bytes()).is_ok(),
            Some(Fault::Refused(kind)) => request.set("X-Emulator-Fault", kind),
            Some(Fault::ShortPages) => request.set("X-Emulator-Page", "1"),
            _ => {}
        }
        let Ok(Some(answer)) = wire::ask(&self.upstream, &request) else { return false };
        self.state().seen[place].call.succeeded = answer.status() / 100 == 2;
        match fault {
            Some(Fault::DropAfter) => false,
            Some(Fault::Truncate) => {
                let bytes = answer.bytes();
                let half = bytes.len() - answer.body.len().div_ceil(2).max(1);
                let _ = client.write_all(&bytes[..half]);
                false
            }
            Some(Fault::Garble) => client.write_all(&garbled(answer).bytes()).is_ok(),
            Some(Fault::SignalBeforeAnswer(name)) => {
                self.signal(name);
                // Whoever is asked to end, and not killed, still gets the answer.
                name != "KILL" && client.write_all(&answer.bytes()).is_ok()
            }
            Some(Fault::SignalAfterAnswer(name)) => {
                let keeps = client.write_all(&answer.bytes()).is_ok();
                self.signal(name);
                keeps
            }
            _ => client.write_all(&answer.bytes()).is_ok(),
        }
    }

    fn signal(&self, name: &str) {
        let victim = self.state().victim.expect("nobody to send a signal to");
        // It may just have ended by itself.
        let _ = Command::new("kill").args(["-s", name, &victim.to_string()]).output().unwrap();
    }
}

fn unavailable() -> Message {
    let body = b"<html><body><h1>503 Service Unavailable</h1></body></html>".to_vec();
    let headers = vec![
        ("Content-Type".to_owned(), "text/html".to_owned()),
        ("Content-Length".to_owned(), body.len().to_string()),
    ];
    Message { first: "HTTP/1.1 503 Service Unavailable".to_owned(), headers, body }
}

fn garbled(mut answer: Message) -> Message {
    answer.body.fill(0xff);
    answer
}
