//! `careloop invite`: lets a person in, or shuts them out. Whoever can run this on the hub is its owner.

use std::path::Path;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use reqwest::Method;

use super::{Failure, api, load, print_json, runtime};
use crate::domain::PersonId;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whom, as in the register
    who: PersonId,
    /// Log all their phones out, and void their password and invitation
    #[arg(long)]
    shut_out: bool,
    /// Print the invitation as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, serde::Deserialize)]
struct Invitation {
    link: String,
    until: String,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let config = load(folder)?;
    let who = &args.who;
    let (method, path) = if args.shut_out {
        (Method::DELETE, format!("people/{who}/passes"))
    } else {
        (Method::POST, format!("people/{who}/invitation"))
    };
    let body = ("application/json", String::new());
    let asked = api::ask(&config.settings, method, &path, body);
    let answer = api::heed(runtime()?.block_on(asked)?)?;
    if args.shut_out {
        line!("{who} is logged out everywhere");
        return Ok(());
    }
    if args.json {
        let said: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
        return print_json(&said);
    }
    let cannot = |e| Failure::Cannot(format!("the gateway's answer is not an invitation: {e}"));
    let Invitation { link, until } = serde_json::from_str(&answer).map_err(cannot)?;
    // One that is too long to be drawn can still be sent.
    if let Ok(code) = QrCode::new(link.as_bytes()) {
        line!("{}", drawn(&code));
    }
    line!("{link}\nopens once, until {until}, on whichever phone it is opened.");
    let http = config.settings.http.as_ref();
    if http.is_some_and(|http| http.url.is_none() && http.listen.ip().is_loopback()) {
        line!("It opens on this machine only: see `listen` and `url` in [http] of gateway.toml.");
    }
    Ok(())
}

/// Light on dark, as most terminals are: a scanner wants the quiet zone to be light.
fn drawn(code: &QrCode) -> String {
    code.render().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build()
}
