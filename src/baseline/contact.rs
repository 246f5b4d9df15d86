//! `[contact]`: whom AWS is to write to about security. All four keys or none, each as AWS takes it.

use super::draft::Draft;
use crate::model::SecurityContact;
use crate::settings_file::{Bound, Entry, Field, Misread, Problem, Side};

const NEEDS: &str = "a contact has `name`, `title`, `email` and `phone`";

/// A `[contact]` while it is read.
#[derive(Debug, Default)]
struct Partial {
    name: Option<String>,
    title: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

const CONTACT: &[Field<Partial>] = &[
    Field { name: "name", read: |to, entry| text(entry, 64).map(|text| to.name = Some(text)) },
    Field { name: "title", read: |to, entry| text(entry, 50).map(|text| to.title = Some(text)) },
    Field { name: "email", read: |to, entry| email(entry).map(|text| to.email = Some(text)) },
    Field { name: "phone", read: |to, entry| phone(entry).map(|text| to.phone = Some(text)) },
];

/// Reads the contact, in place of the one that an extended file names: names and addresses of two
/// people are not mixed. An empty table names nobody.
pub(super) fn read(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    let (header, table) = entry.table()?;
    draft.settings.contact = None;
    if table.is_empty() {
        return Ok(());
    }
    let mut partial = Partial::default();
    entry.context.walk((header, table), CONTACT, &mut partial)?;
    let missing = |name: &str| entry.missing(name, NEEDS);
    draft.settings.contact = Some(SecurityContact {
        name: partial.name.ok_or_else(|| missing("name"))?,
        title: partial.title.ok_or_else(|| missing("title"))?,
        email: partial.email.ok_or_else(|| missing("email"))?,
        phone: partial.phone.ok_or_else(|| missing("phone"))?,
    });
    Ok(())
}

/// Some words, without the blanks around them: what AWS may trim would not read back as planned.
fn text(entry: &Entry<'_>, most: u16) -> Result<String, Misread> {
    let text = entry.words()?.trim();
    let length = text.chars().count();
    if length > usize::from(most) {
        return Err(entry.wrong(Problem::Beyond {
            value: format!("a length of {length}"),
            side: Side::Above,
            bound: Bound::Aws(most),
        }));
    }
    Ok(text.to_owned())
}

fn email(entry: &Entry<'_>) -> Result<String, Misread> {
    let text = text(entry, 254)?;
    if is_email(&text) {
        Ok(text)
    } else {
        Err(entry.not_a(&text, "an e-mail address that AWS takes, like `security@example.org`"))
    }
}

fn phone(entry: &Entry<'_>) -> Result<String, Misread> {
    let text = text(entry, 25)?;
    let allowed = |c: char| c.is_ascii_digit() || c.is_ascii_whitespace() || "()+-".contains(c);
    if text.chars().all(allowed) {
        Ok(text)
    } else {
        Err(entry.not_a(&text, "a phone number of digits, blanks, `+`, `-`, `(` and `)`"))
    }
}

/// AWS's own pattern, `[\w+=.#|!&-]+@[\w.-]+\.[\w]+`.
fn is_email(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let all = |part: &str, also: &str| {
        !part.is_empty() && part.chars().all(|c| word(c) || also.contains(c))
    };
    text.split_once('@').is_some_and(|(local, domain)| {
        let ends = domain.rsplit_once('.');
        all(local, "+=.#|!&-") && ends.is_some_and(|(host, top)| all(host, ".-") && all(top, ""))
    })
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn addresses_are_those_that_aws_takes() {
        for good in ["a@b.c", "sec+aws@acme.co.uk", "A_1=#|!&-.@x-y.z_1", "a@.b.c", "a@-.c"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "a", "a@b", "@b.c", "a@.c", "a@b.", "a@b.c-d", "a@@b.c", "a b@c.d", "a@b c.d",
            "a'b@c.d", "ä@b.c", "a@b.c\n",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
