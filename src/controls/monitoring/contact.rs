//! 3.15: the security contact. Registered where nobody is, and never replaced.

use crate::change::{Operation, Risk};
use crate::controls::{
    Assess, Bundle, Case, Check, Control, Fix, NotPlanned, Outcome, Proposal, Remedy, Scope, Step,
    Wanted, Why,
};
use crate::model::{ControlId, Level, Read, SecurityContact};

const ID: ControlId = ControlId::new(3, 15);

const RESOURCE: &str = "security-contact";

/// Names that are nobody's, by RFC 2606: as a domain, and as the end of one.
const RESERVED: [&str; 7] =
    ["example.com", "example.net", "example.org", "example", "invalid", "localhost", "test"];

/// 3.15
pub(super) static SECURITY_CONTACT: Control = Control {
    id: ID,
    level: Level::One,
    scored: true,
    title: "AWS knows whom to tell about security",
    why: "Otherwise a warning of abuse or of a leaked key goes only to the mailbox of root.",
    assess: Assess::Automatic { reads: &[Read::SecurityContact], context: &[], check: &Registered },
    remedy: Remedy::Automatic(&REGISTER),
};

static REGISTER: Fix = Fix {
    name: "security-contact",
    turn: 60,
    reads: &[],
    changes: "account:PutAlternateContact registers whom the baseline names in `[contact]`, where \
              nobody is registered. Whoever is registered stays.",
    breaks: "Nothing. AWS writes to this contact about security and abuse from then on, and to the \
             address of root as before.",
    undo: "The contact is deleted: nobody was registered before.",
    propose,
};

#[derive(Debug)]
struct Registered;

impl Check for Registered {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        match case.snapshot.contact.known() {
            Err(gap) => Outcome::unknown(gap),
            Ok(None) => Outcome::fail(RESOURCE, "nobody is registered as the security contact"),
            Ok(Some(contact)) if contact.email.trim().is_empty() => {
                Outcome::fail(RESOURCE, "the security contact has no e-mail address")
            }
            Ok(Some(contact)) => Outcome::Judged {
                findings: Vec::new(),
                missing: Vec::new(),
                pending: Vec::new(),
                notes: notes(contact, case.settings.contact.as_ref()),
            },
        }
    }
}

/// What a person should know of a contact that is registered.
fn notes(contact: &SecurityContact, named: Option<&SecurityContact>) -> Vec<String> {
    let another = named.filter(|named| named.email != contact.email).map(|named| {
        format!(
            "AWS writes to {}; the baseline names {}, but no contact is replaced",
            contact.email, named.email
        )
    });
    placeholder(&contact.email).into_iter().chain(another).collect()
}

/// A warning if the address is under a name that is reserved for examples and tests.
fn placeholder(email: &str) -> Option<String> {
    let email = email.trim();
    let (_, domain) = email.rsplit_once('@')?;
    let domain = domain.to_ascii_lowercase();
    let reserved = RESERVED.into_iter().find(|name| {
        let rest = domain.strip_suffix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })?;
    Some(format!("{email} is a placeholder: nobody receives mail under `{reserved}`"))
}

fn propose(case: &Case<'_>, _: &Wanted<'_>, _: &Scope<'_>) -> Proposal {
    match (case.snapshot.contact.ok(), &case.settings.contact) {
        (None, _) => Proposal::default(),
        (Some(Some(_)), _) => left(
            Why::Manual,
            "the security contact has no e-mail address, and harden replaces no contact. Add the \
             address in the console, under \"Account\", \"Alternate contacts\"",
        ),
        (Some(None), None) => left(
            Why::NeedsSetting,
            "nobody is registered as the security contact. Name somebody in `[contact]` of a \
             baseline: name, title, email and phone",
        ),
        (Some(None), Some(contact)) => Proposal {
            bundles: vec![Bundle {
                controls: vec![ID],
                title: "security contact".to_owned(),
                steps: vec![register(contact)],
            }],
            not_planned: Vec::new(),
        },
    }
}

fn register(contact: &SecurityContact) -> Step {
    let told = format!(
        "AWS writes to {} ({}) about security and abuse, and to the address of root as before",
        contact.email, contact.name
    );
    Step {
        operation: Operation::PutAlternateContact { contact: contact.clone() },
        risk: Risk::Additive,
        impact: std::iter::once(told).chain(placeholder(&contact.email)).collect(),
        cost: None,
    }
}

