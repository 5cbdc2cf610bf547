//! The grids of a street: which lies in which.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::Name;

/// One grid, or what grids belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Opaque: nothing is read out of it. What lies where is said by `parent` alone.
    pub id: Name,
    /// As people call it.
    pub name: String,
    /// What it is.
    pub kind: GridKind,
    /// What it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Name>,
}

/// Whether `grid` is `within`, or lies in it, however deep. Where there is no tree, only itself.
pub fn lies_in(grid: &Name, within: &Name, grids: &[Grid]) -> bool {
    let mut next = Some(grid);
    // A tree that was checked is no ring; one that was not must not hold us up.
    for _ in 0..=grids.len() {
        match next {
            Some(at) if at == within => return true,
            Some(at) => {
                let known = grids.iter().find(|known| known.id == *at);
                next = known.and_then(|known| known.parent.as_ref());
            }
            None => return false,
        }
    }
    false
}

/// A grid with all that lies in it.
#[derive(Debug, Clone, Copy)]
pub struct Within<'g> {
    /// Which.
    pub grid: &'g Name,
    /// What lies in what.
    pub grids: &'g [Grid],
}

impl Within<'_> {
    /// Whether that which is of this grid belongs to it.
    pub fn has(self, of: Option<&Name>) -> bool {
        of.is_some_and(|of| lies_in(of, self.grid, self.grids))
    }
}

/// What a grid is: the three kinds of a community and the dedicated one (3+1), and what stands above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GridKind {
    /// 街道
    Street,
    /// 部门, of the street or beyond it.
    Department,
    /// 社区总网格
    Community,
    /// 一般网格
    General,
    /// 微网格
    Micro,
    /// 专属网格: an office tower, a park, a school.
    Dedicated,
}

impl GridKind {
    /// Every kind, from above.
    pub const ALL: [Self; 6] = [
        Self::Street,
        Self::Department,
        Self::Community,
        Self::General,
        Self::Micro,
        Self::Dedicated,
    ];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Street => "street",
            Self::Department => "department",
            Self::Community => "community",
            Self::General => "general",
            Self::Micro => "micro",
            Self::Dedicated => "dedicated",
        }
    }

    /// Its name on Chinese pages.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Street => "街道",
            Self::Department => "部门",
            Self::Community => "社区总网格",
            Self::General => "一般网格",
            Self::Micro => "微网格",
            Self::Dedicated => "专属网格",
        }
    }

    /// In what it may lie.
    pub const fn parents(self) -> &'static [Self] {
        match self {
            Self::Street => &[],
            Self::Department | Self::Community => &[Self::Street],
            Self::General | Self::Dedicated => &[Self::Community],
            Self::Micro => &[Self::General, Self::Community],
        }
    }
}

impl fmt::Display for GridKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for GridKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join("`, `");
            format!("`{text}` is no kind of grid: `{names}`")
        })
    }
}
