//! For watchdogs and meters: is it alive, is it ready, what has it counted. And the same in one line, for people.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::domain::Home;
use crate::inbox::Look;

use super::Web;
use super::lang::Lang;

/// As Prometheus wants it from this encoder.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/healthz", get(async |State(web): State<Arc<Web>>| healthz(&web)))
        .route("/readyz", get(async |State(web): State<Arc<Web>>| readyz(&web)))
        .route("/metrics", get(async |State(web): State<Arc<Web>>| metrics(&web)))
}

/// Whether nothing hangs
#[utoipa::path(get, path = "/healthz", tag = "hub", security(()), responses(
    (status = 200, description = "Nothing hangs", body = String),
    (status = 503, description = "Names who hangs", body = String),
))]
pub(super) fn healthz(web: &Web) -> Response {
    match web.site.health.hangs() {
        None => "ok\n".into_response(),
        Some(who) => (StatusCode::SERVICE_UNAVAILABLE, format!("{who} hangs\n")).into_response(),
    }
}

/// Whether everything listens and nothing hangs
#[utoipa::path(get, path = "/readyz", tag = "hub", security(()), responses(
    (status = 200, description = "Ready", body = String),
    (status = 503, description = "Not ready", body = String),
))]
pub(super) fn readyz(web: &Web) -> Response {
    if web.site.health.is_ready() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
}

/// What the hub counts of itself, in the text format of OpenMetrics
#[utoipa::path(get, path = "/metrics", tag = "hub", responses(
    (status = 200, description = "The figures", content_type = "application/openmetrics-text", body = String),
    (status = 401, description = "A token is wanted", content_type = "text/html", body = String),
    (status = 403, description = "The token is not for this", content_type = "text/html", body = String),
))]
pub(super) fn metrics(web: &Web) -> Response {
    ([(header::CONTENT_TYPE, METRICS)], web.site.metrics.text()).into_response()
}

/// How many sensors speak, and whether the hub is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pulse {
    /// Sensors of the register.
    pub(super) all: usize,
    /// Those that speak.
    pub(super) alive: usize,
    /// Those that somebody tries out.
    pub(super) tested: usize,
    /// Rules that nobody looks for, for everybody or in a home.
    pub(super) off: usize,
    /// Of no home it could not be found out.
    pub(super) is_known: bool,
    /// The hub listens, and nothing hangs.
    pub(super) is_ready: bool,
}

impl Pulse {
    /// Of what is known of these homes.
    pub(super) fn of(web: &Web, looks: &[(Arc<Home>, Option<Look>)]) -> Self {
        let now = web.site.clock.now();
        let is_ready = web.site.health.is_ready();
        let mut pulse = Self { is_known: true, is_ready, ..Self::default() };
        let book = looks.iter().find_map(|(_, look)| Some(&*look.as_ref()?.book));
        pulse.off = book.map_or(0, |book| book.off().count());
        for (home, look) in looks {
            pulse.off += home.changes.iter().filter(|change| change.off).count();
            pulse.all += home.devices.len();
            let Some(look) = look else {
                pulse.is_known = false;
                continue;
            };
            let now = now.max(look.now);
            let (devices, situation) = (&home.devices, &look.situation);
            pulse.alive += devices.iter().filter(|d| situation.is_alive(d, now)).count();
            pulse.tested += devices.iter().filter(|d| situation.is_under_test(&d.id)).count();
        }
        pulse
    }

    /// Whether nobody need look at sensors or hub.
    pub(super) const fn is_well(self) -> bool {
        self.is_known && self.is_ready && self.alive == self.all
    }

    /// The hub in words.
    pub(super) const fn hub(self, lang: Lang) -> &'static str {
        if self.is_ready {
            lang.say("网关正常", "hub ready")
        } else {
            lang.say("网关未就绪", "hub not ready")
        }
    }

    /// In one line.
    pub(super) fn line(self, lang: Lang) -> String {
        let Self { all, alive, tested, off, is_known, .. } = self;
        let sensors = match (is_known, lang) {
            (false, _) => lang.say("传感器状态不明", "sensors: unknown").to_owned(),
            (true, Lang::Zh) => format!("传感器 {alive}/{all} 在线"),
            (true, Lang::En) => format!("{alive} of {all} sensors speak"),
        };
        let sensors = match (tested, lang) {
            (0, _) => sensors,
            (_, Lang::Zh) => format!("{sensors} · {tested} 个测试中"),
            (_, Lang::En) => format!("{sensors} · {tested} under test"),
        };
        let off = match (off, lang) {
            (0, _) => String::new(),
            (_, Lang::Zh) => format!(" · {off} 条规则已关闭"),
            (_, Lang::En) => format!(" · rules that are off: {off}"),
        };
        format!("{sensors} · {}{off}", self.hub(lang))
    }
}
