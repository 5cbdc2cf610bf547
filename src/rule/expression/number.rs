//! What is known of a number before it is measured: its unit and how far it can reach. By that an expression
//! that could never say anything is refused when the rules are read.

use crate::domain::observation::Kind;

use super::lex::{Compare, Reckon};

/// What a number can be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scope {
    /// `None`: a bare number, which fits any unit.
    pub(super) unit: Option<String>,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Scope {
    pub(super) const fn constant(n: f64, unit: Option<String>) -> Self {
        Self { unit, min: n, max: n }
    }

    /// Of a property, if it is a number.
    pub(super) fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Number { unit, min, max } => Some(Self { unit: Some(unit.to_owned()), min, max }),
            Kind::Flag | Kind::Moment => None,
        }
    }

    pub(super) fn is_constant(&self) -> bool {
        self.min == self.max
    }

    /// Whether the two can be added or compared.
    pub(super) fn fits(&self, other: &Self) -> bool {
        self.unit.is_none() || other.unit.is_none() || self.unit == other.unit
    }

    /// What comes of two numbers.
    pub(super) fn reckon(&self, how: Reckon, other: &Self) -> Self {
        let ends = [self.min, self.max];
        let others = [other.min, other.max];
        let all = ends.iter().flat_map(|a| others.iter().map(|b| how.of(*a, *b)));
        let all: Vec<f64> = all.collect();
        let by_nothing = how == Reckon::Over && other.min <= 0.0 && 0.0 <= other.max;
        let (min, max) = if by_nothing || all.iter().any(|n| n.is_nan()) {
            (f64::NEG_INFINITY, f64::INFINITY)
        } else {
            let (least, most) = (f64::INFINITY, f64::NEG_INFINITY);
            (all.iter().copied().fold(least, f64::min), all.iter().copied().fold(most, f64::max))
        };
        Self { unit: self.unit_of(how, other), min, max }
    }

    fn unit_of(&self, how: Reckon, other: &Self) -> Option<String> {
        match (how, &self.unit, &other.unit) {
            (Reckon::Plus | Reckon::Minus, own, others) => own.clone().or_else(|| others.clone()),
            (Reckon::Times | Reckon::Over, own, None) => own.clone(),
            (Reckon::Times, None, others) => others.clone(),
            (Reckon::Times, Some(own), Some(others)) => Some(format!("{own}·{others}")),
            (Reckon::Over, Some(own), Some(others)) if own == others => None,
            (Reckon::Over, Some(own), Some(others)) => Some(format!("({own})/({others})")),
            (Reckon::Over, None, Some(others)) => Some(format!("1/({others})")),
        }
    }

    /// What a comparison always says, if it always says the same.
    pub(super) fn decided(&self, how: Compare, other: &Self) -> Option<bool> {
        let below = |a: &Self, b: &Self| a.max < b.min;
        let not_above = |a: &Self, b: &Self| a.max <= b.min;
        let by = |yes: bool, no: bool| (yes || no).then_some(yes);
        let same = self.is_constant() && other.is_constant() && not_above(self, other);
        let apart = below(self, other) || below(other, self);
        match how {
            Compare::Less => by(below(self, other), not_above(other, self)),
            Compare::AtMost => by(not_above(self, other), below(other, self)),
            Compare::Greater => by(below(other, self), not_above(self, other)),
            Compare::AtLeast => by(not_above(other, self), below(self, other)),
            Compare::Equal => by(same && !apart, apart),
            Compare::Unequal => by(apart, same && !apart),
        }
    }

    /// `from 30 to 100 %`
    pub(super) fn told(&self) -> String {
        let unit = self.unit.as_ref().map_or(String::new(), |unit| format!(" {unit}"));
        format!("from {} to {}{unit}", self.min, self.max)
    }
}
