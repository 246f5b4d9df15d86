//! How far the reading has come, for the one who waits.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How far the reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Parts read.
    pub done: usize,
    /// Parts to read: one for each region, one for the account, one for its trails, one for what the
    /// baseline names, one for its alarms and topics.
    pub total: usize,
}

/// Counts parts for the one who waits.
pub(super) struct Counter<'a> {
    done: AtomicUsize,
    total: AtomicUsize,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> Counter<'a> {
    pub(super) fn new(progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { done: AtomicUsize::new(0), total: AtomicUsize::new(0), progress }
    }

    /// Says how many parts there are. Before that, nobody can tell how far things are.
    pub(super) fn expect(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
        self.tell();
    }

    pub(super) fn one_more(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }

    fn tell(&self) {
        let [done, total] = [&self.done, &self.total].map(|n| n.load(Ordering::Relaxed));
        if total > 0 {
            (self.progress)(Progress { done, total });
        }
    }
}
