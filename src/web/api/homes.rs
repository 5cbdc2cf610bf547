//! `homes`, `homes/{id}`, `devices`, `responders`: the register, and what is known now.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Home, HomeId, Incident, PersonId, Responder, Role, Time};
use crate::store::views::{Filter, Shown};
use crate::web::Web;
use crate::web::ask::Trouble;

use super::views::{DeviceView, KnownHomeView};
use super::{Fault, named};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/homes", get(async |State(web): State<Arc<Web>>| homes(&web)))
        .route("/homes/{id}", get(home))
        .route("/devices", get(devices))
        .route("/responders", get(async |State(web): State<Arc<Web>>| responders(&web)))
}

/// A home of the register
#[derive(Serialize, ToSchema)]
pub(super) struct HomeView {
    id: String,
    /// What people call it. Where it is: ask `homes/{id}/address`.
    name: String,
    /// IANA time zone.
    zone: String,
    /// Who can come, in the order of the register.
    responders: Vec<String>,
    /// How many devices are mounted.
    devices: usize,
    /// A help post in a public place: nobody lives there.
    post: bool,
}

impl HomeView {
    fn new(home: &Home) -> Self {
        Self {
            id: home.id.to_string(),
            name: home.name.clone(),
            zone: home.zone.clone(),
            responders: home.responders.iter().map(|r| r.id.to_string()).collect(),
            devices: home.devices.len(),
            post: home.is_post,
        }
    }
}

/// Somebody who can come
#[derive(Serialize, ToSchema)]
pub(super) struct ResponderView {
    id: String,
    name: String,
    /// family, micro-grid, grid, community, street, department, technician, supervisor
    role: &'static str,
    /// Of which homes.
    homes: Vec<String>,
    /// What they are told in: zh, en
    language: &'static str,
    /// When they are on duty every week; none: always.
    duty: Vec<String>,
    /// Whether they are on duty now.
    on_duty: bool,
    /// Until when that is so, if it changes within a year.
    #[schema(format = DateTime)]
    until: Option<String>,
}

impl ResponderView {
    /// `wall`: now; `home`: one of theirs, by whose clock their duty is reckoned.
    fn new(responder: &Responder, homes: Vec<String>, home: &Home, wall: Time) -> Self {
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        let (rota, by) = (&responder.rota, home.reckoning(&zone));
        Self {
            language: responder.language.tag(),
            duty: rota.duty.iter().map(ToString::to_string).collect(),
            on_duty: rota.is_on(wall, by),
            until: rota.next_change(wall, by).map(|at| at.to_string()),
            id: responder.id.to_string(),
            name: responder.name.clone(),
            role: Role::name(responder.role),
            homes,
        }
    }
}

/// The homes of the register
#[utoipa::path(get, path = "/api/v1/homes", tag = "homes", responses(
    (status = 200, description = "The homes", body = Vec<HomeView>),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) fn homes(web: &Web) -> Json<Vec<HomeView>> {
    Json(web.homes().iter().map(|home| HomeView::new(home)).collect())
}

/// One home, and what is known of it now
#[utoipa::path(get, path = "/api/v1/homes/{id}", tag = "homes",
    params(("id" = String, Path, description = "The home's name in the register", example = "h1")), responses(
    (status = 200, description = "The home", body = KnownHomeView),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 404, description = "There is no such home", body = Fault),
    (status = 503, description = "The hub did not answer in time", body = Fault),
))]
pub(super) async fn home(
    State(web): State<Arc<Web>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<KnownHomeView>, Fault> {
    known(&web, named(id)?).await.map(Json)
}

/// What is known of one home now.
pub(super) async fn known(web: &Web, id: HomeId) -> Result<KnownHomeView, Fault> {
    let Some(look) = web.look(&id).await? else {
        return Err(Fault::not_found(format!("there is no home `{id}`")));
    };
    let open = open(web, Some(id)).await?;
    let open: Vec<&Incident> = open.iter().map(|s| &s.incident).collect();
    Ok(KnownHomeView::new(&look, &open, web.site.clock.now()))
}

/// The devices of all homes: alive or not, and what each said last
#[utoipa::path(get, path = "/api/v1/devices", tag = "homes", responses(
    (status = 200, description = "The devices", body = Vec<DeviceView>),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn devices(State(web): State<Arc<Web>>) -> Result<Json<Vec<DeviceView>>, Fault> {
    let open = open(&web, None).await?;
    let now = web.site.clock.now();
    let mut devices = Vec::new();
    for (home, look) in web.look_everywhere().await {
        let here = open.iter().filter(|s| s.id.home == home.id).map(|s| &s.incident);
        let here: Vec<&Incident> = here.collect();
        devices.extend(DeviceView::all(&home, look.as_ref(), &here, now));
    }
    Ok(Json(devices))
}

/// The people who can come, and whether they are on duty now
#[utoipa::path(get, path = "/api/v1/responders", tag = "homes", responses(
    (status = 200, description = "The responders", body = Vec<ResponderView>),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) fn responders(web: &Web) -> Json<Vec<ResponderView>> {
    let homes = web.homes();
    let wall = web.site.clock.wall();
    let mut people: BTreeMap<&PersonId, (&Responder, &Home, Vec<String>)> = BTreeMap::new();
    for home in homes.iter() {
        for responder in &home.responders {
            let first = (responder, &**home, Vec::new());
            let (_, _, of) = people.entry(&responder.id).or_insert(first);
            of.push(home.id.to_string());
        }
    }
    let view = |(who, home, of)| ResponderView::new(who, of, home, wall);
    Json(people.into_values().map(view).collect())
}

async fn open(web: &Web, home: Option<HomeId>) -> Result<Vec<Shown>, Trouble> {
    let homes = home.map(|home| vec![home]);
    let filter = Filter { open: Some(true), homes, most: Some(10_000), ..Filter::default() };
    web.read(move |reader| reader.incidents(&filter)).await
}
