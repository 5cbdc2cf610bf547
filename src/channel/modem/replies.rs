//! What people write back.

use crate::domain::{Act, Input, Span, Time};
use crate::inbox::Arrival;
use crate::store::outbox::ToldBy;
use crate::store::{Reader, StoreError};

use super::Operator;

/// The clocks of the hub and of the network may differ by so much.
const CLOCKS_DIFFER: Span = Span::minutes(10);

impl Operator {
    /// Reads a message, and says whether it is dealt with.
    pub(super) async fn read(&self, from: &str, at: Option<Time>, text: &str) -> bool {
        if !is_accepting(text) {
            return true;
        }
        let (store, channel) = (self.mailbox.store.clone(), self.mailbox.channel.clone());
        let read = move || Reader::open(&store)?.told_by(&channel);
        let told: Result<Vec<ToldBy>, StoreError> = match tokio::task::spawn_blocking(read).await {
            Ok(told) => told,
            Err(_stopping) => return false,
        };
        let told = match told {
            Ok(told) => told,
            Err(error) => {
                tracing::error!(%error, "cannot read who was told");
                return false;
            }
        };
        let country = &self.account.country;
        let Some(known) = meant(&told, from, at, country) else {
            tracing::debug!("a reply by text message that belongs to nothing open");
            return true;
        };
        let input =
            Input::Move { incident: known.incident.n, by: known.person.clone(), act: Act::Accept };
        let home = known.incident.home.clone();
        // Whether it is made or refused stands in the record.
        self.mailbox.inbox.post(Arrival::Input { home, input }).await.await.is_ok()
    }
}

/// `1`, in whatever width.
fn is_accepting(text: &str) -> bool {
    matches!(text.trim(), "1" | "１")
}

/// The newest open incident that this number was told of. A message that is older than the telling answers
/// something else.
fn meant<'t>(
    told: &'t [ToldBy],
    from: &str,
    at: Option<Time>,
    country: &str,
) -> Option<&'t ToldBy> {
    let from = digits(from, country)?;
    let is_meant = |told: &&ToldBy| {
        digits(&told.address, country).as_ref() == Some(&from)
            && at.is_none_or(|at| told.at <= at + CLOCKS_DIFFER)
    };
    told.iter().find(is_meant)
}

/// A number with its country, digits only; `None` if it is none.
fn digits(number: &str, country: &str) -> Option<String> {
    let plain: String = number.chars().filter(char::is_ascii_digit).collect();
    let full = if number.trim_start().starts_with('+') {
        plain
    } else if let Some(full) = plain.strip_prefix("00") {
        full.to_owned()
    } else {
        format!("{country}{}", plain.trim_start_matches('0'))
    };
    (country.len() + 3 <= full.len()).then_some(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(incident: &str, address: &str, at: i64) -> ToldBy {
        let (incident, person) = (incident.parse().unwrap(), "wang".parse().unwrap());
        ToldBy { incident, person, address: address.to_owned(), at: Time(at) }
    }

    #[test]
    fn a_number_is_known_however_it_is_written_and_the_newest_is_meant() {
        let all = [told("h1-7", "138 0000 0000", 2_000_000), told("h1-6", "+8613800000000", 1_000)];
        for from in ["+8613800000000", "13800000000", "008613800000000", "013800000000"] {
            let meant = meant(&all, from, None, "86").unwrap();
            assert_eq!(meant.incident.to_string(), "h1-7", "{from}");
        }
        for stranger in ["", "+8613800000001", "+13800000000", "10086", "0000000"] {
            assert_eq!(meant(&all, stranger, None, "86"), None, "{stranger}");
        }
        let older = meant(&all, "13800000000", Some(Time(1_000_000)), "86").unwrap();
        assert_eq!(older.incident.to_string(), "h1-6", "it was written before the newest was told");
    }

    #[test]
    fn only_a_one_accepts() {
        assert!(is_accepting(" 1\r\n") && is_accepting("１"));
        for other in ["", "11", "1 来不了", "2", "好", "!1"] {
            assert!(!is_accepting(other), "{other}");
        }
    }
}
