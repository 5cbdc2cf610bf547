//! A phone that does not know whether a tap arrived sends it again: it counts once, also over a kill.

use careloop::domain::{Act, Stage};
use careloop::inbox::{Answer, Arrival};

use crate::hub::{Hub, heard, id, moved};

fn tap(name: &str, by: &str, act: Act) -> Arrival {
    Arrival::Tap { name: name.to_owned(), home: id("h1"), input: moved(1, by, act) }
}

#[test]
fn a_tap_counts_once_however_often_it_comes_and_one_that_was_refused_is_judged_again() {
    let mut hub = Hub::with_homes(1);
    hub.tell(heard("help-button", "help true"));
    let note = Act::Note { text: "on my way with the key".to_owned() };
    let story = |hub: &Hub| hub.reader().entries(&id("h1-1")).expect("it can be read").len();
    let before = story(&hub);
    for again in 0..3 {
        assert_eq!(hub.handle([tap("wang 1", "wang", note.clone())]), [Answer::Done]);
        assert_eq!(story(&hub), before + 1);
        if again == 1 {
            hub.kill();
            hub.open();
        }
    }
    // Another phone's tap of the same name is another one.
    assert_eq!(hub.handle([tap("li 1", "li", note)]), [Answer::Done]);
    assert_eq!(story(&hub), before + 2);

    let verify = || tap("li 2", "li", Act::Verify);
    assert!(matches!(hub.handle([verify()]).as_slice(), [Answer::Refused(_)]));
    assert!(
        matches!(hub.handle([verify()]).as_slice(), [Answer::Refused(_)]),
        "nothing is to be verified yet"
    );
    hub.handle([tap("wang 3", "wang", Act::Accept), tap("wang 3", "wang", Act::OnScene)]);
    let shown = hub.reader().incident(&id("h1-1")).expect("it can be read").expect("it is there");
    assert_eq!(shown.incident.stage, Stage::Accepted, "a name stands for one tap");
}
