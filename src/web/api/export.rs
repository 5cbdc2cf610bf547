//! `export/incidents`: rows to give away. That they were taken is on disk before the first is sent.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::domain::{PersonId, Role, Time};
use crate::inbox::Arrival;
use crate::report::{Exported, Order};
use crate::web::Web;
use crate::web::moves::Mistake;

use super::Fault;
use super::asked::Asked;
use super::spelling::{Named, RoleWord, RowsWord, Spoken};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/export/incidents", get(incidents))
}

/// Which incidents, for whom, who takes them and why.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct Which {
    /// Found from then on, RFC 3339.
    #[param(format = DateTime)]
    from: String,
    /// And before then.
    #[param(format = DateTime)]
    to: String,
    /// For people of this role: all but a supervisor are given names as 张*, numbers as 138****0000 and
    /// addresses up to the block.
    #[param(inline)]
    mask: RoleWord,
    /// Who takes it out, one who comes to a home.
    #[param(inline)]
    by: Named,
    /// What for.
    #[param(inline)]
    why: Spoken,
    /// csv, or json: one object a line; csv if left out.
    #[param(inline)]
    format: Option<RowsWord>,
}

/// Incidents that were found in a time, masked for whom they are for, each with who took it, when and why;
/// that goes on record first
#[utoipa::path(get, path = "/api/v1/export/incidents", tag = "reports", params(Which), responses(
    (status = 200, description = "One incident a line", content(
        (String = "text/csv"), (String = "application/x-ndjson"))),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 503, description = "That it is taken could not be stored", body = Fault),
))]
pub(super) async fn incidents(State(web): State<Arc<Web>>, uri: Uri) -> Result<Response, Fault> {
    let mut asked = Asked::read(&uri, &["from", "to", "mask", "by", "why", "format"])?;
    let (from, to) = (asked.needs::<Time>("from"), asked.needs::<Time>("to"));
    let (mask, by) = (asked.needs::<Role>("mask"), asked.needs::<PersonId>("by"));
    let why = asked.text("why");
    let is_json = match asked.given("format") {
        None | Some("csv") => false,
        Some("json") => true,
        Some(other) => {
            let why = format!("`format` is csv or json, not `{other}`");
            asked.mistakes.push(Mistake::new("format", why));
            false
        }
    };
    let (Some(from), Some(to), Some(mask), Some(by)) = (from, to, mask, by) else {
        return Err(asked.fault());
    };
    let order = Order { from, to, mask, by, why };
    let homes = web.homes();
    if asked.mistakes.is_empty() {
        let who = homes.iter().find_map(|home| home.responder(&order.by));
        let refused = order.refused(who.map(|person| person.role));
        asked.mistakes.extend(refused.into_iter().map(|(field, why)| Mistake::new(field, why)));
    }
    if !asked.mistakes.is_empty() {
        return Err(asked.fault());
    }
    let of = Arc::clone(&homes);
    let cases = web.read(move |reader| reader.cases(from, to, &of)).await?;
    web.post(Arrival::Deed(order.deed())).await?;
    let (names, at) = (web.names(), web.site.clock.wall());
    let mut rows = order.rows(&cases, &homes, |id| names.of(id).to_owned(), at);
    let (kind, text) = if is_json {
        let line = |row| serde_json::to_string(&row).map(|text| format!("{text}\n"));
        ("application/x-ndjson", rows.by_ref().filter_map(|row| line(row).ok()).collect())
    } else {
        let all: String = rows.by_ref().map(|row| row.csv()).collect();
        ("text/csv; charset=utf-8", format!("{}{all}", Exported::heads()))
    };
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
