//! Verdicts as a page.

use super::page::{Page, Paint};
use super::plan::{head, incomplete, pending, score};
use crate::assess::{Assessment, ControlReport, Verdict};
use crate::controls::section_title;

/// Findings shown of one control before the rest is counted.
const MOST_FINDINGS: usize = 20;

/// The whole assessment.
pub fn assessment(assessment: &Assessment, columns: usize) -> String {
    let mut page = Page::new(columns);
    head(&mut page, "assessment", &assessment.head);
    let mut section = 0;
    for report in &assessment.controls {
        if report.id.section() != section {
            section = report.id.section();
            page.gap();
            page.line(0, &[(Paint::Bold, &format!("{section} {}", section_title(section)))]);
            page.gap();
        }
        one(&mut page, report);
    }
    page.gap();
    let score = &assessment.score;
    let text = format!(
        "Score: {}, {} {}, {} unknown{}.",
        self::score(score),
        score.failed,
        if score.failed == 1 { "fails" } else { "fail" },
        score.unknown,
        pending(score)
    );
    page.wrapped(0, 2, &[(Paint::Bold, &text)]);
    incomplete(
        &mut page,
        assessment.controls.iter().filter(|c| c.verdict == Verdict::Unknown).count(),
    );
    page.finish()
}

fn one(page: &mut Page, report: &ControlReport) {
    let id = format!("{:<5}", report.id.to_string());
    let verdict = format!("{:<15}", report.verdict.word());
    page.wrapped(
        2,
        20,
        &[
            (Paint::Bold, &id),
            (verdict_paint(report.verdict), &verdict),
            (Paint::Plain, &report.title),
        ],
    );
    // Beside findings, the reason tells of what could not be read, not of why the control fails.
    let beside = report.reason.as_ref().filter(|_| !report.findings.is_empty());
    if let Some(reason) = report.reason.as_ref().filter(|_| beside.is_none()) {
        page.wrapped(22, 2, &[(Paint::Dim, reason)]);
    }
    for finding in report.findings.iter().take(MOST_FINDINGS) {
        let place = match &finding.region {
            Some(region) => format!("{} in {region}: ", finding.resource),
            None => String::new(),
        };
        page.wrapped(22, 2, &[(Paint::Dim, &place), (Paint::Plain, &finding.summary)]);
        if let Some(waived) = &finding.waived {
            page.wrapped(24, 2, &[(Paint::Dim, "accepted: "), (Paint::Dim, waived)]);
        }
    }
    if let Some(more) = report.findings.len().checked_sub(MOST_FINDINGS).filter(|more| *more > 0) {
        page.line(22, &[(Paint::Dim, &format!("and {more} more; `--output json` has them all"))]);
    }
    if let Some(reason) = beside {
        page.wrapped(22, 2, &[(Paint::Warn, "incomplete: "), (Paint::Plain, reason)]);
    }
    for note in &report.notes {
        page.wrapped(22, 2, &[(Paint::Warn, "note: "), (Paint::Plain, note)]);
    }
}

const fn verdict_paint(verdict: Verdict) -> Paint {
    match verdict {
        Verdict::Pass => Paint::Good,
        Verdict::Fail => Paint::Bad,
        Verdict::Unknown | Verdict::Pending => Paint::Warn,
        Verdict::Manual | Verdict::NotApplicable | Verdict::Waived => Paint::Dim,
    }
}
