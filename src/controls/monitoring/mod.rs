use super::Control;
pub(super) const CONTROLS: &[&Control] = &[];
