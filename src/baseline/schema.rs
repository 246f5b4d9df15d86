//! Every key that the file of a baseline may have.

use std::collections::BTreeSet;

use ipnet::IpNet;
use toml::de::DeTable;

use super::draft::Draft;
use super::{BaselineProblem, Selector, contact, flow_logs, logging, monitoring, waiver};
use crate::model::{
    Cidr, ControlId, CredentialSettings, Level, NetworkSettings, PasswordSettings, PlanSettings,
    WideRules,
};
use crate::settings_file::{Bound, Context, Entry, Field, Header, Misread};

// The shortest prefixes of trusted ranges.
const BROADEST_IPV4: u8 = 8;
const BROADEST_IPV6: u8 = 16;

const SELECTOR: &str = "a control like `1.5`, a range like `1.5-1.11` or a section like `3`";

// The controls that ask for the numbers.
const UNUSED: ControlId = ControlId::new(1, 3);
const KEY_AGE: ControlId = ControlId::new(1, 4);
const LENGTH: ControlId = ControlId::new(1, 9);
const REUSE: ControlId = ControlId::new(1, 10);
const AGE: ControlId = ControlId::new(1, 11);

const FILE: &[Field<Draft>] = &[
    // Followed before the rest of the file is read: see `load`.
    Field { name: "extends", read: |_, entry| entry.string().map(drop) },
    Field { name: "description", read: |_, entry| entry.string().map(drop) },
    Field { name: "controls", read: controls },
    Field {
        name: "password_policy",
        read: |draft, entry| {
            let into = &mut draft.settings.password_policy;
            entry.context.walk(entry.table()?, PASSWORD_POLICY, into)
        },
    },
    Field {
        name: "credentials",
        read: |draft, entry| {
            entry.context.walk(entry.table()?, CREDENTIALS, &mut draft.settings.credentials)
        },
    },
    Field { name: "trail", read: logging::trail },
    Field { name: "config", read: logging::config },
    Field { name: "monitoring", read: monitoring::monitoring },
    Field { name: "contact", read: contact::read },
    Field { name: "sns", read: monitoring::sns },
    Field {
        name: "network",
        read: |draft, entry| {
            entry.context.walk(entry.table()?, NETWORK, &mut draft.settings.network)
        },
    },
    Field { name: "flow_logs", read: flow_logs::flow_logs },
    Field {
        name: "plan",
        read: |draft, entry| entry.context.walk(entry.table()?, PLAN, &mut draft.settings.plan),
    },
    Field { name: "waiver", read: waiver::read_all },
];

const CONTROLS: &[Field<Draft>] = &[
    Field { name: "level", read: |draft, entry| level(entry).map(|l| draft.level = Some(l)) },
    Field { name: "only", read: |draft, entry| selection(entry).map(|s| draft.only = Some(s)) },
    Field { name: "skip", read: |draft, entry| selection(entry).map(|s| draft.skip.extend(s)) },
];

const PASSWORD_POLICY: &[Field<PasswordSettings>] = &[
    Field {
        name: "minimum_length",
        read: |to, entry| {
            let length = entry.integer_within(Bound::Benchmark(14, LENGTH), Bound::Aws(128));
            length.map(|characters| to.minimum_length = characters)
        },
    },
    Field {
        name: "reuse_prevention",
        read: |to, entry| {
            let reuse = entry.integer_within(Bound::Benchmark(24, REUSE), Bound::Aws(24));
            reuse.map(|passwords| to.reuse_prevention = passwords)
        },
    },
    Field {
        name: "max_age_days",
        read: |to, entry| {
            let age = entry.integer_within(Bound::Aws(1), Bound::Benchmark(90, AGE));
            age.map(|days| to.max_age_days = days)
        },
    },
];

const CREDENTIALS: &[Field<CredentialSettings>] = &[
    Field {
        name: "max_unused_days",
        read: |to, entry| {
            let unused = entry.integer_within(Bound::Harden(1), Bound::Benchmark(90, UNUSED));
            unused.map(|days| to.max_unused_days = days)
        },
    },
    Field {
        name: "max_key_age_days",
        read: |to, entry| {
            let age = entry.integer_within(Bound::Harden(1), Bound::Benchmark(90, KEY_AGE));
            age.map(|days| to.max_key_age_days = days)
        },
    },
    Field {
        name: "root_max_days",
        read: |to, entry| {
            let rest = entry.integer_within(Bound::Harden(1), Bound::Harden(365));
            rest.map(|days| to.root_max_days = days)
        },
    },
    Field {
        name: "max_changes",
        read: |to, entry| {
            let most = entry.integer_within(Bound::Harden(0), Bound::Harden(1000));
            most.map(|number| to.max_changes = number)
        },
    },
];

