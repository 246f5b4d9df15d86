//! Reads access keys and passwords, of those users whom the credential report tells something bad of: the
//! report knows no key by its id, and may be hours old.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::future::join;

use super::{Request, when};
use crate::aws::{Clients, Session, user_credentials};
use crate::controls::{Suspect, suspects};
use crate::model::{CredentialReport, Observed, Read, UserCredentials};

/// How many users are read at once. IAM has a queue of its own besides.
const AT_ONCE: usize = 16;

/// The users that somebody has to know more of, by name.
pub(super) async fn read_credentials(
    session: &Session,
    clients: &Clients,
    request: &Request,
    report: &Observed<CredentialReport>,
) -> BTreeMap<String, UserCredentials> {
    let Some(report) = report.ok() else { return BTreeMap::new() };
    let limits = &request.settings.credentials;
    let found = suspects(report, limits, request.taken_at).into_iter();
    let asked = found.map(|suspect| Asked::of(request, suspect)).filter(Asked::is_something);
    futures::stream::iter(asked)
        .map(async |asked| asked.read(session, clients).await)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

/// What is to be read of a user.
struct Asked {
    suspect: Suspect,
    keys: bool,
    password: bool,
}

impl Asked {
    fn of(request: &Request, suspect: Suspect) -> Self {
        let wanted = |read| request.reads.contains(&read);
        let keys = (suspect.idle_keys && wanted(Read::IdleKeys))
            || (suspect.old_keys && wanted(Read::OldKeys));
        let password = suspect.idle_password && wanted(Read::IdlePasswords);
        Self { suspect, keys, password }
    }

    const fn is_something(&self) -> bool {
        self.keys || self.password
    }

    async fn read(&self, session: &Session, clients: &Clients) -> (String, UserCredentials) {
        let user = &self.suspect.user;
        let signs = |id: &_| session.signing_key.is(id);
        let (keys, password) = join(
            when(self.keys, user_credentials::access_keys(clients, user, signs)),
            when(self.password, user_credentials::password(clients, user)),
        )
        .await;
        (user.name().to_owned(), UserCredentials { keys, password })
    }
}
