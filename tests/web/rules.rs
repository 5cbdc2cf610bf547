//! Other numbers of a rule are tried out on last week, and put in force by whoever saw what that would have cost.

use axum::http::{StatusCode, header};
use careloop::domain::{Act, Input, Observation, Outcome, Span, Time};
use careloop::engine::Effect;
use careloop::gateway::Gateway;
use careloop::inbox::{Arrival, Letter};
use careloop::registrar::{Amended, Change, Edit, Refused, Settled, Wish};

use crate::hub::{Answer, Hub};

const RULES: &str = include_str!("../../config/rules.toml");

/// A home that lives, at its own pace.
struct Lived<'g> {
    gateway: &'g mut Gateway,
    now: Time,
    /// The latest incident of the rule.
    found: u32,
}

impl Lived<'_> {
    fn tell(&mut self, input: Option<Input>) {
        let home = "h1".parse().expect("a name");
        let arrival = input.map(|input| Arrival::Input { home, input });
        let letter = |arrival| Letter { arrival, receipt: tokio::sync::oneshot::channel().0 };
        let letters: Vec<Letter> = arrival.map(letter).into_iter().collect();
        let (handled, _) = self.gateway.handle(self.now, &letters).expect("it is stored");
        for (_, effect) in handled.effects {
            if let Effect::Story { incident, key, .. } = effect
                && key == "oxygen"
            {
                self.found = incident;
            }
        }
    }

    /// Every deadline at its own instant.
    fn wait(&mut self, until: Time) {
        while let Some(at) = self.gateway.wake().filter(|at| *at < until) {
            self.now = self.now.max(at);
            self.tell(None);
        }
        self.now = until;
    }

    fn hear(&mut self, percent: u32) {
        let said: Observation = format!("spo2 {percent} %").parse().expect("it is one");
        let device = "bed-pad".parse().expect("a name");
        self.tell(Some(Input::Heard { device, observations: vec![said], retained: false }));
    }

    /// So much oxygen for four minutes; people see to it, and say how it ended.
    fn breathes(&mut self, percent: u32, outcome: Option<Outcome>) {
        for _ in 0..4 {
            self.hear(percent);
            self.wait(self.now + Span::minutes(1));
        }
        self.hear(97);
        let Some(outcome) = outcome else { return };
        for (by, act) in [
            ("wang", Act::OnScene),
            ("wang", Act::Resolve { outcome, note: String::new() }),
            ("li", Act::Verify),
        ] {
            let by = by.parse().expect("a name");
            self.tell(Some(Input::Move { incident: self.found, by, act }));
        }
    }
}

/// Four times in six days there was little oxygen: a little less than usual, which was false once and real once,
/// and less than that, which was real and then is still open. In between the hub was off.
pub fn live(gateway: &mut Gateway, now: Time) {
    let mut lived = Lived { gateway, now: now - Span::hours(6 * 24), found: 0 };
    let bouts = [
        (91, Some(Outcome::FalseAlarm)),
        (91, Some(Outcome::Hospital)),
        (85, Some(Outcome::Assisted)),
        (85, None),
    ];
    for ((percent, outcome), days) in bouts.into_iter().zip([5, 4, 3, 2]) {
        lived.now = now - Span::hours(24 * days);
        lived.breathes(percent, outcome);
    }
}

/// The trial's page once it is over. It is loaded again and again, as by a browser.
pub async fn over(hub: &Hub, path: &str, cookie: &str) -> Answer {
    let mut page = hub.page(path, cookie).await;
    for _ in 0..100_000 {
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        if page.header(header::REFRESH).is_empty() {
            break;
        }
        tokio::task::yield_now().await;
        page = hub.page(path, cookie).await;
    }
    assert_eq!(page.header(header::REFRESH), "", "it ends");
    page
}

/// Tries it out; the address of the trial.
pub async fn try_out(hub: &Hub, path: &str, cookie: &str, form: &str) -> String {
    let begun = hub.form(path, cookie, form).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    begun.header(header::LOCATION).to_owned()
}

/// The same, as soon as another trial that is under way is over.
async fn try_out_next(hub: &Hub, path: &str, cookie: &str, form: &str) -> String {
    let mut begun = hub.form(path, cookie, form).await;
    for _ in 0..100_000 {
        if begun.status == StatusCode::SEE_OTHER {
            break;
        }
        assert!(begun.text.contains("Another trial is under way"), "{}", begun.text);
        tokio::task::yield_now().await;
        begun = hub.form(path, cookie, form).await;
    }
    begun.header(header::LOCATION).to_owned()
}

/// A form, sent by itself: the test answers for the keeper meanwhile.
async fn sent(router: axum::Router, path: String, cookie: String, form: String) -> Answer {
    use tower::ServiceExt as _;
    let request = axum::http::Request::post(path)
        .header("host", "localhost:8380")
        .header("origin", "http://localhost:8380")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie);
    let request = request.body(axum::body::Body::from(form)).expect("it is right");
    Answer::read(router.oneshot(request).await.expect("it answers")).await
}

