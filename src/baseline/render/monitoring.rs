//! `[monitoring]` and `[sns]`.

use std::fmt::{self, Display, Write};

use super::string;
use crate::model::{MonitoringSettings, Patterns, SnsSettings};

pub(super) fn monitoring(f: &mut impl Write, monitoring: &MonitoringSettings) -> fmt::Result {
    let patterns = match monitoring.patterns {
        Patterns::Repaired => "repaired",
        Patterns::Literal => "literal",
    };
    write!(
        f,
        r#"
[monitoring]
# The topic that is made where none can be adopted (1 to 256 letters, digits, and _ -).
topic = {}
# Whom the topic tells (`protocol:endpoint`; email, email-json, http, https, sms, sqs or lambda).
notify = {}
# The namespace of the metrics (1 to 255 letters, digits, blanks, and . _ / # -).
namespace = {}
# What alarms listen for (repaired or literal).
patterns = "{patterns}"
"#,
        string(&monitoring.topic),
        array(&monitoring.notify),
        string(&monitoring.namespace),
    )
}

pub(super) fn sns(f: &mut impl Write, sns: &SnsSettings) -> fmt::Result {
    let Some(allowed) = &sns.allowed else {
        return writeln!(f, "\n# No `sns.allowed`: 3.16 is for a person to judge.");
    };
    writeln!(f, "\n[sns]")?;
    writeln!(
        f,
        "# Who may hear of what any topic publishes (`protocol:endpoint`, where * is any run of characters)."
    )?;
    writeln!(f, "allowed = {}", array(allowed))
}

fn array(items: &[impl Display]) -> String {
    let items: Vec<String> = items.iter().map(|item| string(&item.to_string())).collect();
    format!("[{}]", items.join(", "))
}
