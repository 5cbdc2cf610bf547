//! Who saw, took away or changed what: sealed, kept, and forgotten from its beginning only.

use careloop::domain::{Deed, Doing, Span, Time};
use careloop::inbox::Arrival;
use careloop::store::audit::Audit;

use crate::hub::{Hub, id};

pub fn deed(by: &str) -> Deed {
    Deed {
        deed: Doing::Revealed,
        of: "address".to_owned(),
        home: Some(id("h1")),
        incident: Some(1),
        by: by.to_owned(),
        why: "nobody opens".to_owned(),
    }
}

fn audit(hub: &Hub) -> Audit {
    hub.reader().audit_deeds().expect("it can be audited")
}

fn lived() -> Hub {
    let mut hub = Hub::with_homes(1);
    for by in ["li", "wang", "zhao", "chen"] {
        hub.handle([Arrival::Deed(deed(by))]);
        hub.now = hub.now + Span::hours(1);
    }
    hub
}

#[test]
fn every_touch_of_a_deed_is_found() {
    let hub = lived();
    assert_eq!((audit(&hub).entries, audit(&hub).broken), (4, None));
    hub.sql("CREATE TABLE sound AS SELECT * FROM deed");
    let touches = [
        "UPDATE deed SET deed = replace(deed, 'opens', 'calls') WHERE id = ?1",
        "UPDATE deed SET at = at + 1 WHERE id = ?1",
        "UPDATE deed SET home = 'h2' WHERE id = ?1",
        "DELETE FROM deed WHERE id = ?1",
        "DELETE FROM deed WHERE ?1 <= id",
    ];
    for touch in touches {
        for id in 1..=4 {
            hub.sql(&touch.replace("?1", &id.to_string()));
            assert!(audit(&hub).broken.is_some(), "{touch}, deed {id}");
            hub.sql("DELETE FROM deed; INSERT INTO deed SELECT * FROM sound");
        }
    }
    assert_eq!(audit(&hub).broken, None);
    assert_eq!(hub.reader().audit().expect("it can be audited").broken, None);
}

#[test]
fn what_is_too_old_leaves_a_sound_record_of_the_rest_that_goes_on() {
    let mut hub = lived();
    let second = hub.reader().deeds(None).expect("deeds")[1].0;
    hub.gateway().forget_deeds(second).expect("it forgets");
    let left = |hub: &Hub| {
        let deeds = hub.reader().deeds(Some(&id("h1"))).expect("deeds");
        deeds.into_iter().map(|(_, deed)| deed.by).collect::<Vec<_>>()
    };
    assert_eq!(left(&hub), ["wang", "zhao", "chen"]);
    assert_eq!(audit(&hub).broken, None);
    hub.gateway().forget_deeds(Time(i64::MAX)).expect("it forgets");
    hub.reopen();
    hub.handle([Arrival::Deed(deed("wu"))]);
    assert_eq!((left(&hub), audit(&hub).broken), (vec!["wu".to_owned()], None));
    assert_eq!(hub.reader().deeds(Some(&id("h2"))).expect("deeds"), []);
}
