//! `careloop devices walk HOME DEVICE`: says what to do, and ticks off what the device sees.

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;

use super::{Failure, load};
use crate::cli::{api, runtime};
use crate::config::Settings;
use crate::domain::{DeviceId, HomeId, PersonId};

/// How often the gateway is asked.
const LOOK_EVERY: Duration = Duration::from_millis(300);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// In which home of the register
    home: HomeId,
    /// Which device
    device: DeviceId,
    /// Who tries it out
    #[arg(long, default_value = "technician")]
    by: PersonId,
    /// End the test that is under way. Without this it ends by itself, also when this command is cut
    /// off: when all is seen, and after ten minutes at the latest
    #[arg(long)]
    end: bool,
}

/// The test, as the gateway tells it.
#[derive(Deserialize)]
struct Walk {
    testing: bool,
    since: Option<String>,
    until: Option<String>,
    steps: Vec<Step>,
    still_on: Vec<String>,
    last: Option<Walked>,
}

#[derive(Deserialize)]
struct Step {
    what: Both,
    sees: Vec<String>,
    optional: bool,
    saw: Option<String>,
}

#[derive(Deserialize)]
struct Both {
    zh: String,
    en: String,
}

#[derive(Deserialize)]
struct Walked {
    finding: String,
    began_at: String,
    steps: Vec<Step>,
    missing: Vec<String>,
    warnings: Vec<Both>,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let config = load(folder)?;
    let path = format!("homes/{}/devices/{}/walk", args.home, args.device);
    runtime()?.block_on(async {
        if args.end {
            act(&config.settings, &path, "end", &args.by).await?;
            line!("what {} says counts again", args.device);
            return Ok(());
        }
        let walk = act(&config.settings, &path, "begin", &args.by).await?;
        begun(&args.device, &walk);
        watch(&config.settings, &path, &args.device, walk).await?;
        line!("it is in the report of the home: careloop devices report {}", args.home);
        Ok(())
    })
}

async fn act(settings: &Settings, path: &str, act: &str, by: &PersonId) -> Result<Walk, Failure> {
    let body = serde_json::json!({ "act": act, "by": by }).to_string();
    let answer = api::ask(settings, Method::POST, path, ("application/json", body)).await?;
    read(&api::heed(answer)?)
}

fn read(answer: &str) -> Result<Walk, Failure> {
    serde_json::from_str(answer)
        .map_err(|e| Failure::Cannot(format!("cannot read the gateway's answer: {e}")))
}

fn begun(device: &DeviceId, walk: &Walk) {
    let until = walk.until.as_deref().unwrap_or_default();
    line!("{device} is under test until {until}: what it says raises no alarm until then");
    for (n, step) in walk.steps.iter().enumerate() {
        let optional = if step.optional { " (可选 / optional)" } else { "" };
        let Step { what: Both { zh, en }, sees, .. } = step;
        line!("  {}. {zh} / {en}: {}{optional}", n + 1, sees.join(" or "));
    }
}

/// Ticks off what is seen, until the test ends.
async fn watch(
    settings: &Settings,
    path: &str,
    device: &DeviceId,
    begun: Walk,
) -> Result<(), Failure> {
    let since = begun.since.clone();
    let (mut walk, mut ticked, mut waits) = (begun, Vec::new(), false);
    while walk.testing {
        tick(&walk.steps, &mut ticked);
        let is_seen = walk.steps.iter().all(|step| step.optional || step.saw.is_some());
        if !waits && is_seen && !walk.still_on.is_empty() {
            waits = true;
            let still = walk.still_on.join(", ");
            line!("  等待解除 / waiting until it is taken back: {still}");
        }
        tokio::time::sleep(LOOK_EVERY).await;
        let nothing = ("application/json", String::new());
        walk = read(&api::heed(api::ask(settings, Method::GET, path, nothing).await?)?)?;
    }
    let Some(last) = walk.last.filter(|last| Some(&last.began_at) == since.as_ref()) else {
        return Err(Failure::Cannot(format!(
            "{device} was placed anew, or somebody else began to try it out, or the clock was set: \
             try again"
        )));
    };
    tick(&last.steps, &mut ticked);
    for Both { zh, en } in &last.warnings {
        line!("  注意 / mind: {zh} / {en}");
    }
    match last.finding.as_str() {
        "passed" => {
            line!("{device} passed");
            Ok(())
        }
        finding => {
            let missing = last.missing.join(", ");
            Err(Failure::Cannot(format!("{device} {finding}: not seen: {missing}")))
        }
    }
}

fn tick(steps: &[Step], ticked: &mut Vec<usize>) {
    for (n, step) in steps.iter().enumerate() {
        if let Some(saw) = step.saw.as_ref().filter(|_| !ticked.contains(&n)) {
            line!("  ✓ {}. {saw}", n + 1);
            ticked.push(n);
        }
    }
}