const NETWORK: &[Field<NetworkSettings>] = &[
    Field { name: "ipv6", read: |to, entry| entry.boolean().map(|counts| to.ipv6 = counts) },
    Field {
        name: "trusted_cidrs",
        read: |to, entry| trusted(entry).map(|ranges| to.trusted_cidrs = ranges),
    },
    Field {
        name: "wide_rules",
        read: |to, entry| wide_rules(entry).map(|choice| to.wide_rules = choice),
    },
];

const PLAN: &[Field<PlanSettings>] = &[Field {
    name: "valid_hours",
    read: |to, entry| {
        let most = Bound::Harden(PlanSettings::MOST_VALID_HOURS);
        let hours = entry.integer_within(Bound::Harden(1), most);
        hours.map(|hours| to.valid_hours = hours)
    },
}];

/// Adds what a file says to what the files it extends have said.
pub(super) fn read<'a>(
    context: &'a Context<'a>,
    table: &'a DeTable<'a>,
    draft: &mut Draft,
) -> Result<(), Misread> {
    context.walk((Header::Top, table), FILE, draft)
}

fn controls(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    draft.selected_at = Some(entry.place());
    entry.context.walk(entry.table()?, CONTROLS, draft)
}

fn level(entry: &Entry<'_>) -> Result<Level, Misread> {
    match entry.integer()? {
        1 => Ok(Level::One),
        2 => Ok(Level::Two),
        other => Err(entry.not_a(&other.to_string(), "1 or 2")),
    }
}

fn selection(entry: &Entry<'_>) -> Result<BTreeSet<ControlId>, Misread> {
    let mut selection = BTreeSet::new();
    for element in entry.elements("an array")? {
        let text = element.string_of("a control in quotes")?;
        let selector: Selector = text.parse().map_err(|_| element.not_a(text, SELECTOR))?;
        let controls = selector.controls(element.context.world.catalogue);
        selection.extend(controls.map_err(|e| element.wrong(BaselineProblem::UnknownControl(e)))?);
    }
    Ok(selection)
}

fn trusted(entry: &Entry<'_>) -> Result<Vec<Cidr>, Misread> {
    let mut ranges = Vec::new();
    let mut seen = BTreeSet::new();
    for element in entry.elements("an array")? {
        let range = trusted_range(&element)?;
        if !seen.insert(range) {
            return Err(element.wrong(BaselineProblem::RepeatedRange(range)));
        }
        ranges.push(range);
    }
    Ok(ranges)
}

fn trusted_range(entry: &Entry<'_>) -> Result<Cidr, Misread> {
    let text = entry.string_of("a CIDR range in quotes")?;
    let not_a_range = || entry.not_a(text, "a CIDR range like `192.0.2.0/24`");
    let range: Cidr = text.parse().map_err(|_| not_a_range())?;
    let written: IpNet = text.parse().map_err(|_| not_a_range())?;
    let limit = if range.is_ipv6() { BROADEST_IPV6 } else { BROADEST_IPV4 };
    if range.prefix_len() < limit {
        return Err(entry.wrong(BaselineProblem::TooBroad { range, limit }));
    }
    // `10.1.2.3/8` may mean one host or sixteen million: whoever wrote it has to say.
    if written.addr() != written.network() {
        return Err(entry.wrong(BaselineProblem::HostBits { text: text.to_owned(), range }));
    }
    Ok(range)
}

fn wide_rules(entry: &Entry<'_>) -> Result<WideRules, Misread> {
    match entry.string()? {
        "split" => Ok(WideRules::Split),
        "revoke" => Ok(WideRules::Revoke),
        "hold" => Ok(WideRules::Hold),
        other => Err(entry.not_a(other, "`split`, `revoke` or `hold`")),
    }
}
