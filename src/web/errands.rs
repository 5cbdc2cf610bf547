//! What people have to see to that no sensor found: visits that are wanted, and what somebody asked for.

use std::sync::Arc;

use crate::domain::{Group, Home, PersonId, Title};
use crate::inbox::Look;
use crate::report::{AskedFor, Worklist};
use crate::rule::Kind;
use crate::store::views::Filter;

use super::Web;
use super::ask::Trouble;

/// So many requests are shown, open ones first.
const REQUESTS_MAX: u32 = 200;

impl Web {
    /// Whom to see in these homes, and in what order: of `by` alone, or of everybody who goes.
    pub(super) async fn worklists(
        &self,
        homes: Vec<Arc<Home>>,
        by: Option<&PersonId>,
    ) -> Result<Vec<Worklist>, Trouble> {
        let open = Filter { open: Some(true), ..Filter::default() };
        let open = self.read(move |reader| reader.incidents(&open)).await?;
        let open: Vec<_> = open.into_iter().map(|shown| (shown.id, shown.incident)).collect();
        let looks = self.look_at(homes).await;
        let now = self.site.clock.now();
        let seen: Vec<_> =
            looks.iter().filter_map(|(_, look)| Some(look.as_ref()?.seen(now))).collect();
        Ok(Worklist::all(&seen, &open, by))
    }

    /// What was asked for and reported in these homes; `open`: only what is, or what is no more.
    pub(super) async fn asked_for(
        &self,
        homes: Vec<Arc<Home>>,
        open: Option<bool>,
    ) -> Result<Vec<AskedFor>, Trouble> {
        let (now, offset) = (self.site.clock.now(), self.site.clock.offset());
        let most = Some(REQUESTS_MAX);
        let filter = Filter { open, group: Some(Group::Request), most, ..Filter::default() };
        let read = self.read(move |reader| {
            let shown = reader.incidents(&filter)?;
            let here = shown.iter().filter(|shown| homes.iter().any(|h| h.id == shown.id.home));
            let one = |shown: &crate::store::views::Shown| {
                let entries = reader.entries(&shown.id)?;
                let to_wall = |at| at + offset;
                Ok(AskedFor::new(&shown.id, &shown.incident, &entries, now, to_wall))
            };
            here.map(one).collect()
        });
        read.await
    }
}

/// What can be asked for and reported in a home: the rules of kind *reported*.
pub(super) fn categories(look: &Look) -> Vec<(String, Title)> {
    let rules = look.book.rules_of(&look.home);
    let asked = rules.iter().filter(|rule| matches!(rule.kind, Kind::Reported(_)));
    asked.map(|rule| (rule.name.to_string(), rule.title.clone())).collect()
}
