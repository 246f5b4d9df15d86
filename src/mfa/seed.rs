//! The seed of a new device: given out by AWS once, shown once, kept nowhere.

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

/// Digits are typed in groups of this many.
const GROUP: usize = 4;
/// What apps show above the code.
const ISSUER: &str = "AWS";

/// A secret that an app makes codes from, in base 32. `Debug` does not tell it, and its memory is wiped.
#[derive(Debug)]
pub struct Seed(SecretString);

/// A virtual device that was made just now and is nobody's yet.
#[derive(Debug)]
pub struct NewDevice {
    /// Its ARN.
    pub serial: String,
    /// What its codes come from.
    pub seed: Seed,
}

impl Seed {
    /// Takes the seed as AWS gave it; `None` if it is none.
    pub fn new(text: String) -> Option<Self> {
        let text = Zeroizing::new(text);
        let base32 = |b: u8| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b) || b == b'=';
        let good = !text.is_empty() && text.bytes().all(base32);
        good.then(|| Self(SecretString::from(text.as_str())))
    }

    /// What a QR code tells an app.
    pub fn uri(&self, device: &str, account: &str) -> Zeroizing<String> {
        let (device, account) = (encoded(device), encoded(account));
        let seed = self.0.expose_secret();
        // As long as it will be: a string that grows leaves copies behind.
        let mut uri =
            Zeroizing::new(String::with_capacity(128 + device.len() + account.len() + seed.len()));
        for part in [
            "otpauth://totp/",
            ISSUER,
            ":",
            &device,
            "@",
            &account,
            "?secret=",
            seed,
            "&issuer=",
            ISSUER,
        ] {
            uri.push_str(part);
        }
        uri
    }

    /// For typing, in groups.
    pub fn groups(&self) -> Zeroizing<String> {
        let seed = self.0.expose_secret();
        let mut text = Zeroizing::new(String::with_capacity(2 * seed.len()));
        for (at, c) in seed.chars().enumerate() {
            if at > 0 && at % GROUP == 0 {
                text.push(' ');
            }
            text.push(c);
        }
        text
    }
}

/// Text for an address: what may not stand in one as it is becomes `%` and a number.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(["%".to_owned(), format!("{byte:02X}")]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "JBSWY3DPEHPK3PXP";

    #[test]
    fn nothing_tells_the_seed_but_what_is_for_it() {
        let seed = Seed::new(TEXT.to_owned()).unwrap();
        let device = NewDevice { serial: "arn".to_owned(), seed };
        let shown = format!("{device:?} {device:#?}");
        assert!(shown.contains("REDACTED") && !shown.contains("JBSW"), "{shown}");
        assert_eq!(*device.seed.groups(), "JBSW Y3DP EHPK 3PXP");
    }

    #[test]
    fn the_code_names_device_and_account() {
        let seed = Seed::new(TEXT.to_owned()).unwrap();
        assert_eq!(
            *seed.uri("al+1@example.org", "acme prod"),
            "otpauth://totp/AWS:al%2B1%40example.org@acme%20prod?secret=JBSWY3DPEHPK3PXP&issuer=AWS"
        );
    }

    #[test]
    fn what_is_no_base_32_is_no_seed() {
        for bad in ["", "jbsw", "JBSW 1", "JBSW8"] {
            assert!(Seed::new(bad.to_owned()).is_none(), "{bad}");
        }
    }
}
