//! A text with places: `{case}` stands for what is known only when it is told. Braces around anything but a
//! word are not a place, so that JSON can be written as it is.

use crate::domain::both;
use crate::form::Slip;

/// A text with places of a closed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<P>(Vec<Piece<P>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece<P> {
    Words(String),
    Place(P),
}

impl<P: Copy + PartialEq> Template<P> {
    /// Reads it; `places` are those that it may have, `name` is what they are written as.
    ///
    /// # Errors
    /// There is a place that is none of these.
    pub fn read(text: &str, places: &[P], name: fn(P) -> &'static str) -> Result<Self, Slip> {
        let (mut pieces, mut words, mut rest, mut at) = (Vec::new(), String::new(), text, 0);
        while let Some((before, after)) = rest.split_once('{') {
            words.push_str(before);
            at += before.len();
            let Some((word, more)) = word(after) else {
                words.push('{');
                (rest, at) = (after, at + 1);
                continue;
            };
            let Some(place) = places.iter().copied().find(|place| name(*place) == word) else {
                let known: Vec<_> = places.iter().map(|p| format!("{{{}}}", name(*p))).collect();
                let known = known.join(", ");
                let message = both!(
                    "这里没有“{{{word}}}”，只有 {known}：姓名、原因和地址只在页面上",
                    "there is no place `{{{word}}}` here, only {known}: names, reasons and addresses are for the pages"
                );
                return Err(Slip { at, message });
            };
            pieces.push(Piece::Words(std::mem::take(&mut words)));
            pieces.push(Piece::Place(place));
            (rest, at) = (more, at + word.len() + 2);
        }
        words.push_str(rest);
        pieces.push(Piece::Words(words));
        Ok(Self(pieces))
    }

    /// Whether it has this place.
    pub fn has(&self, place: P) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Place(p) if *p == place))
    }

    /// Whether there are braces in it that are no place.
    pub fn has_braces(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Words(w) if w.contains(['{', '}'])))
    }

    /// The text, with what stands in each place.
    pub fn fill(&self, what: impl Fn(P) -> String) -> String {
        let one = |piece: &Piece<P>| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Place(place) => what(*place),
        };
        self.0.iter().map(one).collect()
    }
}

/// `case} and more` begins with the word of a place.
fn word(after: &str) -> Option<(&str, &str)> {
    let (word, more) = after.split_once('}')?;
    let is_word = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !word.is_empty();
    is_word.then_some((word, more))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn name(place: u8) -> &'static str {
        if place == 0 { "case" } else { "level" }
    }

    #[test]
    fn braces_of_json_stay_and_places_are_filled() {
        let read = |text: &str| Template::read(text, &[0, 1], name);
        let fill = |text: &str| read(text).unwrap().fill(|p| format!("<{p}>"));
        assert_eq!(fill("{\"a\":{\"b\":\"{case}{level}\"}}"), "{\"a\":{\"b\":\"<0><1>\"}}");
        assert_eq!(fill("{} {1} {"), "{} {1} {");
        assert_eq!(fill(""), "");
        let slip = read("编号 {case} {name}").unwrap_err();
        assert_eq!(slip.at, "编号 {case} ".len());
        assert!(
            slip.message.en().contains("no place `{name}` here, only {case}, {level}"),
            "{slip:?}"
        );
    }
}
