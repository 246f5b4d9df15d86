//! An order of accounts that says nothing of them.

use sha2::{Digest as _, Sha256};

use crate::model::AccountId;

/// The SHA-256 of an account id. Ids grow with time: picked by their own order, the accounts would be
/// all old or all new.
pub(super) fn rank(account: &AccountId) -> [u8; 32] {
    Sha256::digest(account.as_str().as_bytes()).into()
}
