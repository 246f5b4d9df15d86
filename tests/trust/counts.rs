//! What was done, and what must never be: told when a subject is through, and all of it at the end.

use std::io::Write as _;
use std::sync::Mutex;

/// How many subjects there are; the last one to end tells the sum.
const SUBJECTS: usize = 6;

static ALL: Mutex<(usize, Counts)> = Mutex::new((0, Counts::NONE));

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Runs that were killed right after a write.
    pub(crate) writes_killed: usize,
    /// Runs that were asked to end.
    pub(crate) runs_stopped: usize,
    /// Writes whose answer was lost.
    pub(crate) operations_dropped: usize,
    /// Reads that were denied, each everywhere or in a region.
    pub(crate) reads_denied: usize,
    /// Reads and writes whose answer was no answer.
    pub(crate) answers_garbled: usize,
    /// Pages that were cut to one item.
    pub(crate) pages_shrunk: usize,
    /// Calls that were throttled.
    pub(crate) calls_throttled: usize,
    /// Controls that passed though what they rest on was not seen.
    pub(crate) false_passes: usize,
    /// Changes that were planned because something was not seen.
    pub(crate) false_changes: usize,
    /// Writes that took effect more often than planned.
    pub(crate) duplicates: usize,
    /// Writes that took effect, and of which no journal tells.
    pub(crate) lost_entries: usize,
}

impl Counts {
    const NONE: Self = Self {
        writes_killed: 0,
        runs_stopped: 0,
        operations_dropped: 0,
        reads_denied: 0,
        answers_garbled: 0,
        pages_shrunk: 0,
        calls_throttled: 0,
        false_passes: 0,
        false_changes: 0,
        duplicates: 0,
        lost_entries: 0,
    };

    fn rows(&mut self) -> [(&'static str, &mut usize); 11] {
        [
            ("writes killed", &mut self.writes_killed),
            ("runs stopped", &mut self.runs_stopped),
            ("operations dropped", &mut self.operations_dropped),
            ("reads denied", &mut self.reads_denied),
            ("answers garbled", &mut self.answers_garbled),
            ("pages shrunk", &mut self.pages_shrunk),
            ("calls throttled", &mut self.calls_throttled),
            ("false passes", &mut self.false_passes),
            ("false changes", &mut self.false_changes),
            ("duplicates", &mut self.duplicates),
            ("lost journal entries", &mut self.lost_entries),
        ]
    }

    /// Adds what another case has counted.
    pub(crate) fn add(&mut self, mut other: Self) {
        for ((_, sum), (_, more)) in self.rows().into_iter().zip(other.rows()) {
            *sum += *more;
        }
    }

    fn must_be_none(&self) -> [usize; 4] {
        [self.false_passes, self.false_changes, self.duplicates, self.lost_entries]
    }
}

/// Tells what a subject has counted, and asserts that all went well.
pub(crate) fn told(subject: &str, mut counts: Counts, failures: &[String]) {
    say(subject, &mut counts);
    let (ended, mut sum) = {
        let mut all = ALL.lock().unwrap();
        all.0 += 1;
        all.1.add(counts);
        *all
    };
    if ended == SUBJECTS {
        say("trust", &mut sum);
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n\n"));
    assert_eq!(counts.must_be_none(), [0; 4], "{counts:?}");
}

/// The harness swallows what tests print, unless they go to the stream itself.
fn say(subject: &str, counts: &mut Counts) {
    let shown = counts.rows().into_iter().filter(|(name, count)| **count > 0 || never(name));
    let shown: Vec<String> = shown.map(|(name, count)| format!("{count} {name}")).collect();
    let _ = writeln!(std::io::stderr(), "\n{subject}: {}", shown.join(", "));
}

fn never(name: &str) -> bool {
    name.starts_with("false") || name == "duplicates" || name.starts_with("lost")
}

#[test]
fn counts_add_up() {
    let mut sum = Counts { reads_denied: 2, duplicates: 1, ..Counts::NONE };
    sum.add(Counts { reads_denied: 3, ..Counts::NONE });
    assert_eq!(sum, Counts { reads_denied: 5, duplicates: 1, ..Counts::NONE });
    assert_eq!(sum.must_be_none(), [0, 0, 1, 0]);
}
