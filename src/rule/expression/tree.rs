//! What an expression means, and what it says of given values. A property of which nothing is known is
//! unknown, and so is what depends on it: `and`, `or` and `not` are Kleene's.

use crate::domain::{Place, Property, Value};

use super::lex::{Compare, Reckon};

/// What an expression looks at. Each stands once in [`Tree::atoms`]; the branches name it by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Atom {
    /// A property: of any device, or of those in one kind of room.
    Property(Property, Option<Place>),
}

/// A whole expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub(super) atoms: Vec<Atom>,
    pub(super) root: Truth,
}

/// What is true, false or unknown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Truth {
    Is(usize),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Compare(Number, Compare, Number),
}

/// What is a number or unknown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Number {
    Constant(f64),
    Of(usize),
    Reckon(Box<Self>, Reckon, Box<Self>),
}

impl Truth {
    /// What it says, `None` if nobody can tell; `values` are those of the atoms.
    pub(super) fn of(&self, values: &[Option<Value>]) -> Option<bool> {
        match self {
            Self::Is(atom) => values.get(*atom).copied().flatten().map(Value::is_true),
            Self::Not(inner) => inner.of(values).map(|truth| !truth),
            Self::All(all) => kleene(all.iter().map(|each| each.of(values)), false),
            Self::Any(any) => kleene(any.iter().map(|each| each.of(values)), true),
            Self::Compare(left, how, right) => Some(how.holds(left.of(values)?, right.of(values)?)),
        }
    }

    /// Whether it could become true, or false, when only some of the atoms are ever known.
    pub(super) fn could(&self, be: bool, known: &[bool]) -> bool {
        let is_known = |atom: &usize| known.get(*atom).copied().unwrap_or(false);
        match self {
            Self::Is(atom) => is_known(atom),
            Self::Not(inner) => inner.could(!be, known),
            Self::All(all) if be => all.iter().all(|each| each.could(be, known)),
            Self::Any(any) if !be => any.iter().all(|each| each.could(be, known)),
            Self::All(some) | Self::Any(some) => some.iter().any(|each| each.could(be, known)),
            Self::Compare(left, _, right) => {
                left.atoms().iter().chain(&right.atoms()).all(is_known)
            }
        }
    }
}

/// One that decides is enough; else one that is unknown leaves it unknown.
fn kleene(all: impl Iterator<Item = Option<bool>>, decides: bool) -> Option<bool> {
    let mut unknown = false;
    for each in all {
        match each {
            Some(truth) if truth == decides => return Some(decides),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!decides)
}

impl Number {
    /// Nothing that is not finite is a number: a division by nothing is unknown.
    fn of(&self, values: &[Option<Value>]) -> Option<f64> {
        let number = match self {
            Self::Constant(n) => *n,
            Self::Of(atom) => values.get(*atom).copied().flatten()?.number()?,
            Self::Reckon(left, how, right) => how.of(left.of(values)?, right.of(values)?),
        };
        number.is_finite().then_some(number)
    }

    fn atoms(&self) -> Vec<usize> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Of(atom) => vec![*atom],
            Self::Reckon(left, _, right) => [left.atoms(), right.atoms()].concat(),
        }
    }
}

impl Compare {
    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => right < left,
            Self::AtLeast => right <= left,
            Self::Equal => left == right,
            Self::Unequal => left != right,
        }
    }
}

impl Reckon {
    pub(super) fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Plus => left + right,
            Self::Minus => left - right,
            Self::Times => left * right,
            Self::Over => left / right,
        }
    }
}
