//! `[[grid]]` of `register.toml`: which grid lies in which, up to one root.

use crate::domain::{Grid, GridKind, Home, Name};
use crate::form::{Form, Mark, Sheet};

/// Reads the tree, if there is one.
pub(super) fn read(sheet: &Sheet<'_>, form: &mut Form<'_, '_>) -> Vec<Grid> {
    let mut found: Vec<(Grid, Mark)> = Vec::new();
    for mut form in form.forms("grid") {
        let mark = form.mark_at(if form.has("parent") { "parent" } else { "id" });
        let id = form.needs::<Name>("id");
        let name = form.needs::<String>("name");
        let kind = form.needs::<GridKind>("kind");
        let parent = form.may::<Name>("parent");
        form.done();
        let (Some(id), Some(name), Some(kind)) = (id, name, kind) else { continue };
        if found.iter().any(|(grid, _)| grid.id == id) {
            sheet.wrong_at_mark(&mark, format!("grid `{id}` is there twice"));
        }
        found.push((Grid { id, name, kind, parent }, mark));
    }
    let grids: Vec<Grid> = found.iter().map(|(grid, _)| grid.clone()).collect();
    for (grid, mark) in &found {
        if let Err(why) = hangs(grid, &grids) {
            sheet.wrong_at_mark(mark, format!("grid `{}`: {why}", grid.id));
        }
    }
    // Departments stand beside the street or below it; all else is below one root.
    let is_root = |grid: &Grid| grid.parent.is_none() && grid.kind != GridKind::Department;
    let mut roots = found.iter().filter(|(grid, _)| is_root(grid));
    if let Some((first, _)) = roots.next() {
        for (grid, mark) in roots {
            let (kind, id, other) = (grid.kind, &grid.id, &first.id);
            let message = format!(
                "{kind} `{id}` lies in nothing, and nor does `{other}`: one root is wanted, write parent = …"
            );
            sheet.wrong_at_mark(mark, message);
        }
    }
    grids
}

/// Whether it lies where it may, and in the end in a root.
fn hangs(grid: &Grid, grids: &[Grid]) -> Result<(), String> {
    let find = |id: &Name| grids.iter().find(|g| g.id == *id);
    let Some(parent) = &grid.parent else { return Ok(()) };
    let above = find(parent).ok_or_else(|| format!("there is no [[grid]] `{parent}`"))?;
    let mut next = Some(above);
    for _ in grids {
        match next {
            Some(up) if up.id == grid.id => {
                return Err(format!("it lies in itself, by `{parent}`"));
            }
            Some(up) => next = up.parent.as_ref().and_then(find),
            None => break,
        }
    }
    if !grid.kind.parents().contains(&above.kind) {
        let names: Vec<&str> = grid.kind.parents().iter().map(|k| k.name()).collect();
        let wanted = if names.is_empty() { "nothing".to_owned() } else { names.join(" or ") };
        let (kind, other) = (grid.kind, above.kind);
        return Err(format!("a {kind} lies in {wanted}, and `{parent}` is a {other}"));
    }
    Ok(())
}

/// Where there is a tree, a home's grid is one of it; where there is none, any name will do.
pub(super) fn check_home(sheet: &Sheet<'_>, home: &Home, grids: &[Grid], mark: &Mark) {
    let Some(grid) = home.grid.as_ref().filter(|_| !grids.is_empty()) else { return };
    match grids.iter().find(|g| g.id == *grid) {
        None => sheet.wrong_at_mark(mark, format!("`grid`: there is no [[grid]] `{grid}`")),
        Some(Grid { kind: kind @ (GridKind::Department | GridKind::Street), .. }) => {
            sheet.wrong_at_mark(
                mark,
                format!("`grid`: `{grid}` is a {kind}, homes lie in a grid of it"),
            );
        }
        Some(_) => {}
    }
}
