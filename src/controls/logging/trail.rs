//! 2.1, 2.2, 2.4 and 2.7: how the trails are set up.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 2.1
pub(super) const EVERY_REGION: Control = Control {
    id: ControlId::new(2, 1),
    level: Level::One,
    scored: true,
    title: "CloudTrail records every region",
    why: "Intruders like regions that nobody looks at. What is not recorded cannot be investigated.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};

/// 2.2
pub(super) const VALIDATION: Control = Control {
    id: ControlId::new(2, 2),
    level: Level::Two,
    scored: true,
    title: "Trails sign a digest of their log files",
    why: "The digests show whether a log file was altered or removed after it was delivered.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};

/// 2.4
pub(super) const CLOUDWATCH_LOGS: Control = Control {
    id: ControlId::new(2, 4),
    level: Level::One,
    scored: true,
    title: "Trails deliver to CloudWatch Logs",
    why: "Events arrive there within minutes and can raise alarms: 3.1 to 3.14 rest on it.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};

/// 2.7
pub(super) const ENCRYPTION: Control = Control {
    id: ControlId::new(2, 7),
    level: Level::Two,
    scored: true,
    title: "Trails encrypt their logs with a KMS key",
    why: "Reading the logs then takes rights on the key: getting at the bucket is not enough.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};
