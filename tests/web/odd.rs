//! Odd forms and odd questions to every page: whatever is sent, the answer is a page that says so, and never our fault.
//! (The API is asked by `tests/fuzz_api.sh`, from its own description.)

use axum::body::Body;
use axum::http::StatusCode;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::runtime::Runtime;

use crate::hub::Hub;

/// Every page that a form can be sent to, but for those that make or want a password; and what its fields are called.
const FORMS: [(&str, &str); 13] = [
    ("/incidents/h1-1", MOVES),
    ("/incidents/h1-1/address", "by why back"),
    ("/incidents/h1-99999999999", MOVES),
    ("/invite/nothing", "by lang"),
    ("/account/phone", "endpoint p256dh auth by"),
    ("/log-out", "all by"),
    ("/people/wang/invite", "by back"),
    ("/people/li/shut-out", "by back"),
    ("/visits", "home why by back"),
    ("/requests", "home rule from text code by"),
    ("/me", "me back"),
    ("/mount", "key profile home device room mount height by"),
    ("/mount/h1/bed-pad", "act by"),
];
const MOVES: &str = "move move move by tap back list outcome note to why text wish lasts into lead with number said item found score";

/// Every page that a question can be asked of.
const PAGES: [(&str, &str); 19] = [
    ("/", LIST),
    ("/?show=alarms&", LIST),
    ("/wall", "lang"),
    ("/reports", "month grid lang"),
    ("/reports/csv", "month grid"),
    ("/reports/markdown", "month grid lang"),
    ("/shift", "to hours lang"),
    ("/shift/csv", "to hours"),
    ("/shift/markdown", "to hours lang"),
    ("/rota", "grid lang"),
    ("/plans", "lang"),
    ("/rules", "lang"),
    ("/incidents/h1-1", "lang back list"),
    ("/visits", "grid by home lang"),
    ("/requests", "home lang"),
    ("/homes/h1", "day span lang"),
    ("/log-in", "back lang"),
    ("/mount", "find key lang"),
    ("/mount/h1", "key lang"),
];
const LIST: &str = "show grid who q overdue lang";

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
fn form(names: &'static str) -> impl Strategy<Value = String> {
    let value = prop_oneof![
        6 => select(&WORDS[..]).prop_map(encoded),
        3 => any::<String>().prop_map(|text| encoded(&text)),
        1 => "[%0-9a-zA-Z;+&=]{0,12}",
        // An address of more than 64 KiB is none that could be sent.
        1 => (1_usize..1000).prop_map(|n| "%E9%95%BF".repeat(n)),
    ];
    let names: Vec<&str> = names.split(' ').collect();
    let field = prop_oneof![19 => select(names).prop_map(str::to_owned), 1 => "[%a-z]{0,4}"];
    let fields = proptest::collection::vec((field, value), 0..7);
    fields.prop_map(|all| all.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&"))
}

/// A page of them, and what it is sent.
fn sent_to(
    pages: &'static [(&'static str, &'static str)],
) -> impl Strategy<Value = (&'static str, String)> {
    select(pages).prop_flat_map(|(path, names)| (Just(path), form(names)))
}

#[test]
fn odd_forms_and_questions_are_answered_and_never_our_fault() {
    let life = Runtime::new().expect("threads");
    let hub = life.block_on(async {
        let hub = Hub::log_in();
        hub.call_for_help().await;
        hub
    });
    let form_sent = sent_to(&FORMS).prop_map(|(path, form)| (path, form, true));
    let asked = sent_to(&PAGES).prop_map(|(path, form)| (path, form, false));
    let sent = |(path, fields, is_form): (&'static str, String, bool)| {
        let answer = life.block_on(async {
            // Whatever the last one did, somebody who may do all is logged in.
            let cookie = hub.enter("ma").await;
            if is_form {
                return hub.form(path, &cookie, &fields).await;
            }
            let mark = if path.contains('?') { "" } else { "?" };
            let asked = format!("{path}{mark}{fields}");
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
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&prop_oneof![form_sent, asked], sent).expect("no page fails");
}
