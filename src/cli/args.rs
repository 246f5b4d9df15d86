//! The command line.

pub(crate) mod rollout;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::baseline::Selector;
use crate::change::Risk;
use crate::model::{ControlId, Region, Subscriber};

const EXIT_CODES: &str = "\
Exit codes:
  0    done, or nothing to do
  1    failed
  2    changes (plan), failing controls (assess); with --detailed-exitcode
  3    partly applied
  4    declined, or nobody to ask
  64   wrong usage
  130  interrupted";

/// Brings AWS accounts to the CIS AWS Foundations Benchmark v1.0.0, and keeps them there.
#[derive(Debug, Parser)]
#[command(name = "harden", version, max_term_width = 80, after_help = EXIT_CODES)]
#[command(propagate_version = false)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Verdict for each control, and the score
    Assess(Assess),
    /// What apply would do, as a diff
    Plan(Plan),
    /// Do it: plan afresh, or exactly a saved plan
    Apply(Apply),
    /// A saved plan or a run, readable
    Show(Show),
    /// Take a run back
    Undo(Undo),
    /// Past runs of this account
    Runs(Runs),
    /// Does the account still stand as the run left it?
    Verify(Verify),
    /// Read the account once, to a file
    Snapshot(Snapshot),
    /// The controls: number, title, level, scored, how it is fixed
    List(List),
    /// One control: why, what is read, what is changed, what can break, how to undo
    Explain(Explain),
    /// The built-in baselines, and checks of your own
    Baseline(Baseline),
    /// One baseline, many accounts: plan, apply in waves, take back
    Rollout(rollout::Rollout),
    /// MFA devices: who has which, and enrolling one at the terminal
    Mfa(Mfa),
    /// The least IAM policy
    Policy(Policy),
    /// Completions for a shell
    Completions(Completions),
    /// The manual page
    Man,
}

/// How to reach the account.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// Profile of the AWS configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Region to start from; the regions to read are those enabled for the account
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Endpoint to use instead of AWS's own
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}

/// How to answer.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// Form of the answer: text or json
    #[arg(long = "output", global = true, value_enum, default_value_t = Form::Text)]
    #[arg(value_name = "FORM", hide_possible_values = true)]
    pub(crate) form: Form,
    /// ANSI styles: auto, always or never
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    #[arg(hide_possible_values = true)]
    pub(crate) color: Colour,
    /// Only the answer and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// More talk: -v for each write, -vv for the SDK's own words
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Folder that runs are kept in [default: harden, in the user's folder for state]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "HARDEN_STATE_DIR",
        hide_env_values = true
    )]
    pub(crate) state_dir: Option<PathBuf>,
    #[arg(long, env = "COLUMNS", hide = true, global = true)]
    pub(crate) columns: Option<String>,
    #[arg(long, env = "NO_COLOR", hide = true, global = true)]
    pub(crate) no_color: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

/// Which controls.
#[derive(Args, Debug)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Selection {
    /// Baseline: a built-in one, or a TOML file
    #[arg(long, value_name = "NAME|FILE", env = "HARDEN_BASELINE", default_value = "level-2")]
    #[arg(hide_env_values = true)]
    pub(crate) baseline: String,
    #[command(flatten)]
    pub(crate) narrow: Narrow,
}

/// Which controls of the baseline.
#[derive(Args, Debug)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Narrow {
    /// Only these controls (1.5), ranges (1.5-1.11) or sections (3), with commas between
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) control: Vec<Selector>,
    /// Not these controls, ranges or sections
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) skip: Vec<Selector>,
    /// Only controls up to this level: 1 or 2
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) level: Option<u8>,
}

/// What to read.
#[derive(Args, Debug)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Regions {
    /// Read only these regions, with commas between
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub(crate) regions: Vec<Region>,
}

/// Settings of the baseline that flags can replace.
#[derive(Args, Debug)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Replaced {
    /// Whom alarms tell, such as email:security@example.org, in place of `monitoring.notify` of the
    /// baseline; may be given more than once
    #[arg(long, value_name = "PROTOCOL:ENDPOINT")]
    pub(crate) notify: Vec<Subscriber>,
}

/// How far to go.
#[derive(Args, Debug)]
#[command(next_help_heading = "Selection")]
pub(crate) struct MaxRisk {
    /// The most a change may do: additive, restrictive or destructive
    #[arg(long, value_enum, default_value_t = RiskArg::Restrictive, value_name = "RISK")]
    #[arg(hide_possible_values = true)]
    pub(crate) max_risk: RiskArg,
}

