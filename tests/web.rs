//! Pages and API, against a real store and gateway with the shipped household.

#[path = "web/api.rs"]
mod api;
#[path = "web/chinese.rs"]
mod chinese;
#[path = "web/door.rs"]
mod door;
#[path = "web/encrypted.rs"]
mod encrypted;
#[path = "web/errands.rs"]
mod errands;
#[path = "web/hub.rs"]
mod hub;
#[path = "web/known.rs"]
mod known;
#[path = "web/live.rs"]
mod live;
#[path = "web/pages.rs"]
mod pages;
#[path = "web/walk.rs"]
mod walk;
#[path = "web/people.rs"]
mod people;
#[path = "web/papers.rs"]
mod papers;
#[path = "web/wall.rs"]
mod wall;
#[path = "web/waiting.rs"]
mod waiting;
#[path = "web/seen.rs"]
mod seen;
#[path = "web/entering.rs"]
mod entering;
#[path = "web/homes.rs"]
mod homes;
#[path = "web/rules.rs"]
mod rules;
#[path = "web/hostile.rs"]
mod hostile;
#[path = "web/kept.rs"]
mod kept;
#[path = "web/settings.rs"]
mod settings;
#[path = "web/odd.rs"]
mod odd;
#[path = "web/plans.rs"]
mod plans;
#[path = "web/off.rs"]
mod off;
