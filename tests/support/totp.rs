//! What an authenticator app does: codes from a seed (RFC 6238: SHA-1, six digits, half a minute).

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

const STEP: u64 = 30;

/// The step that it is now.
pub(crate) fn now_step() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / STEP
}

/// The code of a step.
pub(crate) fn code(seed: &str, step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&decoded(seed)).unwrap();
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let number: [u8; 4] = digest[offset..offset + 4].try_into().unwrap();
    format!("{:06}", (u32::from_be_bytes(number) & 0x7fff_ffff) % 1_000_000)
}

/// Base 32.
fn decoded(seed: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for c in seed.trim_end_matches('=').chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap();
        held = (held << 5) | u32::try_from(value).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    bytes
}

#[test]
fn codes_are_those_of_the_standard() {
    // Appendix B, the last six digits.
    let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (seconds, expected) in
        [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
    {
        assert_eq!(code(seed, seconds / STEP), expected);
    }
}