/// How to agree.
#[derive(Args, Debug)]
pub(crate) struct Consent {
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// With --yes: the most access keys and passwords that may go, in place of
    /// `credentials.max_changes` of the baseline
    #[arg(long, value_name = "N", requires = "yes")]
    pub(crate) max_credential_changes: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RiskArg {
    Additive,
    Restrictive,
    Destructive,
}

impl From<RiskArg> for Risk {
    fn from(risk: RiskArg) -> Self {
        match risk {
            RiskArg::Additive => Self::Additive,
            RiskArg::Restrictive => Self::Restrictive,
            RiskArg::Destructive => Self::Destructive,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Assess {
    /// Judge a saved snapshot; no network
    #[arg(long, value_name = "FILE", conflicts_with = "regions")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Exit with 2 if a control fails or could not be judged
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) regions: Regions,
    #[command(flatten)]
    pub(crate) replaced: Replaced,
}

#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// Save the plan for `harden apply FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Plan on a saved snapshot; no network
    #[arg(long, value_name = "FILE", conflicts_with = "regions")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Exit with 2 if there is something to change, or something unread
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) regions: Regions,
    #[command(flatten)]
    pub(crate) max_risk: MaxRisk,
    #[command(flatten)]
    pub(crate) replaced: Replaced,
}

#[derive(Args, Debug)]
pub(crate) struct Apply {
    /// A plan saved by `harden plan --out`; applied as it is, or not at all
    #[arg(value_name = "PLAN",
        conflicts_with_all = ["control", "skip", "level", "regions", "max_risk", "notify"])]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) consent: Consent,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) regions: Regions,
    #[command(flatten)]
    pub(crate) max_risk: MaxRisk,
    #[command(flatten)]
    pub(crate) replaced: Replaced,
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// A saved plan, the folder of a rollout, the name of a run, or `last`
    #[arg(value_name = "PLAN|DIR|RUN")]
    pub(crate) what: String,
}

#[derive(Args, Debug)]
pub(crate) struct Undo {
    /// The name of a run, or `last`: the last one that is not taken back yet
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// The most it may do: additive, restrictive or destructive
    ///
    /// A log group that the run made is deleted with all events in it, a topic with its subscribers: `restrictive`
    /// leaves them.
    #[arg(long, value_enum, default_value_t = RiskArg::Destructive, value_name = "RISK")]
    #[arg(hide_possible_values = true)]
    pub(crate) max_risk: RiskArg,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Args, Debug)]
pub(crate) struct Runs {}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// The name of a run, or `last`
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
}

#[derive(Args, Debug)]
pub(crate) struct Snapshot {
    /// The file to write; only its owner can read it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Baseline whose names are looked for: a built-in one, or a TOML file
    #[arg(long, value_name = "NAME|FILE", env = "HARDEN_BASELINE", default_value = "level-2")]
    #[arg(hide_env_values = true, help_heading = "Selection")]
    pub(crate) baseline: String,
    #[command(flatten)]
    pub(crate) regions: Regions,
}

#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) selection: Selection,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The number of the control
    #[arg(value_name = "CONTROL")]
    pub(crate) control: ControlId,
}

#[derive(Args, Debug)]
pub(crate) struct Baseline {
    #[command(subcommand)]
    pub(crate) verb: BaselineVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineVerb {
    /// The built-in baselines
    List,
    /// Everything a baseline settles, ready to be copied
    Show {
        /// A built-in baseline, or a TOML file
        #[arg(value_name = "NAME|FILE")]
        name: String,
    },
    /// Is a file a good baseline?
    Check {
        /// The TOML file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Mfa {
    #[command(subcommand)]
    pub(crate) verb: MfaVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MfaVerb {
    /// Enrol a virtual device for a user, with whoever holds it at the keyboard
    ///
    /// Makes a virtual device, shows its QR code and, on request, the secret, and takes two codes in a row. If they
    /// are not given the device is deleted again.
    Enroll(Enroll),
    /// Users with a console password or a device, and the kinds of their devices
    List,
}

#[derive(Args, Debug)]
pub(crate) struct Enroll {
    /// The name of the user [default: whose credentials these are]
    #[arg(value_name = "USER")]
    pub(crate) user: Option<String>,
    #[arg(long, env = "TERM", hide = true)]
    pub(crate) term: Option<String>,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Policy {
    /// What assess, plan and snapshot read
    #[arg(long)]
    pub(crate) read: bool,
    /// What apply and undo may write, beside what they read
    #[arg(long)]
    pub(crate) write: bool,
    /// What mfa reads and writes, for whichever user
    #[arg(long)]
    pub(crate) mfa: bool,
    /// What this plan, and taking it back, writes, on its own resources
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}
