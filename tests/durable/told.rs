//! What a delivery says: a digest names what it is about, and what was raised says the news.

use careloop::domain::{IncidentId, Span};
use careloop::engine::Purpose;
use careloop::store::outbox::Promise;

use crate::hub::{Hub, heard, homes};

fn told(hub: &mut Hub, purpose: Purpose) -> Vec<Promise> {
    let wall = hub.now + hub.gateway().offset();
    let due = hub.reader().due(wall, 500).expect("the outbox").0;
    due.into_iter().filter(|promise| promise.purpose == purpose).collect()
}

#[test]
fn a_digest_lists_every_warning_that_is_told_in_it() {
    let mut hub = Hub::with_homes(1);
    for device in
        ["kitchen-leak", "kitchen-smoke", "bed-pad", "hall-motion", "front-door", "help-button"]
    {
        hub.tell(heard(device, "battery 9"));
        hub.now = hub.now + Span::minutes(1);
    }
    hub.tell(heard("kitchen-leak", "tamper true"));
    assert_eq!(told(&mut hub, Purpose::Digest).len(), 0, "it is afternoon");
    hub.wait(Span::hours(18));
    let digests = told(&mut hub, Purpose::Digest);
    let mut people: Vec<_> = digests.iter().filter_map(|p| p.person.clone()).collect();
    let count = people.len();
    people.dedup();
    assert_eq!(people.len(), count, "one message a person");
    for digest in &digests {
        let all = digest.body["digest"].as_array().expect("a list");
        assert!(2 < all.len(), "{all:?}");
        for one in all {
            assert!(digest.line.contains(one["title"]["zh"].as_str().unwrap()), "{}", digest.line);
            let english = one["title"]["en"].as_str().unwrap();
            assert!(!digest.line.contains(english), "they read Chinese: {}", digest.line);
            let id: IncidentId = one["incident"].as_str().unwrap().parse().unwrap();
            assert_eq!(hub.incident(id.n).incident.level, careloop::domain::Level::Info);
        }
        assert!(all.iter().any(|i| i["rule"] == "battery-low" && i["device"] == "help-button"));
        assert!(all.iter().any(|i| i["rule"] == "tamper"));
        assert!(digest.line.contains("今日提示汇总：设备低电量 ×6、"), "{}", digest.line);
        for name in ["女儿", "3-2-501", "3 栋"] {
            assert!(!digest.line.contains(name), "no names: {}", digest.line);
        }
    }
    assert!(!digests.is_empty());
}

#[test]
fn what_was_raised_says_what_is_new_and_not_what_it_began_with() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("hall-motion", "motion true"));
    hub.now = hub.now + Span::minutes(10);
    hub.tell(heard("fall-radar", "fall true"));
    hub.wait(Span::minutes(6));
    let raised = told(&mut hub, Purpose::Raised);
    assert!(!raised.is_empty());
    for promise in raised {
        assert_eq!(promise.body["reason"]["en"], "fall seen by fall-radar");
        let news = promise.body["news"]["en"].as_str().unwrap();
        assert!(news.contains("nothing for 5m"), "{news}");
        assert!(promise.line.contains("情况加重"), "{}", promise.line);
        assert_eq!(promise.body["to"]["language"], "zh");
        assert!(!promise.line.contains(news), "reasons do not leave the pages: {}", promise.line);
    }
}

#[test]
fn whatever_is_told_names_the_case_and_neither_people_nor_reasons_nor_places() {
    let mut hub = Hub::with_homes(1);
    let home = homes(1).remove(0);
    let mut told = Vec::new();
    for (device, said) in [
        ("hall-motion", "motion true"),
        ("fall-radar", "fall true"),
        ("kitchen-leak", "battery 9"),
        ("bed-pad", "in_bed true"),
        ("bed-pad", "in_bed false"),
    ] {
        hub.tell(heard(device, said));
        for _ in 0..8 {
            hub.wait(Span::minutes(2));
            let wall = hub.now + hub.gateway().offset();
            told.extend(hub.reader().due(wall, 500).expect("the outbox").0);
        }
    }
    let mut purposes = std::collections::BTreeSet::new();
    for promise in &told {
        purposes.insert(format!("{:?}", promise.purpose));
        let reply = promise.body.get("reply").map_or("", |reply| reply.as_str().unwrap());
        let said = [promise.line.as_str(), promise.body["heading"].as_str().unwrap(), reply];
        let case = promise.id.incident.to_string();
        assert_eq!(promise.purpose == Purpose::Ask, !promise.line.contains(&case), "{said:?}");
        let names = home.responders.iter().map(|person| person.name.as_str());
        let reason = [&promise.body["reason"]["zh"], &promise.body["reason"]["en"]];
        let reason = reason.map(|reason| reason.as_str().unwrap());
        for secret in names.chain([home.name.as_str(), home.address.as_str()]).chain(reason) {
            assert!(3 < secret.len() || secret.is_empty(), "{secret}");
            let is_said = !secret.is_empty() && said.iter().any(|said| said.contains(secret));
            assert!(!is_said, "{secret}: {said:?}");
        }
    }
    for purpose in ["Ask", "Alarm", "Escalation", "Repeat", "Raised"] {
        assert!(purposes.contains(purpose), "{purpose} of {purposes:?}");
    }
}
