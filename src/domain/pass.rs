//! What lets somebody in: an invitation, a session of a browser, a program's token. All three are a secret that
//! nobody can guess, of which only the digest is kept. Times are hub time: a clock that lies logs nobody out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::PersonId;
use super::level::words;
use super::time::Time;

/// What stands for a secret: its SHA-256.
pub type Digest = [u8; 32];

words! {
    /// What a pass is for.
    PassKind, "kind of pass":
    Invitation "invitation" "邀请";
    Session    "session"    "登录";
    Program    "program"    "程序";
}

words! {
    /// What a program may do. Observe: say what sensors saw. Read: see what there is. All: also change it.
    May, "right":
    Observe "observe" "上报";
    Read    "read"    "查看";
    All     "all"     "全部";
}

/// A secret, and what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// What stands for the secret.
    pub digest: Digest,
    /// What it is for.
    pub kind: PassKind,
    /// The person or program it stands for.
    pub who: String,
    /// For people: the browser, or who invited them. For programs: what they [`May`].
    pub about: String,
    /// Since when, in hub time.
    pub made: Time,
    /// Until when, in hub time.
    pub until: Time,
    /// When it was last shown, in hub time; to a day.
    pub seen: Time,
}

/// A change of what lets people in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassDeed {
    /// From now on this one is good.
    Give(Pass),
    /// It was shown, and is good until then.
    Seen {
        /// Which.
        digest: Digest,
        /// When, in hub time.
        at: Time,
        /// Until when it is good now, in hub time.
        until: Time,
    },
    /// It is good no more. If it was not, nothing of what is posted with it happens.
    End(Digest),
    /// Nothing of this kind is good any more that stands for them, but for one maybe.
    EndAll {
        /// Whose.
        who: String,
        /// Of which kind.
        kind: PassKind,
        /// Which one stays.
        but: Option<Digest>,
    },
    /// They have this password from now on, or none; salted and hashed.
    Password {
        /// Whose.
        who: PersonId,
        /// The hash, in the PHC format.
        hash: Option<String>,
    },
}
