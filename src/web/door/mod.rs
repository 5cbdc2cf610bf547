//! How people get in: an invitation opens once, and makes the browser one of theirs; where they have a password,
//! it does too. Whoever shows nothing of the kind sees nothing.

mod account;
mod enter;
mod going;
mod people;
mod person;
mod phone;
mod secrets;
mod tokens;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::domain::{
    Deed, Digest, Doing, May, Pass, PassDeed, PassKind, PersonId, Role, Span, Time,
};

use crate::inbox::Arrival;

use super::ask::Trouble;
use super::lang::{Visitor, cookie, encode};
use super::{People, Web, layout};

pub(super) use enter::wanted;
pub(super) use secrets::{Passwords, digest_of, new_secret};
pub(super) use tokens::{FOR_EVER, PROGRAM};

/// Holds the secret of a session.
const SESSION: &str = "careloop_session";
/// A phone that was used within this time is still known: nobody is to look for a password at three in the
/// morning.
const SESSION_LASTS: Span = Span::hours(24 * 90);
/// That it was used is noted so often.
const NOTED_EVERY: Span = Span::hours(24);
/// How long an invitation is good.
pub(super) const INVITATION_LASTS: Span = Span::hours(24 * 7);
/// The longest description of a browser that is kept, in characters.
const ABOUT_MAX: usize = 120;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .merge(enter::routes())
        .merge(account::routes())
        .merge(people::routes())
        .merge(person::routes())
        .merge(going::routes())
        .merge(phone::routes())
        .merge(tokens::routes())
}

/// Who asks, proven or, where [`People::Choose`] holds, said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Me {
    pub(super) person: PersonId,
    /// Of the browser.
    pub(super) session: Option<Digest>,
}

/// Who shows the cookie of a session that is good.
pub(super) async fn known(web: &Web, headers: &HeaderMap) -> Result<Option<(Me, Role)>, Trouble> {
    let Some(shown) = cookie(headers, SESSION) else { return Ok(None) };
    let (digest, now) = (digest_of(shown), web.site.clock.now());
    let pass = web.read(move |reader| reader.pass(&digest, now)).await?;
    let Some(pass) = pass.filter(|pass| pass.kind == PassKind::Session) else { return Ok(None) };
    // Whoever left the register is nobody, whatever their phone remembers.
    let who = pass.who.parse().ok().and_then(|id| Some((web.role(&id)?, id)));
    let Some((role, person)) = who else { return Ok(None) };
    if pass.seen + NOTED_EVERY < now {
        web.note_use(digest, now, now + SESSION_LASTS).await;
    }
    Ok(Some((Me { person, session: Some(digest) }, role)))
}

/// What a program may that shows this.
pub(super) async fn program(web: &Web, shown: &str) -> Result<Option<May>, Trouble> {
    let (digest, now) = (digest_of(shown), web.site.clock.now());
    let pass = web.read(move |reader| reader.pass(&digest, now)).await?;
    let Some(pass) = pass.filter(|pass| pass.kind == PassKind::Program) else { return Ok(None) };
    // The first use is noted at once: a token that nobody uses is to be seen as that.
    if pass.seen == pass.made || pass.seen + NOTED_EVERY < now {
        web.note_use(digest, now, pass.until).await;
    }
    Ok(pass.about.parse::<May>().ok())
}

/// Whoever is logged in, and by which session. Where people choose who they are nobody is, and what is for them is
/// not there.
#[derive(Debug)]
pub(super) struct LoggedIn {
    person: PersonId,
    session: Digest,
}

impl<S: Sync> FromRequestParts<S> for LoggedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let here = match parts.extensions.get::<Me>() {
            Some(Me { person, session: Some(session) }) => {
                Ok(Self { person: person.clone(), session: *session })
            }
            Some(Me { session: None, .. }) | None => {
                Err(layout::not_found(&Visitor::read(&parts.headers, &parts.uri)))
            }
        };
        std::future::ready(here).await
    }
}

impl Web {
    /// The role of somebody in the register.
    pub(super) fn role(&self, id: &PersonId) -> Option<Role> {
        self.homes().iter().find_map(|home| Some(home.responder(id)?.role))
    }

    /// Whether they let others in.
    fn lets_in(&self, id: &PersonId) -> bool {
        self.role(id) == Some(Role::Supervisor)
    }

