//! `[limits]` of `gateway.toml`: what one device may say.

use crate::form::Form;
use crate::inbox::Budget;

/// More at once than a source lets wait is no budget any more.
const MOST: u32 = 100_000;

pub(super) fn read(mut form: Form<'_, '_>) -> Budget {
    let usual = Budget::default();
    let budget = Budget {
        per_second: form.may("device_rate").unwrap_or(usual.per_second),
        burst: form.may("device_burst").unwrap_or(usual.burst),
    };
    for (key, value) in [("device_rate", budget.per_second), ("device_burst", budget.burst)] {
        if !(1..=MOST).contains(&value) {
            form.wrong(format!("`{key}` is from 1 to {MOST}, not {value}"));
        }
    }
    form.done();
    budget
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Sheet;

    fn said(text: &str) -> (Budget, Vec<String>) {
        let sheet = Sheet::new("gateway.toml", text);
        let budget = read(sheet.form());
        (budget, sheet.problems().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_budget_may_be_left_out_and_nobody_is_left_without_one() {
        assert_eq!(said(""), (Budget::default(), vec![]));
        let (budget, problems) = said("device_rate = 20\ndevice_burst = 200\n");
        assert_eq!((budget, problems), (Budget { per_second: 20, burst: 200 }, vec![]));
        for wrong in ["device_rate = 0", "device_burst = 0", "device_rate = 100001", "rate = 1"] {
            assert_eq!(said(wrong).1.len(), 1, "{wrong}");
        }
    }
}
