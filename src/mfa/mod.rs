//! MFA devices of users: names, kinds, codes, the seed of a new one, and whom a list shows.
//!
//! Pure. The seed is kept in memory that is wiped, and shown only to the person who asks for it.

mod code;
mod device;
mod listing;
mod seed;
mod user;

pub use code::{Code, CodeError, Codes};
pub use device::{Device, DeviceKind, MOST_DEVICES, NameChoice, choose_name};
pub use listing::{Candidate, Listed, candidates, listed};
pub use seed::{NewDevice, Seed};
pub use user::{UserNameError, WhoError, check_user, user_of_arn};
