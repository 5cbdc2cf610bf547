//! Kinds of room, as far as rules tell them apart. `coverage.toml` says by which words people know them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::level::words;

words! {
    /// A kind of room. `hall` is where the door to the outside is.
    Place, "kind of room":
    Bathroom "bathroom" "卫生间";
    Bedroom  "bedroom"  "卧室";
    Kitchen  "kitchen"  "厨房";
    Living   "living"   "客厅";
    Hall     "hall"     "门厅";
}
