mod ports;
use super::Control;
pub(super) const CONTROLS: &[&Control] = &[&ports::CONTROLS[0], &ports::CONTROLS[1]];
