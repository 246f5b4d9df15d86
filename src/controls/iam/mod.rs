mod password;
mod root;
use super::Control;
pub(super) const CONTROLS: &[&Control] = &[
    &password::CONTROLS[0],
    &password::CONTROLS[1],
    &password::CONTROLS[2],
    &password::CONTROLS[3],
    &password::CONTROLS[4],
    &password::CONTROLS[5],
    &password::CONTROLS[6],
    &root::NO_ACCESS_KEY,
    &root::HARDWARE_MFA,
];
