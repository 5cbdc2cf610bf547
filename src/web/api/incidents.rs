//! `GET /api/v1/incidents` and `GET /api/v1/incidents/{id}`.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, State};
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};

use crate::domain::{IncidentId, Sentence, Time};
use crate::store::views::Filter;
use crate::web::Web;
use crate::web::moves::Mistake;

use super::spelling::{GroupWord, LevelWord, Named};
use super::views::{IncidentView, StoryView};
use super::{Fault, named};

/// The most incidents in one answer, and how many without `limit`.
const LIMIT_MAX: u32 = 500;
const LIMIT: u32 = 100;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/incidents", get(list)).route("/incidents/{id}", get(one))
}

/// Which incidents.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct Which {
    /// Only open ones, or only closed ones.
    open: Option<bool>,
    /// Only of this home.
    #[param(inline)]
    home: Option<Named>,
    /// At least this level.
    #[param(inline)]
    level: Option<LevelWord>,
    /// Only what is about this.
    #[param(inline)]
    group: Option<GroupWord>,
    /// Only detected before this instant, RFC 3339; for paging through closed ones.
    #[param(format = DateTime)]
    before: Option<String>,
    /// At most so many, 1 to 500; 100 if left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// Incidents: open ones first, the most urgent and latest on top
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(Which), responses(
    (status = 200, description = "The incidents", body = Vec<IncidentView>),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn list(
    State(web): State<Arc<Web>>,
    uri: Uri,
) -> Result<Json<Vec<IncidentView>>, Fault> {
    let filter = read(&uri)?;
    let shown = web.read(move |reader| reader.incidents(&filter)).await?;
    let offset = web.site.clock.offset();
    Ok(Json(shown.iter().map(|s| IncidentView::new(s, offset)).collect()))
}

/// One incident with its story and deliveries
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents",
    params(("id" = String, Path, description = "The incident", example = "h1-1")), responses(
    (status = 200, description = "The incident", body = StoryView),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 404, description = "There is no such incident", body = Fault),
))]
pub(super) async fn one(
    State(web): State<Arc<Web>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<StoryView>, Fault> {
    story(&web, named(id)?).await.map(Json)
}

/// One incident as it stands on disk.
pub(super) async fn story(web: &Web, id: IncidentId) -> Result<StoryView, Fault> {
    let wanted = id.clone();
    let read = web.read(move |reader| {
        let Some(shown) = reader.incident(&wanted)? else { return Ok(None) };
        Ok(Some((shown, reader.entries(&wanted)?, reader.deliveries(&wanted)?)))
    });
    let Some((shown, entries, sent)) = read.await? else {
        return Err(Fault::not_found(format!("there is no incident `{id}`")));
    };
    let view = IncidentView::new(&shown, web.site.clock.offset());
    Ok(StoryView::new(view, entries, sent, &web.names()))
}

fn read(uri: &Uri) -> Result<Filter, Fault> {
    let mut mistakes = Vec::new();
    let query = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let Ok(Query(query)) = query else {
        let mistake = Mistake::new("query", "it is not `name=value&…`");
        return Err(Fault::malformed("the query cannot be understood", vec![mistake]));
    };
    let mut filter = Filter { most: Some(LIMIT), ..Filter::default() };
    for (name, value) in query {
        let set: Result<(), Sentence> = match name.as_str() {
            "open" => value
                .parse()
                .map(|open| filter.open = Some(open))
                .map_err(|_no_flag| format!("`{value}` is neither `true` nor `false`").into()),
            "home" => value.parse().map(|home| filter.homes = Some(vec![home])),
            "level" => value.parse().map(|level| filter.level = Some(level)),
            "group" => value.parse().map(|group| filter.group = Some(group)),
            "before" => {
                value.parse::<Time>().map(|at| filter.before = Some(at)).map_err(Sentence::from)
            }
            "limit" => limit(&value).map(|limit| filter.most = Some(limit)),
            _ => Err(format!(
                "there is no parameter `{name}`: one of open, home, level, group, before, limit"
            )
            .into()),
        };
        if let Err(why) = set {
            mistakes.push(Mistake::new(&name, why));
        }
    }
    if mistakes.is_empty() {
        Ok(filter)
    } else {
        Err(Fault::malformed("the query cannot be understood", mistakes))
    }
}

fn limit(value: &str) -> Result<u32, Sentence> {
    let limit = value.parse().ok().filter(|n| (1..=LIMIT_MAX).contains(n));
    limit.ok_or_else(|| format!("`{value}` is not a whole number from 1 to {LIMIT_MAX}").into())
}
