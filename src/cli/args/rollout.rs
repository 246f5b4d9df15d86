//! The command line of `harden rollout`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Consent, Narrow, Regions, Replaced};
use crate::model::AccountId;

#[derive(Args, Debug)]
pub(crate) struct Rollout {
    #[command(subcommand)]
    pub(crate) verb: RolloutVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RolloutVerb {
    /// Write a rollout file with every key, each with its meaning
    Init(Init),
    /// Verdicts of many accounts, and which controls fail in how many
    Assess(Assess),
    /// A plan for each account, kept in a folder, and one page over all of them
    Plan(Plan),
    /// Carry out the plans of a folder, wave by wave
    Apply(Apply),
    /// How the accounts of a folder stand
    Status(Status),
    /// Take back what was made in the accounts of a folder
    Undo(Undo),
    /// Join the folders of several shards
    Merge(Merge),
}

#[derive(Args, Debug)]
pub(crate) struct Init {
    /// The file to write; it must not be there yet
    #[arg(value_name = "FILE", default_value = "rollout.toml")]
    pub(crate) file: PathBuf,
}

/// Which accounts.
#[derive(Args, Debug)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct Who {
    /// All active accounts of the organization
    #[arg(long)]
    pub(crate) organization: bool,
    /// Only those in these organizational units and below them, with commas between
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "organization")]
    pub(crate) ou: Vec<String>,
    /// These accounts: ids with commas between, or a file with an id on each line. With --organization they must be
    /// of it, and their units are looked up
    #[arg(long, value_name = "FILE|ID", conflicts_with = "ou")]
    pub(crate) accounts: Vec<String>,
    /// The accounts of these profiles of the AWS configuration, with commas between
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[arg(conflicts_with_all = ["organization", "accounts", "role", "external_id", "profile"])]
    pub(crate) profiles: Vec<String>,
    #[arg(long, value_name = "NAME")]
    #[arg(help = "The role to take on in each account [default: OrganizationAccountAccessRole]")]
    pub(crate) role: Option<String>,
    /// What the trust policy of the role asks for
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// Only this part of the accounts: I/N, or auto/N where a Kubernetes Indexed Job or an AWS Batch array job
    /// gives the index
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<String>,
}

/// What they are held to.
#[derive(Args, Debug)]
pub(crate) struct What {
    /// The rollout file; `harden rollout init` writes one
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub(crate) file: Option<PathBuf>,
    /// Baseline of accounts for which the rollout file names none of their own, in place of its `baseline`; without a
    /// file level-2
    #[arg(long, value_name = "NAME|FILE", env = "HARDEN_BASELINE", hide_env_values = true)]
    #[arg(help_heading = "Selection")]
    pub(crate) baseline: Option<String>,
    #[command(flatten)]
    pub(crate) narrow: Narrow,
    #[command(flatten)]
    pub(crate) regions: Regions,
    #[command(flatten)]
    pub(crate) replaced: Replaced,
}

#[derive(Args, Debug)]
pub(crate) struct Assess {
    /// Exit with 2 if a control fails or could not be judged
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) what: What,
}

#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// Keep the plans in this folder, for `harden rollout apply`; it must be empty, or not there yet. A shard has
    /// its own in it, such as 2-of-4
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Exit with 2 if there is something to change, or something unread
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    #[command(flatten)]
    pub(crate) who: Who,
    /// Only accounts in which harden has made nothing yet
    #[arg(long, help_heading = "Accounts")]
    pub(crate) new: bool,
    /// With --new: how many minutes to wait for the role of an account that was just made
    #[arg(long, value_name = "MINUTES", requires = "new", help_heading = "Accounts")]
    #[arg(default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=120))]
    pub(crate) wait: u16,
    /// Plan on the saved snapshots of this folder; no network
    #[arg(long, value_name = "DIR", help_heading = "Accounts")]
    #[arg(conflicts_with_all = ["organization", "accounts", "profiles", "new", "regions"])]
    pub(crate) snapshots: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) max_risk: RolloutRisk,
}

/// How far to go.
#[derive(Args, Debug)]
pub(crate) struct RolloutRisk {
    /// The most a change may do, in place of what the rollout file says: additive, restrictive or destructive
    /// [default: restrictive]
    #[arg(long, value_enum, value_name = "RISK", hide_possible_values = true)]
    #[arg(help_heading = "Selection")]
    pub(crate) max_risk: Option<super::RiskArg>,
}

#[derive(Args, Debug)]
pub(crate) struct Apply {
    /// The folder that `harden rollout plan` has made
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Only these accounts, with commas between; one that was taken back is done again
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) account: Vec<AccountId>,
    /// Only up to the end of this wave
    #[arg(long, value_name = "NAME")]
    pub(crate) until: Option<String>,
    /// The folder of this shard in DIR: I/N, or auto/N
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<String>,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Args, Debug)]
pub(crate) struct Status {
    /// The folder that `harden rollout plan` has made
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Undo {
    /// The folder that `harden rollout plan` has made
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Only these accounts, with commas between
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) account: Vec<AccountId>,
    #[command(flatten)]
    pub(crate) max_risk: UndoRisk,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// How far an undo goes.
#[derive(Args, Debug)]
pub(crate) struct UndoRisk {
    /// The most it may do: additive, restrictive or destructive
    #[arg(long, value_enum, default_value_t = super::RiskArg::Destructive, value_name = "RISK")]
    #[arg(hide_possible_values = true)]
    pub(crate) max_risk: super::RiskArg,
}

#[derive(Args, Debug)]
pub(crate) struct Merge {
    /// The folders of the shards, or the one that they are in
    #[arg(value_name = "DIR", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// The folder to join them in; it must be empty, or not there yet
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
