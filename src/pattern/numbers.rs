//! Numbers of every kind that some constants tell apart: each constant, and one from each gap.

/// A number equal to each constant, and one between each two neighbours, below all and above all, where
/// there is one. Numbers are finite doubles.
pub(super) fn witnesses(constants: &[f64]) -> Vec<f64> {
    let mut points = constants.to_vec();
    points.extend([f64::NEG_INFINITY, f64::INFINITY]);
    points.sort_by(f64::total_cmp);
    // Zero with a sign is zero.
    points.dedup_by(|a, b| *a <= *b && *b <= *a);
    let gaps =
        points.iter().zip(points.iter().skip(1)).filter_map(|(low, high)| between(*low, *high));
    points.iter().copied().filter(|point| point.is_finite()).chain(gaps).collect()
}

/// A number between two others, if there is one: a whole one if possible.
fn between(low: f64, high: f64) -> Option<f64> {
    // Below nothing, or above nothing.
    let whole = if low.is_finite() { low.floor() + 1.0 } else { high.ceil() - 1.0 };
    let middle = low.midpoint(high);
    // If any number is between, so is the one next to `low`.
    let nice = if low.is_finite() || high.is_finite() { whole } else { 0.0 };
    [nice, middle, low.next_up()].into_iter().find(|n| low < *n && *n < high && n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::witnesses;

    #[test]
    fn points_and_gaps_are_found() {
        assert_eq!(witnesses(&[]), [0.0]);
        assert_eq!(witnesses(&[5.0]), [5.0, 4.0, 6.0]);
        assert_eq!(witnesses(&[2.0, 1.0, 1.0]), [1.0, 2.0, 0.0, 1.5, 3.0]);
        assert_eq!(witnesses(&[0.0, -0.0]).len(), 3);
    }

    #[test]
    fn no_number_is_between_neighbours_or_beyond_the_last() {
        assert_eq!(witnesses(&[1.0, 1.0_f64.next_up()]).len(), 4);
        assert_eq!(witnesses(&[f64::MAX]).len(), 2);
        assert_eq!(witnesses(&[f64::MIN]).len(), 2);
        assert_eq!(witnesses(&[f64::INFINITY]), [0.0]);
        let tiny = f64::from_bits(1);
        assert_eq!(witnesses(&[0.0, tiny, -tiny]).len(), 5);
    }
}
