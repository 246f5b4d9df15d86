//! 3.1 to 3.14: what must not happen unseen. One table, a row for each.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// One alarm that the benchmark asks for.
#[derive(Clone, Copy, Debug)]
struct Alarm {
    /// The number of the control in section 3.
    number: u8,
    level: Level,
    /// What is watched, as the title of the control.
    title: &'static str,
    why: &'static str,
}

const ALARMS: &[Alarm; 14] = &[
    Alarm {
        number: 1,
        level: Level::One,
        title: "Unauthorized API calls raise an alarm",
        why: "A run of refused calls is often somebody trying out what stolen credentials can do.",
    },
    Alarm {
        number: 2,
        level: Level::One,
        title: "Console sign-in without MFA raises an alarm",
        why: "Such a sign-in rests on a password alone, and a password is easily stolen.",
    },
    Alarm {
        number: 3,
        level: Level::One,
        title: "Use of root raises an alarm",
        why: "Root is rarely needed: each use is either planned or an emergency.",
    },
    Alarm {
        number: 4,
        level: Level::One,
        title: "IAM policy changes raise an alarm",
        why: "A changed policy can give an intruder rights that last.",
    },
    Alarm {
        number: 5,
        level: Level::One,
        title: "CloudTrail changes raise an alarm",
        why: "Those who want to stay unseen turn the recording off first.",
    },
    Alarm {
        number: 6,
        level: Level::Two,
        title: "Failed console sign-ins raise an alarm",
        why: "Many failures in a short time point to somebody guessing passwords.",
    },
    Alarm {
        number: 7,
        level: Level::Two,
        title: "Disabling or deleting a KMS key raises an alarm",
        why: "Data under a disabled key cannot be read, and under a deleted one never again. \
              Deletion waits for days: time to stop it.",
    },
    Alarm {
        number: 8,
        level: Level::One,
        title: "S3 bucket policy changes raise an alarm",
        why: "One statement can open a bucket to the world.",
    },
    Alarm {
        number: 9,
        level: Level::Two,
        title: "AWS Config changes raise an alarm",
        why: "While nothing is recorded or delivered, changes to resources leave no history.",
    },
    Alarm {
        number: 10,
        level: Level::Two,
        title: "Security group changes raise an alarm",
        why: "One new rule can put a private service on the internet.",
    },
    Alarm {
        number: 11,
        level: Level::Two,
        title: "Network ACL changes raise an alarm",
        why: "A network ACL governs whole subnets: one entry can expose them or cut them off.",
    },
    Alarm {
        number: 12,
        level: Level::One,
        title: "Network gateway changes raise an alarm",
        why: "Traffic enters and leaves through gateways: a new one can be a way out for data.",
    },
    Alarm {
        number: 13,
        level: Level::One,
        title: "Route table changes raise an alarm",
        why: "A changed route can lead traffic past a firewall, or nowhere.",
    },
    Alarm {
        number: 14,
        level: Level::One,
        title: "VPC changes raise an alarm",
        why: "A new peering connection can join a private network to that of a stranger.",
    },
];

impl Alarm {
    const fn control(&self) -> Control {
        Control {
            id: ControlId::new(3, self.number),
            level: self.level,
            scored: true,
            title: self.title,
            why: self.why,
            assess: Assess::NotInThisVersion,
            remedy: Remedy::NotInThisVersion,
        }
    }
}

/// The controls, row by row.
#[expect(clippy::indexing_slicing, reason = "out of bounds would not compile")]
pub(super) const CONTROLS: &[Control; ALARMS.len()] = &{
    let mut controls = [ALARMS[0].control(); ALARMS.len()];
    let mut row = 1;
    while row < ALARMS.len() {
        controls[row] = ALARMS[row].control();
        row += 1;
    }
    controls
};
