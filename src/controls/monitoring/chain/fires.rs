//! Whether an alarm goes off at so many events as a control allows.

use super::feed::Feed;
use super::watched::Watch;
use crate::model::{MetricAlarm, Number};

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
    if !(matches!(period, 10 | 20 | 30) || period > 0 && period.is_multiple_of(60)) {
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
        let within =
            if period < WINDOW { format!(" within {period} seconds") } else { String::new() };
        let events = if events == 1 {
            format!("1 event{within} does")
        } else {
            format!("{events} events{within} do")
        };
        return Err(format!("has a threshold of {threshold}: {events} not reach it"));
    }
    settles(alarm, feed)
}

/// So many of `limit` events within five minutes are in one period at least, wherever these begin.
fn within(period: u32, limit: u32) -> u32 {
    if period >= WINDOW { limit } else { limit.div_ceil(WINDOW.div_ceil(period) + 1) }
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
        "Average" if feed.mixed => Err("watches the average".to_owned()),
        "Minimum" if feed.mixed => Err("watches the minimum".to_owned()),
        "Maximum" | "Average" | "Minimum" => Ok(feed.value),
        _ => Err(format!("watches `{statistic}`, which is neither a sum nor a count")),
    }
}

/// What breaches the threshold.
fn comparison(alarm: &MetricAlarm) -> Result<impl Fn(f64) -> bool + use<>, String> {
    let Some(threshold) = alarm.threshold.map(Number::get) else {
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
    if missing == "ignore" && !feed.idle {
        let words = "keeps its state while there is no data: once it has gone off, it stays so and tells \
                     nobody of later events";
        return Err(words.to_owned());
    }
    if needed > 1 && (feed.mixed || missing != "missing") {
        return Err(format!("goes off only after {needed} periods with events"));
    }
    let mut notes = Vec::new();
    if needed > 1 {
        notes.push(format!("looks at {needed} periods, and goes off late"));
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::monitoring::chain::{feed, watch};
    use crate::controls::monitoring::tests_support::{alarm, filter};
    use crate::model::Watched;

    /// What an alarm says, of a filter that is the only one of its metric.
    fn says(
        limit: u32,
        default: Option<f64>,
        change: impl FnOnce(&mut MetricAlarm),
    ) -> Result<Vec<String>, String> {
        let mut one = filter("", "Count");
        one.metrics[0].default = default.map(Number::new);
        let filters = [("f".to_owned(), one)].into();
        let mut alarm = alarm("Count");
        change(&mut alarm);
        let feed = feed(&filters, "f", &filters["f"].metrics[0]).unwrap();
        let watch = watch(&alarm, &feed).unwrap().unwrap();
        fires(&alarm, &watch, &feed, limit)
    }

    fn statistic(alarm: &mut MetricAlarm, name: Option<&str>) {
        let Watched::Metric { statistic, .. } = &mut alarm.watches else { panic!() };
        *statistic = name.map(ToOwned::to_owned);
    }

    #[test]
    fn statistics_show_one_event_or_do_not() {
        for (name, default, good) in [
            ("Sum", None, true),
            ("Sum", Some(0.0), true),
            ("SampleCount", None, true),
            ("SampleCount", Some(0.0), false),
            ("Maximum", None, true),
            ("Maximum", Some(0.0), true),
            ("Average", None, true),
            ("Average", Some(0.0), false),
            ("Minimum", None, true),
            ("Minimum", Some(0.0), false),
            ("p90", None, false),
        ] {
            let result = says(1, default, |alarm| statistic(alarm, Some(name)));
            assert_eq!(result.is_ok(), good, "{name} {default:?}: {result:?}");
        }
        let average = says(1, Some(0.0), |alarm| statistic(alarm, Some("Average")));
        assert_eq!(average, Err("watches the average".to_owned()));
        assert!(says(1, None, |alarm| statistic(alarm, None)).is_err());
    }

    #[test]
    fn thresholds_are_reached_by_so_many_events_and_not_by_none() {
        let ge = "GreaterThanOrEqualToThreshold";
        let gt = "GreaterThanThreshold";
        for (limit, comparison, threshold, good) in [
            (1, ge, 1.0, true),
            (1, ge, 0.5, true),
            (1, ge, 0.0, false),
            (1, ge, 2.0, false),
            (1, gt, 0.0, true),
            (1, gt, 1.0, false),
            (1, gt, -1.0, false),
            (10, ge, 10.0, true),
            (10, ge, 1.0, true),
            (10, ge, 11.0, false),
            (10, gt, 9.0, true),
            (10, gt, 10.0, false),
            (1, "LessThanThreshold", 1.0, false),
            (1, "GreaterThanUpperThreshold", 1.0, false),
        ] {
            let result = says(limit, None, |alarm| {
                alarm.comparison = comparison.to_owned();
                alarm.threshold = Some(Number::new(threshold));
            });
            assert_eq!(result.is_ok(), good, "{comparison} {threshold} at {limit}: {result:?}");
        }
        assert!(says(1, None, |alarm| alarm.threshold = None).is_err());
    }

    #[test]
    fn ten_events_in_five_minutes_are_fewer_in_one() {
        let within = |period: u32, threshold: f64| {
            says(10, None, |alarm| {
                alarm.period = Some(period);
                alarm.threshold = Some(Number::new(threshold));
            })
        };
        assert!(within(3600, 10.0).is_ok());
        assert!(within(60, 2.0).is_ok() && within(10, 1.0).is_ok());
        let words = "has a threshold of 10: 2 events within 60 seconds do not reach it";
        assert_eq!(within(60, 10.0), Err(words.to_owned()));
        assert!(within(0, 1.0).is_err() && within(90, 1.0).is_err());
    }

    #[test]
    fn one_period_has_to_be_enough() {
        let over = |needed: Option<u32>, missing: Option<&str>, default: Option<f64>| {
            says(1, default, |alarm| {
                alarm.evaluation_periods = 3;
                alarm.datapoints_to_alarm = needed;
                alarm.treat_missing_data = missing.map(ToOwned::to_owned);
            })
        };
        assert_eq!(over(Some(1), Some("notBreaching"), None), Ok(vec![]));
        assert_eq!(over(Some(1), None, Some(0.0)), Ok(vec![]));
        // Without data in the other periods, CloudWatch goes by the one that has some.
        let late = over(None, Some("missing"), None).unwrap();
        assert_eq!(late, ["looks at 3 periods, and goes off late"]);
        let never = Err("goes off only after 3 periods with events".to_owned());
        assert_eq!(over(None, None, Some(0.0)), never);
        assert_eq!(over(None, Some("notBreaching"), None), never);
        for needed in [1, 3] {
            let stays = over(Some(needed), Some("ignore"), None).unwrap_err();
            assert!(stays.starts_with("keeps its state"), "{stays}");
        }
        assert_eq!(over(Some(1), Some("ignore"), Some(0.0)), Ok(vec![]));
        assert!(over(Some(1), Some("breaching"), None).is_err());
        assert_eq!(over(Some(1), Some("breaching"), Some(0.0)), Ok(vec![]));
    }
}
