//! The accounts on which calls go wrong: together they need every operation there is.

use serde_json::json;

use crate::support::account::Account;
use crate::support::logging::HOME;
use crate::support::people::{self, DEPLOY, READ_ONLY};
use crate::support::{seed, spoiled};
use crate::world::World;

/// The second region, in which nothing is at home.
pub(crate) const FAR: &str = "us-east-1";

const SETTINGS: &str = r#"
[monitoring]
notify = ["email:security@acme.dev"]
[contact]
name = "Security team"
title = "Incident response"
email = "security@acme.dev"
phone = "+49 30 1234567"
[sns]
allowed = ["email:*@acme.dev"]
"#;

/// What an account is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Nothing is set up; keys, groups and root are a mess.
    Unset,
    /// All that harden sets up is there, half done and open.
    HalfDone,
    /// People with rights, keys and passwords of their own.
    People,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Unset, Self::HalfDone, Self::People];

    /// Makes one.
    pub(crate) async fn open(self, emulator: &str) -> World {
        let world = World::at(emulator).await.by(SETTINGS);
        let account = &world.account;
        account.settle(json!({ "enabled_regions": [HOME, FAR] }));
        match self {
            Self::Unset => {
                seed::careless_root(account);
                seed::keys(account, HOME).await;
                seed::groups(account, HOME).await;
            }
            Self::HalfDone => {
                spoiled::half_done(account).await;
                seed::weak_password_policy(account).await;
            }
            Self::People => people(account).await,
        }
        world
    }

    /// What is planned there.
    pub(crate) fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Unset => &[],
            Self::HalfDone => {
                &["--control", "1.5-1.11,2.1-2.4,2.7,3.4,3.16", "--max-risk=destructive"]
            }
            Self::People => &["--control", "1.3,1.4,1.15", "--max-risk=destructive"],
        }
    }

    /// What only people can do before all can be taken back: nobody is unsubscribed who has not confirmed.
    pub(crate) fn confirm(self, account: &Account) {
        if self != Self::People {
            account.confirm(HOME, "security@acme.dev");
        }
    }

    /// What only people can do after that: whoever is subscribed anew has to confirm.
    pub(crate) fn confirm_again(self, account: &Account) {
        if self == Self::HalfDone {
            account.confirm(FAR, "former@contractor.example");
        }
    }
}

async fn people(account: &Account) {
    people::group(account, "devs", "arn:aws:iam::aws:policy/PowerUserAccess").await;
    people::user(account, "alice", &[READ_ONLY], &[("deploy", DEPLOY)]).await;
    people::join(account, "alice", "devs").await;
    people::user(account, "bob", &[], &[("deploy", DEPLOY)]).await;
    let iam = account.iam("us-east-1");
    iam.create_user().user_name("idle").send().await.unwrap();
    iam.create_access_key().user_name("idle").send().await.unwrap();
    let profile = iam.create_login_profile().user_name("idle").password("Correct-Horse-9");
    profile.send().await.unwrap();
    let key = json!({ "rotated": 400, "last_used": 300, "service": "s3", "region": HOME });
    account.settle(json!({ "users": { "idle": {
        "created": 900, "password_last_changed": 400, "password_last_used": 200, "keys": [key],
    } } }));
}
