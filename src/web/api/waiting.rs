//! `GET /api/v1/devices/waiting`, `POST /api/v1/devices/identify` and `/draft`: what speaks here and is
//! not in the register, which model it may be, and the beginning of a profile for it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::device::draft::draft;
use crate::device::identify::{self, Guess, Heard, show};
use crate::device::waiting::Waiting;
use crate::domain::Binding;
use crate::store::{Reader, StoreError};
use crate::web::Web;
use crate::web::moves::Mistake;

use super::spelling::Nothing;
use super::{Fault, json};

/// How many messages one question may hold.
const MESSAGES_MAX: usize = 200;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/devices/waiting", get(list))
        .route("/devices/identify", post(identify))
        .route("/devices/draft", post(begin))
}

/// A device that is not in the register
#[derive(Serialize, ToSchema)]
pub(super) struct WaitingView {
    /// What one types to mean it.
    key: String,
    /// What people call it, or the end of its topic.
    name: String,
    /// Who makes it; empty if nobody says.
    vendor: String,
    /// Its model; empty if nobody says.
    model: String,
    /// Who announced it: zigbee2mqtt, home-assistant, tasmota, homie, shelly.
    announced: Vec<&'static str>,
    /// Where it speaks.
    topics: Vec<String>,
    /// How many messages came from it, without its announcements.
    count: u64,
    /// When it was last heard, or its announcement last changed.
    #[schema(format = DateTime)]
    last_at: String,
    /// Its last messages.
    heard: Vec<HeardView>,
    /// What it may be, best first.
    guesses: Vec<GuessView>,
    /// What a person should know of it.
    remarks: Vec<String>,
    /// The command that adopts it, with what is still to be said in capitals.
    adopt: String,
}

/// A message
#[derive(Serialize, ToSchema)]
pub(super) struct HeardView {
    /// By which topic.
    topic: Option<String>,
    /// As text if it is text, else as hex.
    payload: String,
}

/// What one profile makes of it
#[derive(Serialize, ToSchema)]
pub(super) struct GuessView {
    /// The profile.
    profile: String,
    /// What its model is.
    about: String,
    /// Whether nothing speaks against it and something for it.
    fits: bool,
    /// It stands for many models.
    is_generic: bool,
    /// What would stand for `{device}` in its topic.
    address: Option<String>,
    /// What stands for the first level of its topics, if the device has another there.
    base: Option<String>,
    /// What speaks for it.
    why: Vec<String>,
    /// What speaks against it.
    why_not: Vec<String>,
    /// What it reads.
    reads: Vec<String>,
}

/// What was heard
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// A device of the waiting list, by its key.
    of: Option<String>,
    /// Messages of one device.
    #[serde(default)]
    messages: Vec<MessageView>,
}

/// A message as it was heard
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageView {
    /// By which topic, if that is known.
    #[schema(example = "zigbee2mqtt/hall-door")]
    topic: Option<String>,
    /// What it carried, as text.
    #[schema(example = "{\"contact\":false}")]
    payload: String,
}

/// A device of the waiting list, or messages of one device
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the body, which is read as a `Question`")]
pub(super) enum NewQuestion {
    /// By its key.
    Waiting(QuestionOf),
    /// By what it said.
    Heard(QuestionAbout),
}

/// What is heard of a device of the waiting list
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes the body, which is read as a `Question`")]
pub(super) struct QuestionOf {
    /// Its key.
    of: String,
    /// None.
    #[schema(required = false, max_items = 0)]
    messages: Vec<MessageView>,
}

/// What was heard of one device
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes the body, which is read as a `Question`")]
pub(super) struct QuestionAbout {
    /// Messages of one device.
    #[schema(min_items = 1, max_items = 200)]
    messages: Vec<MessageView>,
    /// None.
    of: Option<Nothing>,
}

/// A drafted profile
#[derive(Serialize, ToSchema)]
pub(super) struct DraftView {
    /// Where it belongs: below `devices/`, without `.toml`.
    name: String,
    /// The file.
    text: String,
    /// What stands for `{device}` in the register.
    address: Option<String>,
}

/// Devices that are not in the register, the latest heard first
#[utoipa::path(get, path = "/api/v1/devices/waiting", tag = "devices", responses(
    (status = 200, description = "What waits to be adopted", body = Vec<WaitingView>),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn list(State(web): State<Arc<Web>>) -> Result<Json<Vec<WaitingView>>, Fault> {
    let asked = Arc::clone(&web);
    let all = web.read(move |reader| asked.waiting(reader)).await?;
    Ok(Json(all.into_iter().map(view).collect()))
}

