//! Odd forms and odd questions to every page: whatever is sent, the answer is a page that says so, and never our fault.
//! (The API is asked by `tests/fuzz_api.sh`, from its own description.)

use axum::body::Body;
use axum::http::StatusCode;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::runtime::Runtime;

use crate::hub::Hub;

/// Every page that a form can be sent to, but for the two that make a password.
const FORMS: [&str; 13] = [
    "/incidents/h1-1",
    "/incidents/h1-1/address",
    "/incidents/h1-99999999999",
    "/invite/nothing",
    "/account/phone",
    "/log-out",
    "/people/wang/invite",
    "/people/li/shut-out",
    "/visits",
    "/requests",
    "/me",
    "/mount",
    "/mount/h1/bed-pad",
];

/// Every page that a question can be asked of.
const PAGES: [&str; 19] = [
    "/",
    "/wall",
    "/reports",
    "/reports/csv",
    "/reports/markdown",
    "/shift",
    "/shift/csv",
    "/shift/markdown",
    "/rota",
    "/plans",
    "/rules",
    "/incidents/h1-1",
    "/visits",
    "/requests",
    "/homes",
    "/homes/h1",
    "/mount",
    "/mount/h1",
    "/mount/h1/bed-pad",
];

/// What fields are called, on any page.
const FIELDS: [&str; 40] = [
    "act", "all", "at", "back", "by", "code", "day", "days", "device", "find", "found", "from",
    "grid", "height", "home", "hours", "into", "item", "key", "lang", "lasts", "lead", "list",
    "me", "month", "mount", "move", "new", "note", "now", "number", "outcome", "overdue",
    "profile", "q", "room", "rule", "score", "text", "why",
];

/// What could stand there, so that not everything ends at the first field.
const WORDS: [&str; 44] = [
    "accept",
    "adopt",
    "ask",
    "begin",
    "called",
    "check",
    "end",
    "grant",
    "hand-over",
    "merge",
    "note",
    "resolve",
    "review",
    "verify",
    "whistle",
    "h1",
    "hub",
    "h1-1",
    "wang",
    "ma",
    "bed-pad",
    "kitchen-leak",
    "safe",
    "park",
    "extend",
    "4h",
    "99999999d",
    "120",
    "request-repair",
    "resident",
    "heat-wave",
    "2026-11",
    "9999-12",
    "-1",
    "0",
    "18446744073709551616",
    "1e308",
    "NaN",
    "2026-11-28",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
    "zh",
    "list",
    "",
];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// `name=value&…`, and now and then something that is not even that.
fn form() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        6 => select(&WORDS[..]).prop_map(encoded),
        3 => any::<String>().prop_map(|text| encoded(&text)),
        1 => "[%0-9a-zA-Z;+&=]{0,12}",
        1 => (1_usize..3000).prop_map(|n| "%E9%95%BF".repeat(n)),
    ];
    let field = prop_oneof![9 => select(&FIELDS[..]).prop_map(str::to_owned), 1 => "[%a-z]{0,4}"];
    let fields = proptest::collection::vec((field, value), 0..7);
    fields.prop_map(|all| all.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&"))
}

#[test]
fn odd_forms_and_questions_are_answered_and_never_our_fault() {
    let life = Runtime::new().expect("threads");
    let hub = life.block_on(async {
        let hub = Hub::log_in();
        hub.call_for_help().await;
        hub
    });
    let form_sent = (select(&FORMS[..]), form()).prop_map(|(path, form)| (path, form, true));
    let asked = (select(&PAGES[..]), form()).prop_map(|(path, form)| (path, form, false));
    let sent = |(path, fields, is_form): (&'static str, String, bool)| {
        let answer = life.block_on(async {
            // Whatever the last one did, somebody who may do all is logged in.
            let cookie = hub.enter("ma").await;
            if is_form {
                return hub.form(path, &cookie, &fields).await;
            }
            let asked = format!("{path}?{fields}");
            hub.ask("GET", &asked, &[("cookie", &cookie)], Body::empty()).await
        });
        // This hub has nobody who keeps the register.
        let keeper = path.starts_with("/mount") && answer.status == StatusCode::SERVICE_UNAVAILABLE;
        let status = answer.status;
        prop_assert!(
            keeper || !status.is_server_error(),
            "{path} {fields}: {status} {}",
            answer.text
        );
        Ok::<(), TestCaseError>(())
    };
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&prop_oneof![form_sent, asked], sent).expect("no page fails");
}
