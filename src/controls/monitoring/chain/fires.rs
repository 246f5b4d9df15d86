//! Whether an alarm goes off at so many events as a control allows.

use super::feed::Feed;
use super::watched::Watch;
use crate::model::MetricAlarm;

/// The five minutes that thresholds are about.
const WINDOW: u32 = 300;

/// Whether so many events within five minutes make the alarm go off: what a person should know of it, or
/// why not, to go after the name of the alarm.
pub(in crate::controls::monitoring) fn fires(
    alarm: &MetricAlarm,
    watch: &Watch<'_>,
    feed: &Feed<'_>,
    limit: u32,
) -> Result<Vec<String>, String> {
    let period = watch.period.unwrap_or(WINDOW);
    if !(matches!(period, 10 | 20 | 30) || period > 0 && period % 60 == 0) {
        return Err(format!("has a period of {period} seconds, which CloudWatch does not know"));
    }
    let events = within(period, limit);
    let reached = reached(watch.statistic, feed, events)?;
    let breaches = comparison(alarm)?;
    if breaches(0.0) {
        return Err("is not quiet while nothing happens".to_owned());
    }
    if !breaches(reached) {
        let threshold = alarm.threshold.map(|number| number.to_string()).unwrap_or_default();
        let within = if period < WINDOW { format!(" within {period} seconds") } else { String::new() };
        let events = if events == 1 { "1 event".to_owned() } else { format!("{events} events") };
        return Err(format!("has a threshold of {threshold}: {events}{within} do not reach it"));
    }
    settles(alarm, feed)
}

/// So many of `limit` events within five minutes are in one period at least.
fn within(period: u32, limit: u32) -> u32 {
    if period >= WINDOW { limit } else { (limit * period / WINDOW).max(1) }
}

/// What the alarm sees of so many events in one period.
fn reached(statistic: &str, feed: &Feed<'_>, events: u32) -> Result<f64, String> {
    let filter = feed.filter;
    match statistic {
        "Sum" => Ok(feed.value * f64::from(events)),
        "SampleCount" if feed.idle => Err(format!(
            "counts data points, and filter {filter} publishes some while nothing happens"
        )),
        "SampleCount" => Ok(f64::from(events)),
        "Maximum" => Ok(feed.value),
        "Average" if feed.mixed => Err("watches the average".to_owned()),
        "Minimum" if feed.mixed => Err("watches the minimum".to_owned()),
        "Average" | "Minimum" => Ok(feed.value),
        _ => Err(format!("watches `{statistic}`, which is neither a sum nor a count")),
    }
}

/// What breaches the threshold.
fn comparison(alarm: &MetricAlarm) -> Result<impl Fn(f64) -> bool + use<>, String> {
    let Some(threshold) = alarm.threshold.map(|number| number.get()) else {
        return Err("has no threshold".to_owned());
    };
    let or_equal = match alarm.comparison.as_str() {
        "GreaterThanOrEqualToThreshold" => true,
        "GreaterThanThreshold" => false,
        other => return Err(format!("compares by `{other}`")),
    };
    Ok(move |number: f64| number > threshold || or_equal && number >= threshold)
}

/// Whether one period that breaches is enough, given what there is of others.
fn settles(alarm: &MetricAlarm, feed: &Feed<'_>) -> Result<Vec<String>, String> {
    let needed = alarm.datapoints_to_alarm.unwrap_or(alarm.evaluation_periods);
    let missing = alarm.treat_missing_data.as_deref().unwrap_or("missing");
    // Periods without an event have no data: then they say nothing, or what is made of that.
    if missing == "breaching" && !feed.idle {
        return Err("is not quiet while nothing happens: it takes no data for a breach".to_owned());
    }
    if needed > 1 && (feed.mixed || missing != "missing") {
        return Err(format!("goes off only after {needed} periods with events"));
    }
    let mut notes = Vec::new();
    if needed > 1 {
        notes.push(format!("looks at {needed} periods, and goes off late"));
    }
    if missing == "ignore" && !feed.idle {
        notes.push(
            "keeps its state while there is no data: once it has gone off, it stays so and tells \
             nobody of later events"
                .to_owned(),
        );
    }
    Ok(notes)
}
