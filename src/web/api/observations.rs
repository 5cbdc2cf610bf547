//! `POST /api/v1/observations`: what sensors without a profile saw, already decoded. All of it is
//! taken, or none.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use futures_util::future::join_all;
use serde::Serialize;
use serde_json::{Map, Value as Any};
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::domain::observation::Kind;
use crate::domain::{DeviceId, HomeId, Input, Observation, Property, Sentence, Span, Time, Value};
use crate::inbox::{Answer, Arrival};
use crate::web::Web;
use crate::web::ask::Trouble;
use crate::web::moves::Mistake;

use super::spelling::{Named, of_each_property, spelling};
use super::{Fault, json};

/// How long all of them together may wait for their receipts.
const STORE_MAX: Span = Span::seconds(60);
/// The keys of one observation.
const KEYS: [&str; 6] = ["home", "device", "property", "value", "unit", "at"];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/observations", post(observe))
}

/// The words of an observation
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
struct ObservationWords {
    /// A home of the register.
    home: Named,
    /// A device of that home.
    device: Named,
    /// The property's own unit, to be sure; no other is understood.
    unit: Option<String>,
    /// When, by the sensor's own account.
    #[schema(format = DateTime, example = "2026-01-31T02:10:00Z")]
    at: Option<String>,
}

/// One observation, or several
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) enum NewObservations {
    /// One.
    One(NewObservation),
    /// Several, in the order they were made.
    Several(Vec<NewObservation>),
}

spelling! {
    /// One observation: a value as its property wants it
    NewObservation with ObservationWords = of_each_property::<ObservationWords>();
}

/// What became of them
#[derive(Serialize, ToSchema)]
pub(super) struct Posted {
    /// How many are on disk.
    stored: usize,
}

/// Posts observations; the answer comes when all of them are on disk
#[utoipa::path(post, path = "/api/v1/observations", tag = "observations",
    request_body(content = NewObservations, content_type = "application/json"),
    responses(
        (status = 200, description = "All of them are on disk", body = Posted),
        (status = 400, description = "None was taken; every mistake with index and field", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 404, description = "None was taken; nothing is wrong but homes or devices that are \
            not in the register, each with its index", body = Fault),
        (status = 413, description = "The body is larger than 1 MiB", body = Fault),
        (status = 503, description = "Not all of them could be stored: post them again", body = Fault),
    ))]
pub(super) async fn observe(
    State(web): State<Arc<Web>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Posted>, Fault> {
    let said = read(&web, json(body)?)?;
    let stored = said.len();
    match timeout(STORE_MAX.to_std(), post_all(&web, said)).await {
        Ok(posted) => posted.map(|()| Json(Posted { stored })),
        Err(_elapsed) => Err(Trouble::Late.into()),
    }
}

/// One observation, understood.
struct Said {
    home: HomeId,
    device: DeviceId,
    observation: Observation,
}

/// Posts in order, what one device saw at one instant as one input, and waits for every receipt.
async fn post_all(web: &Web, said: Vec<Said>) -> Result<(), Fault> {
    let mut receipts = Vec::new();
    let same = |a: &Said, b: &Said| {
        let at = |s: &Said| s.observation.observed_at;
        a.home == b.home && a.device == b.device && at(a) == at(b)
    };
    for together in said.chunk_by(same) {
        let Some(first) = together.first() else { continue };
        let observations = together.iter().map(|s| s.observation.clone()).collect();
        let input = Input::Heard { device: first.device.clone(), observations, retained: false };
        let arrival = Arrival::Input { home: first.home.clone(), input };
        receipts.push(web.site.inbox.post(arrival).await);
    }
    for answer in join_all(receipts).await {
        match answer {
            Ok(Answer::Done | Answer::Refused(_) | Answer::Looked(_) | Answer::Forgotten(_)) => {}
            Ok(Answer::Unknown(why)) => return Err(Fault::not_found(why)),
            Err(_not_stored) => {
                let why = "not all of it could be stored; post it again";
                return Err(Fault::new(StatusCode::SERVICE_UNAVAILABLE, why));
            }
        }
    }
    Ok(())
}

fn read(web: &Web, body: Any) -> Result<Vec<Said>, Fault> {
    let items = match body {
        Any::Array(items) => items,
        one @ Any::Object(_) => vec![one],
        Any::Null | Any::Bool(_) | Any::Number(_) | Any::String(_) => {
            let why = "one observation or a list of them is wanted";
            return Err(Fault::malformed(why, vec![Mistake::new("body", why)]));
        }
    };
    let (mut said, mut mistakes, mut unknown) = (Vec::new(), Vec::new(), 0);
    let total = items.len();
    for (index, item) in items.into_iter().enumerate() {
        let mut reading = Reading { web, index, mistakes: &mut mistakes, unknown: 0 };
        said.extend(reading.read(&item));
        unknown += reading.unknown;
    }
    if mistakes.is_empty() {
        return Ok(said);
    }
    let wrong: std::collections::BTreeSet<_> = mistakes.iter().map(|m| m.index).collect();
    let error = format!("{} of {total} observations cannot be taken, so none was", wrong.len());
    let all_unknown = unknown == mistakes.len();
    let fault = Fault::malformed(error, mistakes);
    Err(if all_unknown { Fault { status: StatusCode::NOT_FOUND, ..fault } } else { fault })
}

/// The reading of one item.
struct Reading<'r> {
    web: &'r Web,
    index: usize,
    mistakes: &'r mut Vec<Mistake>,
    /// How many mistakes are names that the register does not have.
    unknown: usize,
}

