//! `harden baseline list | show | check`.

use super::args::{Baseline as Args, BaselineVerb};
use super::context::{Context, baseline};
use super::entry::Ended;
use crate::baseline::{BUILTIN, to_toml};
use crate::exit::Exit;
use crate::ui::{Page, Paint};

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    match &args.verb {
        BaselineVerb::List => list(context),
        BaselineVerb::Show { name } => {
            let loaded = baseline(name)?;
            context.terminal.answer(&loaded, |_| to_toml(&loaded))?;
            Ok(Exit::Done)
        }
        BaselineVerb::Check { file } => {
            // A file is always meant here, even one that is named like a built-in baseline.
            let path = if file.components().count() == 1 {
                format!("./{}", file.display())
            } else {
                file.display().to_string()
            };
            let loaded = baseline(&path)?;
            let summary = format!(
                "{}: good. Controls: {}, waivers: {}.",
                file.display(),
                loaded.controls.len(),
                loaded.waivers.len()
            );
            context.terminal.answer(&loaded, |columns| page(columns, &summary))?;
            Ok(Exit::Done)
        }
    }
}

fn page(columns: usize, text: &str) -> String {
    let mut page = Page::new(columns);
    page.wrapped(0, 2, &[(Paint::Plain, text)]);
    page.finish()
}

fn list(context: &Context) -> Ended {
    let names: Vec<_> = BUILTIN
        .iter()
        .map(|builtin| {
            serde_json::json!({ "name": builtin.name, "description": builtin.description })
        })
        .collect();
    let answer = serde_json::json!({ "format": "harden.baselines/1", "baselines": names });
    context.terminal.answer(&answer, |columns| {
        let mut page = Page::new(columns);
        for builtin in BUILTIN {
            page.labelled(0, builtin.name, 10, &[(Paint::Plain, builtin.description)]);
        }
        page.finish()
    })?;
    Ok(Exit::Done)
}