/// Which profiles match what was heard, best first, and why the nearest others do not
#[utoipa::path(post, path = "/api/v1/devices/identify", tag = "devices",
    request_body(content = NewQuestion, content_type = "application/json"),
    responses(
        (status = 200, description = "What it may be", body = Vec<GuessView>),
        (status = 400, description = "What is wrong with the question", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 404, description = "Nothing waits by this key", body = Fault),
        (status = 413, description = "The body is larger than 1 MiB", body = Fault),
    ))]
pub(super) async fn identify(
    State(web): State<Arc<Web>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Vec<GuessView>>, Fault> {
    let asked = Arc::clone(&web);
    let about = question(body)?;
    let guesses = web
        .read(move |reader| {
            let catalog = asked.site.inbox.catalog();
            Ok(about.find(&asked, reader)?.map(|(device, heard)| {
                identify::messages(catalog.profiles(), device.as_ref(), &heard)
            }))
        })
        .await??;
    Ok(Json(guesses.into_iter().map(guess_view).collect()))
}

/// The beginning of a profile; nothing is stored
#[utoipa::path(post, path = "/api/v1/devices/draft", tag = "devices",
    request_body(content = NewQuestion, content_type = "application/json"),
    responses(
        (status = 200, description = "A sound profile", body = DraftView),
        (status = 400, description = "What is wrong with the question", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 404, description = "Nothing waits by this key", body = Fault),
        (status = 413, description = "The body is larger than 1 MiB", body = Fault),
        (status = 422, description = "Nothing in it is a property of ours", body = Fault),
    ))]
pub(super) async fn begin(
    State(web): State<Arc<Web>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<DraftView>, Fault> {
    let asked = Arc::clone(&web);
    let about = question(body)?;
    let drafted = web
        .read(move |reader| {
            let found = about.find(&asked, reader)?;
            Ok(found.map(|(device, heard)| draft(device.as_ref(), &heard)))
        })
        .await??;
    let drafted = drafted.map_err(|why| Fault::new(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    Ok(Json(DraftView { name: drafted.name, text: drafted.text, address: drafted.address }))
}

/// What is announced of one device, and what was heard of it.
type Known = (Option<crate::device::Announced>, Vec<Heard>);

impl Question {
    fn find(&self, web: &Web, reader: &Reader) -> Result<Result<Known, Fault>, StoreError> {
        if let Some(key) = &self.of {
            let found = web.waiting(reader)?.into_iter().find(|waiting| waiting.key == *key);
            let none = || Fault::not_found(format!("nothing waits as `{key}`"));
            return Ok(found.map(|w| (w.device, w.heard)).ok_or_else(none));
        }
        let heard = self.messages.iter().map(|message| Heard {
            topic: message.topic.clone(),
            payload: message.payload.clone().into_bytes(),
        });
        Ok(Ok((None, heard.collect())))
    }
}

fn question(body: Result<Bytes, BytesRejection>) -> Result<Question, Fault> {
    let wrong = |why: String| Fault::malformed(why.clone(), vec![Mistake::new("body", why)]);
    let question: Question =
        serde_json::from_value(json(body)?).map_err(|e| wrong(e.to_string()))?;
    if question.of.is_some() != question.messages.is_empty() {
        return Err(wrong("either `of` or `messages` is wanted".to_owned()));
    }
    if MESSAGES_MAX < question.messages.len() {
        return Err(wrong(format!("at most {MESSAGES_MAX} messages are read")));
    }
    Ok(question)
}

fn view(waiting: Waiting) -> WaitingView {
    let heard = |h: Heard| HeardView { topic: h.topic, payload: show(&h.payload) };
    WaitingView {
        key: waiting.key,
        name: waiting.name,
        vendor: waiting.vendor,
        model: waiting.model,
        announced: waiting.announced.iter().map(|dialect| dialect.name()).collect(),
        topics: waiting.topics,
        count: waiting.count,
        last_at: waiting.last_at.to_string(),
        heard: waiting.heard.into_iter().map(heard).collect(),
        guesses: waiting.guesses.into_iter().map(guess_view).collect(),
        remarks: waiting.remarks,
        adopt: waiting.adopt,
    }
}

fn guess_view(guess: Guess) -> GuessView {
    let address = match guess.binding {
        Some(Binding::Mqtt(address)) => Some(address),
        Some(Binding::Serial(_) | Binding::Modbus { .. } | Binding::Direct) | None => None,
    };
    GuessView {
        profile: guess.profile,
        about: guess.about,
        fits: guess.fits,
        is_generic: guess.is_generic,
        address,
        base: guess.base,
        why: guess.why,
        why_not: guess.why_not,
        reads: guess.reads,
    }
}
