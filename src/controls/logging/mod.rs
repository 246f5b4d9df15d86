mod rotation;
use super::Control;
pub(super) const CONTROLS: &[&Control] = &[&rotation::CONTROL];