    /// A new invitation for somebody, and how to open it: the earlier ones are good no more.
    pub(super) async fn invite(&self, who: &PersonId, by: &str) -> Result<Invited, Trouble> {
        self.let_in_on_record(by, format!("invitation for {who}")).await?;
        let (secret, now) = (new_secret()?, self.site.clock.now());
        let kind = PassKind::Invitation;
        let end = PassDeed::EndAll { who: who.to_string(), kind, but: None };
        let until = now + INVITATION_LASTS;
        let pass = pass(&secret, kind, who.as_str(), by, (now, until));
        self.change_passes(vec![end, PassDeed::Give(pass)]).await?;
        tracing::info!(%who, by, "invited");
        let path = format!("/invite/{secret}");
        let until = until + self.site.clock.offset();
        Ok(Invited { link: self.link(&path), until })
    }

    /// Nothing opens for them any more: no phone, no password, no invitation.
    pub(super) async fn shut_out(&self, who: &PersonId, by: &str) -> Result<(), Trouble> {
        self.let_in_on_record(by, format!("{who} shut out")).await?;
        let end = |kind| PassDeed::EndAll { who: who.to_string(), kind, but: None };
        let mut deeds = vec![end(PassKind::Invitation), end(PassKind::Session)];
        deeds.push(PassDeed::Password { who: who.clone(), hash: None });
        tracing::info!(%who, "shut out");
        self.change_passes(deeds).await.map(drop)
    }

    /// Notes that a pass was shown. A disk that takes nothing shuts nobody out.
    async fn note_use(&self, digest: Digest, at: Time, until: Time) {
        if let Err(trouble) = self.change_passes(vec![PassDeed::Seen { digest, at, until }]).await {
            tracing::warn!(%trouble, "cannot note that a pass was used");
        }
    }

    /// Who lets others in and shuts them out is known before it happens, whichever door it comes by.
    async fn let_in_on_record(&self, by: &str, of: String) -> Result<(), Trouble> {
        let (home, incident, why) = (None, None, "who gets in".to_owned());
        let deed = Deed { deed: Doing::Changed, of, home, incident, by: by.to_owned(), why };
        self.post(Arrival::Deed(deed)).await.map(drop)
    }

    /// Where people find a page of ours.
    pub(super) fn link(&self, path: &str) -> String {
        let bound = self.bound.map(|bound| format!("http://{bound}"));
        let base = self.site.url.clone().or(bound).unwrap_or_default();
        format!("{}{path}", base.trim_end_matches('/'))
    }

    /// Opens a session: the cookie that holds it, to be given to the browser once `deeds` and it are on disk.
    /// `None`: what was shown for it is good no more.
    async fn open_session(
        &self,
        who: &PersonId,
        headers: &HeaderMap,
        mut deeds: Vec<PassDeed>,
    ) -> Result<Option<HeaderValue>, Trouble> {
        let (secret, now) = (new_secret()?, self.site.clock.now());
        let browser = headers.get(header::USER_AGENT).and_then(|h| h.to_str().ok());
        let about: String = browser.unwrap_or_default().chars().take(ABOUT_MAX).collect();
        let times = (now, now + SESSION_LASTS);
        deeds.push(PassDeed::Give(pass(&secret, PassKind::Session, who.as_str(), &about, times)));
        if !self.change_passes(deeds).await? {
            return Ok(None);
        }
        tracing::info!(%who, "logged in");
        Ok(self.cookie(&secret, SESSION_LASTS))
    }

    /// The cookie of a session, or one that removes it. `Lax`: whoever opens an incident from a message must be
    /// known at once; that a form comes from our own page is looked at for itself.
    fn cookie(&self, secret: &str, lasts: Span) -> Option<HeaderValue> {
        let is_tls = self.site.url.as_ref().is_some_and(|url| url.starts_with("https:"));
        let secure = if is_tls { "; Secure" } else { "" };
        let age = lasts.0 / 1000;
        let text =
            format!("{SESSION}={secret}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&text).ok()
    }
}

/// An invitation: how to open it, and until when in wall time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invited {
    pub(super) link: String,
    pub(super) until: Time,
}

fn pass(secret: &str, kind: PassKind, who: &str, about: &str, times: (Time, Time)) -> Pass {
    let (made, until) = times;
    let (who, about) = (who.to_owned(), about.to_owned());
    Pass { digest: digest_of(secret), kind, who, about, made, until, seen: made }
}

type Fields = Result<Form<BTreeMap<String, String>>, FormRejection>;

fn fields(form: Fields) -> BTreeMap<String, String> {
    form.map(|Form(form)| form).unwrap_or_default()
}

/// To a path of ours.
fn to(path: &str) -> Response {
    Redirect::to(&encode(path)).into_response()
}

/// Whether people log in here at all.
const fn logs_in(web: &Web) -> bool {
    matches!(web.site.people, People::LogIn)
}