/// A form by which the keeper is asked for nothing.
pub async fn refused(hub: &mut Hub, path: &str, cookie: &str, form: &str) -> Answer {
    let (path, cookie) = (path.to_owned(), cookie.to_owned());
    let answer = tokio::select! {
        answer = sent(hub.router.clone(), path, cookie, form.to_owned()) => Some(answer),
        _asked = hub.wishes.recv() => None,
    };
    answer.expect("nothing is asked of the keeper")
}

/// What is asked of the keeper by the next form, and what it answers.
pub async fn forced(
    hub: &mut Hub,
    (path, cookie, form): (&str, &str, &str),
    answer: Result<Settled, Refused>,
) -> (Answer, Change, String) {
    let (path, cookie, form) = (path.to_owned(), cookie.to_owned(), form.to_owned());
    let sent = tokio::spawn(sent(hub.router.clone(), path, cookie, form));
    let asked = match hub.wishes.recv().await.expect("something is asked of the keeper") {
        Wish::Change { change, dry_run: false, by, answer } => Some((change, by, answer)),
        Wish::Change { .. } | Wish::Forget { .. } | Wish::Try { .. } | Wish::Text(_) => None,
    };
    let (change, by, asker) = asked.expect("a change");
    asker.send(answer).expect("somebody waits");
    (sent.await.expect("it ends"), change, by)
}

#[tokio::test]
async fn what_would_be_lost_is_said_first_and_only_what_was_seen_comes_in_force() {
    let mut hub = Hub::log_in_after(live);
    let ma = format!("careloop_lang=en; {}", hub.enter("ma").await);
    let li = format!("careloop_lang=en; {}", hub.enter("li").await);
    let rule = hub.page("/rules/oxygen", &ma).await.text;
    for word in [
        "spo2 below 92 %; a reading counts for 3m",
        "name=\"detect.threshold.below\" value=\"92\"",
        "name=\"alarm.after\" value=\"3m\"",
        "NHS (Durham chart)",
        "# Whoever has a target of 88 to 92 %",
    ] {
        assert!(rule.contains(word), "{word}: {rule}");
    }
    let less = "detect.threshold.below=91&alarm.after=3m";
    let path = try_out(&hub, "/rules/oxygen", &ma, less).await;
    let force = format!("{path}/force");
    // Another begins only when this one is over; and then nobody has seen yet what came of it.
    let own = try_out_next(&hub, "/rules/oxygen", &li, less).await;
    let early = refused(&mut hub, &force, &ma, "why=fewer&lost=1").await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.text);

    let page = over(&hub, &path, &ma).await.text;
    for word in [
        "Alarms that turned out real and would be lost or come later: 1; not ended yet: 0",
        "<span class=\"what\">Low blood oxygen<small>would be lost · 3-2-501",
        "<span class=\"outcome\">hospital</span>",
        "<span class=\"outcome\">false alarm</span>",
        "Would be dropped <span class=\"count plain\">2</span>",
        "Would be added <span class=\"count plain\">0</span>",
        "92 → <strong>91</strong>",
        "It comes in force for all 2 homes of this hub",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(
        page.contains("<td data-head=\"as it was\">4 (")
            && page.contains("<td data-head=\"with this\">2 ("),
        "{page}"
    );

    // It is nobody else's, and the desk only tries out.
    assert_eq!(hub.page(&path, &li).await.status, StatusCode::NOT_FOUND);
    assert!(over(&hub, &own, &li).await.text.contains("A supervisor puts it in force"));
    let not = refused(&mut hub, &format!("{own}/force"), &li, "why=fewer&lost=1").await;
    assert_eq!(not.status, StatusCode::FORBIDDEN);

    for (form, why) in [("why=+&lost=1", "Say why"), ("why=fewer", "say that you have looked")] {
        let refused = refused(&mut hub, &force, &ma, form).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text.contains(why), "{}", refused.text);
    }
    let form = "why=the+clinic+says+so&lost=1";
    let conflict = Refused::Conflict("rules.toml has changed".into());
    let (answer, ..) = forced(&mut hub, (&force, &ma, form), Err(conflict)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("rules.toml has changed") && answer.text.contains("the clinic"));
    let (answer, change, by) = forced(&mut hub, (&force, &ma, form), Ok(Settled::default())).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let Change::Amend(amendment) = change else { panic!("{change:?}") };
    let wanted = RULES.replacen(
        "{ of = \"spo2\", below = 92, deadband",
        "{ of = \"spo2\", below = 91, deadband",
        1,
    );
    assert_eq!((amendment.of, by.as_str()), (Amended::Rules, "ma"));
    assert_eq!(amendment.why, "the clinic says so");
    assert!(amendment.before == RULES && amendment.after == wanted, "and every comment stays");
    let again = refused(&mut hub, &force, &ma, form).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "once");
}

