//! `homes/{home}/devices/{device}/walk`: trying a device out, and how that goes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::Value as Any;
use utoipa::ToSchema;

use crate::domain::{
    DeviceId, HomeId, Input, PersonId, Refusal, Sentence, Span, Step, Time, WalkAct, Walked,
};
use crate::inbox::{Answer, Arrival, Look};
use crate::web::Web;
use crate::web::moves::Mistake;

use super::spelling::Named;
use super::views::Both;
use super::{Fault, json};

/// Who tries a device out if nobody says who.
const SOMEBODY: &str = "technician";

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/homes/{home}/devices/{device}/walk", get(look).post(act))
}

/// What to do with a test
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct NewWalk {
    /// begin, end
    #[schema(example = "begin", pattern = "^(begin|end)$")]
    act: String,
    /// Who tries it out.
    by: Option<Named>,
}

/// The test of a device: under way, and how the last one ended
#[derive(Serialize, ToSchema)]
pub(super) struct WalkView {
    home: String,
    device: String,
    /// Whether somebody tries it out now; then what it says counts for nothing.
    testing: bool,
    /// Who does, since when, and when it ends by itself.
    by: Option<String>,
    #[schema(format = DateTime)]
    since: Option<String>,
    #[schema(format = DateTime)]
    until: Option<String>,
    /// What to do, and what was seen of it; of the test under way, else what the next would be.
    steps: Vec<StepView>,
    /// What it set off and must take back before the test is passed.
    still_on: Vec<&'static str>,
    /// How the last test ended.
    last: Option<WalkedView>,
}

/// One thing to do
#[derive(Serialize, ToSchema)]
pub(super) struct StepView {
    what: Both,
    /// Any of these shows that it was seen: `motion true`.
    sees: Vec<String>,
    /// The test passes without it.
    optional: bool,
    #[schema(format = DateTime)]
    seen_at: Option<String>,
    /// What was seen: `motion true`.
    saw: Option<String>,
}

/// How a test ended
#[derive(Serialize, ToSchema)]
pub(super) struct WalkedView {
    /// passed, failed, ended
    finding: &'static str,
    by: String,
    #[schema(format = DateTime)]
    began_at: String,
    #[schema(format = DateTime)]
    ended_at: String,
    steps: Vec<StepView>,
    /// What was not seen and had to be.
    missing: Vec<String>,
    /// What to mind although it may have passed: a weak signal, a low battery.
    warnings: Vec<Both>,
}

