//! What each role may open, route by route. A route that is not in the table opens for nobody: whoever adds one
//! says here whom it is for.

use crate::domain::{May, Role};

/// Whom a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Nothing of any home is in it.
    Anybody,
    /// Whoever is logged in; of homes they see those that they are a responder of.
    Person,
    /// Whoever puts sensors on walls.
    Technician,
    /// Whoever directs others: the desk.
    Desk,
    /// Whoever lets others in, and puts other rules in force.
    Supervisor,
    /// Programs, by a token.
    Program,
}

use Right::{Anybody, Desk, Person, Program, Supervisor, Technician};

/// Every route that is not below `/api`, which is for programs.
const ROUTES: &[(&str, Right)] = &[
    ("/healthz", Anybody),
    ("/readyz", Anybody),
    ("/app.css", Anybody),
    ("/app.js", Anybody),
    ("/icon.png", Anybody),
    ("/icon.svg", Anybody),
    ("/manifest.json", Anybody),
    ("/sw.js", Anybody),
    ("/log-in", Anybody),
    ("/invite/{code}", Anybody),
    ("/metrics", Program),
    ("/", Person),
    ("/me", Person),
    ("/live", Person),
    ("/incidents/{id}", Person),
    ("/incidents/{id}/address", Person),
    ("/visits", Person),
    ("/requests", Person),
    ("/family", Person),
    ("/homes", Person),
    ("/homes/{id}", Person),
    ("/homes/{id}/say", Person),
    ("/homes/{id}/consents", Desk),
    ("/account", Person),
    ("/account/leave", Person),
    ("/account/password", Person),
    ("/account/phone", Person),
    ("/log-out", Person),
    ("/mount", Technician),
    ("/scan", Technician),
    ("/mount/{home}", Technician),
    ("/mount/{home}/{device}", Technician),
    ("/wall", Desk),
    ("/reports", Desk),
    ("/reports/csv", Desk),
    ("/reports/markdown", Desk),
    ("/shift", Desk),
    ("/shift/csv", Desk),
    ("/shift/markdown", Desk),
    ("/rota", Desk),
    ("/rota/{who}", Desk),
    ("/plans", Desk),
    ("/plans/{name}", Desk),
    ("/plans/{name}/force", Supervisor),
    ("/rules", Desk),
    ("/settings", Desk),
    ("/rules/{name}", Desk),
    ("/rules/trials/{id}", Desk),
    ("/rules/trials/{id}/force", Supervisor),
    ("/people", Supervisor),
    ("/people/{id}", Supervisor),
    ("/people/{id}/going", Supervisor),
    ("/people/{id}/invite", Supervisor),
    ("/people/{id}/shut-out", Supervisor),
    ("/people/{id}/trial", Supervisor),
    ("/people/{id}/verified", Supervisor),
    ("/tokens", Supervisor),
    ("/tokens/{name}/end", Supervisor),
    ("/texts", Supervisor),
    ("/texts/{language}/{key}", Supervisor),
];

/// Whom the route with this pattern, not below `/api`, is for; nobody, if it is `None`.
pub(super) fn of_route(pattern: &str) -> Option<Right> {
    ROUTES.iter().find(|(route, _)| *route == pattern).map(|(_, right)| *right)
}

impl Right {
    /// Whether people of this role have it.
    pub(super) const fn is_of(self, role: Role) -> bool {
        match self {
            Self::Anybody | Self::Person => true,
            Self::Technician => matches!(role, Role::Technician | Role::Supervisor),
            Self::Desk => role.directs(),
            Self::Supervisor => matches!(role, Role::Supervisor),
            Self::Program => false,
        }
    }
}

/// What a program must be allowed for this request: to say what sensors saw, to see, or to change things.
pub(super) fn of_program(is_safe: bool, path: &str) -> May {
    match path {
        "/api/v1/observations" => May::Observe,
        _ if is_safe => May::Read,
        _ => May::All,
    }
}

/// Whether who may do the one may do the other.
pub(super) const fn covers(has: May, wants: May) -> bool {
    matches!((has, wants), (May::All, _) | (May::Read, May::Read) | (May::Observe, May::Observe))
}
