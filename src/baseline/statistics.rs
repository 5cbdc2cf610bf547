//! Statistics that a few odd days do not spoil.

/// The value below which `percent` of the values lie, between its neighbours if there is none; 50 is
/// the median.
pub(super) fn quantile(sorted: &[f64], percent: u16) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = last * usize::from(percent.min(100));
    let (below, part) = (place / 100, place % 100);
    let low = *sorted.get(below)?;
    let high = *sorted.get(below + 1).unwrap_or(&low);
    let part = u32::try_from(part).map_or(0.0, f64::from);
    Some(low + (high - low) * part / 100.0)
}

/// The values in order; all are finite.
pub(super) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The median distance from the median.
pub(super) fn spread(sorted_values: &[f64], median: f64) -> f64 {
    let distances = sorted(sorted_values.iter().map(|v| (v - median).abs()));
    quantile(&distances, 50).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_day_in_five_changes_nothing() {
        let values = sorted([61.0, 60.0, 62.0, 150.0, 61.0].into_iter());
        assert_eq!(quantile(&values, 50), Some(61.0));
        assert_eq!(spread(&values, 61.0), 1.0);
        assert_eq!(quantile(&values, 75), Some(62.0));
        assert_eq!(quantile(&values, 100), Some(150.0));
        assert_eq!(quantile(&[], 50), None);
        assert_eq!(quantile(&[1.0, 2.0], 50), Some(1.5));
    }
}
