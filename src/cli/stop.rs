//! Being asked to end: Ctrl-C, or a termination signal. One listener, from the first call to the last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::error::{CommandError, Kind};
use crate::exit::Exit;
use crate::ui::Terminal;

/// Whether somebody asked harden to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    asked: AtomicBool,
    woken: Notify,
    /// A prompt waits for a key and hears of nothing else.
    prompting: AtomicBool,
}

impl Stop {
    /// Listens for ever.
    pub(super) async fn listen(self, terminal: Terminal) {
        loop {
            termination().await;
            if self.0.prompting.load(Ordering::SeqCst) {
                leave(terminal);
            }
            self.0.asked.store(true, Ordering::SeqCst);
            self.0.woken.notify_waiters();
        }
    }

    /// Takes the end of the terminal for being asked to end, for ever.
    ///
    /// Only for what needs a person there: whoever starts `apply` with `nohup` wants it to go on.
    pub(super) async fn heed_hangup(self) {
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        while hangup.recv().await.is_some() {
            self.0.asked.store(true, Ordering::SeqCst);
            self.0.woken.notify_waiters();
        }
    }

    /// For those who look now and then.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.0.asked
    }

    /// Whether somebody has asked.
    pub(super) fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Resolves once somebody has asked.
    pub(super) async fn asked(&self) {
        loop {
            let woken = self.0.woken.notified();
            if self.is_asked() {
                return;
            }
            woken.await;
        }
    }

    /// Asks a person something; being asked to end meanwhile ends harden at once.
    pub(super) fn while_prompting<T>(&self, prompt: impl FnOnce() -> T) -> T {
        self.0.prompting.store(true, Ordering::SeqCst);
        let answer = prompt();
        self.0.prompting.store(false, Ordering::SeqCst);
        answer
    }

    /// Does work that changes nothing, and ends it as soon as somebody asks for that.
    pub(super) async fn unless_asked<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, CommandError> {
        tokio::select! {
            done = work => Ok(done),
            () = self.asked() => Err(stopped()),
        }
    }
}

/// What is said where nothing was changed yet.
pub(super) fn stopped() -> CommandError {
    CommandError::new(Kind::Interrupted, "stopped: nothing was changed")
}

#[expect(clippy::exit, reason = "nothing else ends a prompt; nothing was begun yet")]
fn leave(terminal: Terminal) -> ! {
    let _ = terminal.show_cursor();
    let _ = terminal.error(&stopped());
    std::process::exit(Exit::Interrupted.number().into())
}

async fn termination() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => {
            if interrupted.is_err() {
                std::future::pending::<()>().await;
            }
        }
        _ = terminate.recv() => {}
    }
}
