//! The demo, as its reader does it: a real browser opens the page, and two people close an incident.

#![expect(clippy::panic, reason = "a test fails by panicking, also in what its tests share")]

mod access;
mod desk;
mod driver;
mod errands;
mod family;
mod hub;
mod keys;
mod kind;
mod line;
mod phone;
mod technician;
mod wall;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use driver::Browser;
use serde_json::json;

/// The demo, killed when dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts the demo and returns the address of its page.
fn demo(folder: &std::path::Path) -> (Demo, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_careloop"))
        .args(["demo", "--fall-after", "0", "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the demo starts");
    let out = child.stdout.take().expect("it has an output");
    let mut lines = BufReader::new(out).lines();
    let page = lines
        .find_map(|line| {
            let line = line.ok()?;
            let page = line.split_whitespace().find(|w| w.starts_with("http://"))?;
            Some(page.to_owned())
        })
        .expect("the demo says where its page is");
    // What else it says is read, so that it does not wait for us.
    std::thread::spawn(move || lines.for_each(drop));
    (Demo(child), page)
}

/// Somebody presses the help button.
async fn press_help(page: &str) {
    let tls = careloop::tls::client(None).expect("TLS can be set up");
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    let observation = r#"{"home":"h1","device":"help-button","property":"help","value":true}"#;
    let answer = client
        .build()
        .expect("a client can be made")
        .post(format!("{page}api/v1/observations"))
        .header("content-type", "application/json")
        .body(observation)
        .send()
        .await
        .expect("the API answers");
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
}

#[test]
fn two_people_close_an_incident_in_a_browser() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_demo, page) = demo(folder.path());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let browser = Browser::open().await;
        browser.go(&format!("{page}?lang=en")).await;
        // The page is open before the incident is: it must appear by itself.
        press_help(&page).await;
        browser.wait_for_text("Call for help").await;
        browser.click("a[href*='/incidents/']").await;
        let there = "return location.pathname.startsWith('/incidents/');";
        browser.until(there, json!([]), "the page of the incident").await;
        browser.wait_for_text("nobody has it").await;

        browser.be("wang").await;
        browser.click("button[value='accept']").await;
        browser.wait_for_text("accepted").await;
        browser.click("button[value='on-scene']").await;
        // What is written before the answer is there is gone with it.
        browser.wait_for_text("on-scene by wang").await;
        browser.click("input[name='outcome'][value='assisted']").await;
        browser.click("button[value='resolve']").await;
        browser.wait_for_text("A second person must confirm it").await;

        browser.be("li").await;
        browser.click("button[value='verify']").await;
        browser.wait_for_text("closed: assisted").await;
    });
}