/// How the test of a device goes
#[utoipa::path(get, path = "/api/v1/homes/{home}/devices/{device}/walk", tag = "devices",
    params(("home" = String, Path, description = "The home's name in the register", example = "h1"),
        ("device" = String, Path, description = "The device's name in the home", example = "bed-pad")), responses(
    (status = 200, description = "The test under way, and the last one", body = WalkView),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 404, description = "There is no such home or device", body = Fault),
    (status = 503, description = "The hub did not answer in time", body = Fault),
))]
pub(super) async fn look(
    State(web): State<Arc<Web>>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<WalkView>, Fault> {
    let (home, device) = names(path)?;
    view(&web, &home, &device).await.map(Json)
}

/// Begins or ends the test of a device; the answer comes when it is on disk
#[utoipa::path(post, path = "/api/v1/homes/{home}/devices/{device}/walk", tag = "devices",
    params(("home" = String, Path, description = "The home's name in the register", example = "h1"),
        ("device" = String, Path, description = "The device's name in the home", example = "bed-pad")),
    request_body(content = NewWalk, content_type = "application/json"),
    responses(
    (status = 200, description = "The test as it stands", body = WalkView),
    (status = 400, description = "What to do cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 403, description = "A page of another site sent it", body = Fault),
    (status = 404, description = "There is no such home or device", body = Fault),
    (status = 409, description = "Nothing of the device can be tried out", body = Fault),
    (status = 413, description = "The body is larger than 1 MiB", body = Fault),
    (status = 503, description = "It could not be stored", body = Fault),
))]
pub(super) async fn act(
    State(web): State<Arc<Web>>,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<WalkView>, Fault> {
    let (home, device) = names(path)?;
    let malformed = |mistakes| Fault::malformed("what to do cannot be understood", mistakes);
    let (by, begins) = wish(&json(body)?).map_err(malformed)?;
    let act = if begins {
        let looked = here(&web, &home, &device).await?;
        let (steps, lasts) = web.to_do(&looked, &device);
        WalkAct::Begin { steps, lasts }
    } else {
        WalkAct::End
    };
    let input = Input::Walk { device: device.clone(), by, act };
    match web.post(Arrival::Input { home: home.clone(), input }).await? {
        Answer::Done | Answer::Looked(_) | Answer::Forgotten(_) => {
            view(&web, &home, &device).await.map(Json)
        }
        Answer::Unknown(why) => Err(Fault::not_found(why)),
        Answer::Refused(why @ Refusal::NoDevice { .. }) => Err(Fault::not_found(why.to_string())),
        Answer::Refused(why) => Err(Fault::new(StatusCode::CONFLICT, why.to_string())),
    }
}

fn names(path: Result<Path<(String, String)>, PathRejection>) -> Result<(HomeId, DeviceId), Fault> {
    let Ok(Path((home, device))) = path else {
        return Err(Fault::not_found("the path is not text"));
    };
    let nothing = |why: Sentence| Fault::not_found(why);
    Ok((home.parse().map_err(nothing)?, device.parse().map_err(nothing)?))
}

/// Who, and whether it begins. Every mistake is said at once.
fn wish(body: &Any) -> Result<(PersonId, bool), Vec<Mistake>> {
    let Any::Object(fields) = body else {
        return Err(vec![Mistake::new("body", "it is an object with `act`, and `by`")]);
    };
    let mut mistakes = Vec::new();
    for key in fields.keys().filter(|key| !["act", "by"].contains(&key.as_str())) {
        mistakes.push(Mistake::new(key, format!("there is no `{key}`: only act and by")));
    }
    let begins = match fields.get("act").and_then(Any::as_str) {
        Some("begin") => Some(true),
        Some("end") => Some(false),
        Some(_) | None => {
            mistakes.push(Mistake::new("act", "`act` is begin or end"));
            None
        }
    };
    let by = match fields.get("by") {
        None | Some(Any::Null) => SOMEBODY.parse::<PersonId>(),
        Some(by) => by.as_str().ok_or_else(|| "`by` is a name".into()).and_then(str::parse),
    };
    match (by, begins) {
        (Ok(by), Some(begins)) if mistakes.is_empty() => Ok((by, begins)),
        (by, _) => {
            mistakes.extend(by.err().map(|why| Mistake::new("by", why)));
            Err(mistakes)
        }
    }
}

/// What is known of the home, if it has this device.
async fn here(web: &Web, home: &HomeId, device: &DeviceId) -> Result<Look, Fault> {
    let Some(look) = web.look(home).await? else {
        return Err(Fault::not_found(format!("there is no home `{home}`")));
    };
    if look.home.device(device).is_none() {
        let why = Refusal::NoDevice { device: device.clone() };
        return Err(Fault::not_found(why.to_string()));
    }
    Ok(look)
}

async fn view(web: &Web, home: &HomeId, device: &DeviceId) -> Result<WalkView, Fault> {
    let look = here(web, home, device).await?;
    let of = home.clone();
    let walks = web.read(move |reader| reader.walks(&of)).await?;
    let sight = look.situation.sight(device);
    let walk = sight.and_then(|s| s.walk.as_ref());
    let wall = |at: Time| (at + look.offset).to_string();
    let steps = match walk {
        Some(walk) => walk.steps.iter().map(|step| StepView::new(step, look.offset)).collect(),
        None => {
            let next = web.to_do(&look, device).0;
            next.iter().map(|step| StepView::new(step, look.offset)).collect()
        }
    };
    let still = walk.and(sight).map(|s| s.still_on().map(|p| p.name()).collect());
    Ok(WalkView {
        home: home.to_string(),
        device: device.to_string(),
        testing: walk.is_some(),
        by: walk.map(|walk| walk.by.to_string()),
        since: walk.map(|walk| wall(walk.since)),
        until: walk.map(|walk| wall(walk.until)),
        steps,
        still_on: still.unwrap_or_default(),
        last: walks.get(device).map(WalkedView::new),
    })
}

impl StepView {
    /// `offset`: what is to be added to have wall time.
    fn new(step: &Step, offset: Span) -> Self {
        let what = step.what.clone().into();
        Self {
            what,
            sees: step.any_of.iter().map(ToString::to_string).collect(),
            optional: step.optional,
            seen_at: step.seen.map(|seen| (seen.at + offset).to_string()),
            saw: step.seen.map(|seen| format!("{} {}", seen.property, seen.value)),
        }
    }
}

impl WalkedView {
    fn new(walked: &Walked) -> Self {
        let step = |step: &Step| StepView::new(step, Span::ZERO);
        Self {
            finding: walked.finding.name(),
            by: walked.by.to_string(),
            began_at: walked.began_at.to_string(),
            ended_at: walked.ended_at.to_string(),
            steps: walked.steps.iter().map(step).collect(),
            missing: walked.missing(),
            warnings: walked.warnings().into_iter().map(Both::from).collect(),
        }
    }
}