#[tokio::test]
async fn a_rule_that_is_more_careful_adds_alarms_and_loses_none() {
    let hub = Hub::log_in_after(live);
    let ma = format!("careloop_lang=en; {}", hub.enter("ma").await);
    // People are told two minutes sooner.
    let path = try_out(&hub, "/rules/oxygen", &ma, "alarm.after=1m").await;
    let page = over(&hub, &path, &ma).await.text;
    assert!(page.contains("No alarm that turned out real would be lost"), "{page}");
    assert!(
        page.contains("Would come at another time <span class=\"count plain\">4</span>"),
        "{page}"
    );
    assert!(page.contains("earlier by 2m · 3-2-501"), "{page}");
    // And later by as much, of which three are real or still open.
    let path = try_out(&hub, "/rules/oxygen", &ma, "alarm.after=5m").await;
    let page = over(&hub, &path, &ma).await.text;
    assert!(page.contains("would be lost or come later: 2; not ended yet: 1"), "{page}");
}

#[tokio::test]
async fn what_is_wrong_is_said_of_its_field_and_what_was_typed_stays() {
    let hub = Hub::log_in();
    let li = format!("careloop_lang=en; {}", hub.enter("li").await);
    for (form, said) in [
        ("detect.threshold.below=warm", "<p>below: `warm` is not a number".to_owned()),
        ("detect.threshold.below=400", "<p>`spo2` is from 30 to 100 %; 400".to_owned()),
        ("alarm.after=10s", "alarm.after 10s is before what comes first".to_owned()),
        ("detect.for=soon", "<p>it must hold for: `soon` is not a length".to_owned()),
        ("detect.threshold.below=92", "Nothing would be otherwise".to_owned()),
        ("home=h1&alarm.after=10s", "alarm.after 10s is before what comes first".to_owned()),
    ] {
        let page = hub.form("/rules/oxygen", &li, form).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{form}: {}", page.text);
        let alert = page.text.split("role=\"alert\">").nth(1).unwrap().split("</div>").next();
        let alert = alert.unwrap().replace("&#60;", "<");
        assert!(alert.contains(&said), "{form}: {said}: {alert}");
        let (_, typed) = form.rsplit_once('=').unwrap();
        assert!(page.text.contains(&format!("value=\"{typed}\"")), "{form}");
    }
    let hostile = hub.form("/rules/oxygen", &li, "detect.threshold.below=<script>").await;
    assert!(!hostile.text.contains("<script>"), "{}", hostile.text);
    let nothing = hub.form("/rules/nothing", &li, "alarm.after=10s").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    let other = hub.form("/rules/oxygen", &li, "home=h2&alarm.after=9m").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn for_one_home_only_its_register_is_changed() {
    let mut hub = Hub::log_in_after(live);
    let ma = format!("careloop_lang=en; {}", hub.enter("ma").await);
    let form = "home=h1&off=no&detect.threshold.below=88&warn.after=60s";
    let path = try_out(&hub, "/rules/oxygen", &ma, form).await;
    let page = over(&hub, &path, &ma).await.text;
    for word in [
        "For this home only: 3-2-501",
        "as everybody has it → <strong>detect.threshold.below = 88</strong>",
        "turned out real and would be lost or come later: 1; not ended yet: 0",
        "It comes in force for 3-2-501 only",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let force = format!("{path}/force");
    let (answer, change, by) =
        forced(&mut hub, (&force, &ma, "why=COPD&lost=1"), Ok(Settled::default())).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert!(answer.header(header::LOCATION).contains("home=h1"));
    let Change::Edits(edits) = change else { panic!("{change:?}") };
    let [Edit::Tune { home, rule, set, off: false, by: who, why, .. }] = &*edits else {
        panic!("{edits:?}")
    };
    assert_eq!((home.as_str(), rule.as_str(), why.as_str()), ("h1", "oxygen", "COPD"));
    assert_eq!((set.as_str(), who.as_str()), ("detect.threshold.below = 88\n", "ma"));
    assert_eq!(by, "ma");
    // Where it is not looked for, everything that was found is gone.
    let path = try_out(&hub, "/rules/oxygen", &ma, "home=h1&off=yes").await;
    let page = over(&hub, &path, &ma).await.text;
    assert!(page.contains("<strong>not looked for</strong>"), "{page}");
    assert!(page.contains("would be lost or come later: 2; not ended yet: 1"), "{page}");
    // An emergency is never off.
    let help = hub.form("/rules/help", &ma, "home=h1&off=yes").await;
    assert_eq!(help.status, StatusCode::BAD_REQUEST);
    assert!(help.text.contains("an emergency is never off"), "{}", help.text);
}