impl Reading<'_> {
    fn read(&mut self, item: &Any) -> Option<Said> {
        let Any::Object(item) = item else {
            return self.wrong("", "an observation is an object".to_owned());
        };
        for key in item.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let all = KEYS.join(", ");
            self.wrong::<()>(key, format!("there is no key `{key}` here: one of {all}"));
        }
        let place = self.place(item);
        let property = self.text(item, "property", true);
        let property = property.and_then(|p| self.parsed::<Property>("property", p));
        let unit = self.text(item, "unit", false);
        let at = self.text(item, "at", false);
        let at = at.map(|at| self.parsed::<Time>("at", at));
        let observation = property.and_then(|p| self.value(p, item.get("value"), unit));
        let (home, device) = place?;
        let observed_at = match at {
            Some(at) => Some(at?),
            None => None,
        };
        let observation = Observation { observed_at, ..observation? };
        Some(Said { home, device, observation })
    }

    fn place(&mut self, item: &Map<String, Any>) -> Option<(HomeId, DeviceId)> {
        let home = self.text(item, "home", true);
        let device = self.text(item, "device", true);
        let home = home.and_then(|h| self.parsed::<HomeId>("home", h));
        let device = device.and_then(|d| self.parsed::<DeviceId>("device", d));
        let id = home?;
        let Some(home) = self.web.home(&id) else {
            self.unknown += 1;
            return self.wrong("home", format!("there is no home `{id}`"));
        };
        let device = device?;
        if home.device(&device).is_none() {
            self.unknown += 1;
            return self.wrong("device", format!("there is no device `{device}` in home `{id}`"));
        }
        Some((id, device))
    }

    fn value(
        &mut self,
        property: Property,
        value: Option<&Any>,
        unit: Option<&str>,
    ) -> Option<Observation> {
        let wanted = wanted(property);
        if let Some(unit) = unit {
            match property.kind() {
                Kind::Number { unit: own, .. } if own == unit => {}
                Kind::Number { .. } | Kind::Flag | Kind::Moment => {
                    self.wrong::<()>("unit", format!("{wanted}, `{unit}` is not its unit"));
                }
            }
        }
        let value = match value {
            None => return self.wrong("value", format!("`value` is missing: {wanted}")),
            Some(Any::Bool(flag)) => Some(Value::Flag(*flag)),
            Some(Any::Number(n)) => n.as_f64().filter(|n| n.is_finite()).map(Value::Number),
            Some(Any::Null | Any::String(_) | Any::Array(_) | Any::Object(_)) => None,
        };
        let Some(value) = value else { return self.wrong("value", wanted) };
        match Observation::new(property, value) {
            Ok(observation) => Some(observation),
            Err(why) => self.wrong("value", why),
        }
    }

    /// A text; `null` counts as left out.
    fn text<'i>(
        &mut self,
        item: &'i Map<String, Any>,
        key: &'static str,
        is_needed: bool,
    ) -> Option<&'i str> {
        match item.get(key) {
            Some(Any::String(text)) => Some(text),
            None | Some(Any::Null) if is_needed => self.wrong(key, format!("`{key}` is missing")),
            None | Some(Any::Null) => None,
            Some(Any::Bool(_) | Any::Number(_) | Any::Array(_) | Any::Object(_)) => {
                self.wrong(key, format!("`{key}` is a text"))
            }
        }
    }

    fn parsed<T: std::str::FromStr<Err: Into<Sentence>>>(
        &mut self,
        key: &'static str,
        text: &str,
    ) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(why) => self.wrong(key, why),
        }
    }

    fn wrong<T>(&mut self, field: &str, error: impl Into<Sentence>) -> Option<T> {
        let (index, field, error) = (Some(self.index), field.to_owned(), error.into());
        self.mistakes.push(Mistake { index, field, error });
        None
    }
}

/// What a value of this property looks like.
fn wanted(property: Property) -> String {
    match property.kind() {
        Kind::Flag => format!("`{property}` is true or false"),
        Kind::Moment => format!("`{property}` happens or not: its only value is true"),
        Kind::Number { unit, min, max } => {
            format!("`{property}` is a number from {min} to {max} {unit}")
        }
    }
}