fn left(why: Why, detail: &str) -> Proposal {
    let entry = NotPlanned {
        control: ID,
        resource: Some(RESOURCE.to_owned()),
        region: None,
        why,
        detail: detail.to_owned(),
    };
    Proposal { bundles: Vec::new(), not_planned: vec![entry] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::{contact, unread};
    use crate::model::{Action, Gap, Observed, Settings, Snapshot};

    fn at(email: &str) -> SecurityContact {
        SecurityContact { email: email.to_owned(), ..contact() }
    }

    fn naming(contact: Option<SecurityContact>) -> Settings {
        Settings { contact, ..Settings::default() }
    }

    fn assess(contact: Observed<Option<SecurityContact>>, settings: &Settings) -> Outcome {
        let snapshot = Snapshot { contact, ..unread() };
        Registered.assess(&Case { snapshot: &snapshot, settings })
    }

    fn notes_of(email: &str, settings: &Settings) -> Vec<String> {
        let outcome = assess(Observed::Known(Some(at(email))), settings);
        let Outcome::Judged { findings, missing, notes, .. } = outcome else { panic!("{email}") };
        assert!(findings.is_empty() && missing.is_empty(), "{email}");
        notes
    }

    fn proposed(is: Option<SecurityContact>, named: Option<SecurityContact>) -> Proposal {
        let snapshot = Snapshot { contact: Observed::Known(is), ..unread() };
        propose(
            &Case { snapshot: &snapshot, settings: &naming(named) },
            &Wanted::new(),
            &Scope::whole(),
        )
    }

    #[test]
    fn an_address_passes_and_none_fails() {
        let settings = Settings::default();
        assert_eq!(assess(Observed::Known(Some(contact())), &settings), Outcome::PASS);
        let nobody = Outcome::fail(RESOURCE, "nobody is registered as the security contact");
        assert_eq!(assess(Observed::Known(None), &settings), nobody);
        let mute = Outcome::fail(RESOURCE, "the security contact has no e-mail address");
        for email in ["", " "] {
            assert_eq!(assess(Observed::Known(Some(at(email))), &settings), mute);
        }
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let settings = Settings::default();
        let action = Action::new("account:GetAlternateContact");
        let denied = assess(Observed::Denied { action: action.clone() }, &settings);
        assert_eq!(denied, Outcome::unknown(Gap::denied(action)));
        let gap = Gap { action: None, reason: "not read".to_owned() };
        assert_eq!(assess(Observed::Unread, &settings), Outcome::unknown(gap));
    }

    #[test]
    fn a_placeholder_passes_with_a_note() {
        for email in [
            "a@example.com",
            "a@Example.ORG ",
            "a@mail.example.net",
            "a@corp.invalid",
            "a@x.test",
            "a@corp.example",
        ] {
            let notes = notes_of(email, &Settings::default());
            assert_eq!(notes.len(), 1, "{email}");
            assert!(notes[0].contains("is a placeholder"), "{notes:?}");
        }
        for email in
            ["a@myexample.com", "a@example.com.acme.dev", "a@acme.contest", "test@acme.dev"]
        {
            assert_eq!(notes_of(email, &Settings::default()), Vec::<String>::new(), "{email}");
        }
    }

    #[test]
    fn another_contact_than_the_baselines_is_told() {
        let settings = naming(Some(contact()));
        assert_eq!(notes_of(&contact().email, &settings), Vec::<String>::new());
        let notes = notes_of("former@acme.dev", &settings);
        assert!(notes[0].starts_with("AWS writes to former@acme.dev; the baseline"), "{notes:?}");
    }

    #[test]
    fn whom_the_baseline_names_is_registered_where_nobody_is() {
        let proposal = proposed(None, Some(contact()));
        assert_eq!(proposal.not_planned, Vec::new());
        let [bundle] = proposal.bundles.as_slice() else { panic!("{proposal:?}") };
        let [step] = bundle.steps.as_slice() else { panic!("{bundle:?}") };
        assert_eq!(step.operation, Operation::PutAlternateContact { contact: contact() });
        assert_eq!((step.risk, step.impact.len()), (Risk::Additive, 1));
        assert!(step.impact[0].starts_with("AWS writes to security@acme.dev (Security team)"));
        assert_eq!(register(&at("a@example.org")).impact.len(), 2);
    }

    #[test]
    fn without_the_setting_and_over_another_contact_nothing_is_planned() {
        let why = |is, named| {
            let proposal = proposed(is, named);
            assert!(proposal.bundles.is_empty(), "{proposal:?}");
            let [entry] = proposal.not_planned.as_slice() else { panic!("{proposal:?}") };
            (entry.why, entry.detail.contains("`[contact]`"))
        };
        assert_eq!(why(None, None), (Why::NeedsSetting, true));
        assert_eq!(why(Some(at("")), Some(contact())), (Why::Manual, false));
    }
}
