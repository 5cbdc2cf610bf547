//! `careloop run`

use std::io::IsTerminal;
use std::path::Path;

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Failure, load, runtime};
use crate::app::App;
use crate::config::Config;

pub(super) fn run(folder: &Path) -> Result<(), Failure> {
    let config = load(folder)?;
    log("careloop=info,warn");
    runtime()?.block_on(stay(&config))
}

/// Logs to standard error; `CARELOOP_LOG` overrides what.
pub(super) fn log(default: &str) {
    let filter =
        EnvFilter::try_from_env("CARELOOP_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // A second call, in tests, changes nothing.
    let to = std::io::stderr;
    let colours = to().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(to).with_ansi(colours);
    drop(log.try_init());
}

async fn stay(config: &Config) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::Cannot(format!("cannot wait for signals: {e}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let app = App::start(config).await.map_err(|e| Failure::Cannot(e.to_string()))?;
    for address in &app.mqtt {
        tracing::info!("listening for MQTT on {address}");
    }
    if let Some(address) = app.http {
        tracing::info!("pages and API on http://{address}/");
    }
    if let Some(address) = app.https {
        tracing::info!("pages and API on https://{address}/");
    }
    tracing::info!("ready");
    tell_systemd(&[NotifyState::Ready]);
    // Asked for half as often as systemd waits, as its manual recommends.
    let every = sd_notify::watchdog_enabled().map_or(std::time::Duration::from_secs(1), |t| t / 2);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {
                // The keeper logs what comes of it.
                drop(app.reload().await);
            }
            () = tokio::time::sleep(every) => {}
        }
        if app.has_failed() {
            let stopped = app.stop().await;
            stopped?;
            return Err(Failure::Cannot("the loop has ended".to_owned()));
        }
        match app.health.hangs() {
            None => tell_systemd(&[NotifyState::Watchdog]),
            Some(who) => tracing::error!("{who} hangs: the watchdog is not fed"),
        }
    }
    tracing::info!("stopping");
    tell_systemd(&[NotifyState::Stopping]);
    Ok(app.stop().await?)
}

fn tell_systemd(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "cannot tell systemd");
    }
}
