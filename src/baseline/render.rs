//! A baseline as the file that would say all of it.

use std::fmt::{self, Write};

use super::Baseline;
use crate::model::{
    ControlId, CredentialSettings, NetworkSettings, PasswordSettings, SecurityContact, Settings,
    Waiver, WideRules, is_hidden,
};
use crate::settings_file::printable;

mod flow_logs;
mod logging;
mod monitoring;

/// The effective baseline as commented TOML: loads again to the same controls, settings and waivers.
pub fn to_toml(baseline: &Baseline) -> String {
    Rendered(baseline).to_string()
}

struct Rendered<'a>(&'a Baseline);

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(baseline) = self;
        writeln!(f, "# The effective settings of the baseline {}.", printable(&baseline.name))?;
        controls(f, baseline)?;
        settings(f, &baseline.settings)?;
        baseline.waivers.iter().try_for_each(|accepted| waiver(f, accepted))
    }
}

fn controls(f: &mut impl Write, baseline: &Baseline) -> fmt::Result {
    let ids: Vec<&ControlId> = baseline.controls.iter().collect();
    let noun = if ids.len() == 1 { "control" } else { "controls" };
    writeln!(f, "\n[controls]")?;
    writeln!(f, "# {} {noun}; a line for each section of the benchmark.", ids.len())?;
    writeln!(f, "only = [")?;
    for section in ids.chunk_by(|a, b| a.section() == b.section()) {
        let line: Vec<String> = section.iter().map(|id| format!("\"{id}\",")).collect();
        writeln!(f, "    {}", line.join(" "))?;
    }
    writeln!(f, "]")
}

fn settings(f: &mut impl Write, settings: &Settings) -> fmt::Result {
    let Settings {
        password_policy,
        credentials,
        contact,
        network,
        plan,
        trail,
        monitoring,
        config,
        sns,
        flow_logs,
    } = settings;
    password_settings(f, password_policy)?;
    credential_settings(f, credentials)?;
    logging::trail(f, trail)?;
    logging::config(f, config)?;
    monitoring::monitoring(f, monitoring)?;
    security_contact(f, contact.as_ref())?;
    monitoring::sns(f, sns)?;
    network_settings(f, network)?;
    flow_logs::flow_logs(f, flow_logs)?;
    writeln!(f, "\n[plan]\n# Hours until a saved plan is refused (1 to 720).")?;
    writeln!(f, "valid_hours = {}", plan.valid_hours)
}

fn password_settings(f: &mut impl Write, password: &PasswordSettings) -> fmt::Result {
    write!(
        f,
        r"
[password_policy]
# Characters, at least (14 to 128).
minimum_length = {}
# Former passwords remembered, at least (24, which is also the most AWS can do).
reuse_prevention = {}
# Days a password may live, at most (1 to 90).
max_age_days = {}
",
        password.minimum_length, password.reuse_prevention, password.max_age_days,
    )
}

fn credential_settings(f: &mut impl Write, credentials: &CredentialSettings) -> fmt::Result {
    write!(
        f,
        r"
[credentials]
# Days after which a password or key that nobody used has to go (1 to 90).
max_unused_days = {}
# Days that an access key may be old (1 to 90).
max_key_age_days = {}
# Days for which root has to have rested (1 to 365).
root_max_days = {}
# Keys and passwords that one plan may take away before apply asks for their number (0 to 1000).
max_changes = {}
",
        credentials.max_unused_days,
        credentials.max_key_age_days,
        credentials.root_max_days,
        credentials.max_changes,
    )
}

fn security_contact(f: &mut impl Write, contact: Option<&SecurityContact>) -> fmt::Result {
    let Some(SecurityContact { name, title, email, phone }) = contact else {
        return writeln!(
            f,
            "\n# No `contact`, with `name`, `title`, `email` and `phone`: 3.15 is not put right."
        );
    };
    writeln!(f, "\n[contact]")?;
    writeln!(f, "# Whom AWS writes to about security, where nobody is registered yet.")?;
    writeln!(f, "name = {}", string(name))?;
    writeln!(f, "title = {}", string(title))?;
    writeln!(f, "email = {}", string(email))?;
    writeln!(f, "phone = {}", string(phone))
}

fn network_settings(f: &mut impl Write, network: &NetworkSettings) -> fmt::Result {
    let trusted: Vec<String> = network.trusted_cidrs.iter().map(|c| format!("\"{c}\"")).collect();
    let wide_rules = match network.wide_rules {
        WideRules::Split => "split",
        WideRules::Revoke => "revoke",
        WideRules::Hold => "hold",
    };
    write!(
        f,
        r#"
[network]
# Whether a port open to ::/0 is open, as one to 0.0.0.0/0 is (true or false).
ipv6 = {}
# CIDR ranges let in to the closed port before the world is shut out.
trusted_cidrs = [{}]
# Rules that open more than the port (split, revoke or hold).
wide_rules = "{wide_rules}"
"#,
        network.ipv6,
        trusted.join(", "),
    )
}

fn waiver(f: &mut impl Write, waiver: &Waiver) -> fmt::Result {
    writeln!(f, "\n[[waiver]]")?;
    writeln!(f, "control = \"{}\"", waiver.control)?;
    writeln!(f, "resource = {}", string(&waiver.resource))?;
    match &waiver.region {
        Some(region) => writeln!(f, "region = {}", string(region))?,
        None => writeln!(f, "# No region: holds in every region.")?,
    }
    writeln!(f, "reason = {}", string(&waiver.reason))?;
    writeln!(f, "owner = {}", string(&waiver.owner))?;
    writeln!(f, "# The last day it holds.")?;
    writeln!(f, "expires = {}", waiver.expires)
}

/// A string of one line, with what must not reach a terminal escaped.
fn string(text: &str) -> String {
    let inside: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if is_hidden(c) => format!("\\U{:08X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{inside}\"")
}
