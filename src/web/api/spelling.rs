//! How the words of a request are written, for the description: from the lists and limits that their readers go by.

use utoipa::PartialSchema;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, Object, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};

use crate::domain::observation::Kind;
use crate::domain::{
    Doing, Found, Group, Level, May, Mount, Origin, Outcome, Property, Role, Scope,
};

/// The longest name; in bytes, so that one in Chinese is shorter.
const NAME_MAX: usize = 64;

/// A text of this form.
pub(super) fn text(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// One word of a closed list.
pub(super) fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

/// A way to write a text: the type says in a description what a reader says in code. `with`: made of the words of
/// another.
macro_rules! spelling {
    ($($(#[$doc:meta])* $name:ident $(with $words:ident)? = $schema:expr;)+) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::RefOr::T($schema.into())
            }
        }

        impl utoipa::ToSchema for $name {
            $(fn schemas(
                all: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
            ) {
                <$words as utoipa::ToSchema>::schemas(all);
            })?
        }
    )+};
}

pub(super) use spelling;

spelling! {
    /// A home, a device, a person, a rule: whatever has a name in the register or in `config/`.
    Named = text(r"^[\p{L}\p{N}][\p{L}\p{N}\-_.:]*$").min_length(Some(1)).max_length(Some(NAME_MAX));
    /// Something that somebody says, and not nothing.
    Spoken = text(r"\S").min_length(Some(1));
    /// `30m`, `8h`, `3d`
    Lasting = text(r"^[0-9]{1,6}(ms|s|m|h|d)( ?[0-9]{1,6}(ms|s|m|h|d))*$");
    /// `2026-11`
    MonthOf = text("^[0-9]{4}-(0[1-9]|1[0-2])$");
    /// A day of the calendar.
    Day = ObjectBuilder::new().schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)));
    FoundWord = one_of(Found::ALL.iter().map(|w| w.name()));
    /// True, false or a number.
    Measured = AnyOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Boolean))
        .item(ObjectBuilder::new().schema_type(Type::Number));
    /// `null`
    Nothing = ObjectBuilder::new().schema_type(Type::Null);
    /// Whatever JSON can say.
    Any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    ReportWord = one_of(["json", "markdown"]);
    RowsWord = one_of(["json", "csv"]);
    TableWord = one_of(["json", "csv", "markdown"]);
    DoingWord = one_of(Doing::ALL.iter().map(|w| w.name()));
    GroupWord = one_of(Group::ALL.iter().map(|w| w.name()));
    LangWord = one_of(["zh", "en"]);
    LevelWord = one_of(Level::ALL.iter().map(|w| w.name()));
    MayWord = one_of(May::ALL.iter().map(|w| w.name()));
    MountWord = one_of(Mount::ALL.iter().map(|w| w.name()));
    OriginWord = one_of(Origin::ALL.iter().map(|w| w.name()));
    OutcomeWord = one_of(Outcome::ALL.iter().map(|w| w.name()));
    RoleWord = one_of(Role::ALL.iter().map(|w| w.name()));
    ScopeWord = one_of(Scope::ALL.iter().map(|w| w.name()));
}

/// Objects of which the word `tag` says what they are, each with its own of the words of `T`: those it must have,
/// and those it may. Of the latter `null` is as good as none, where it `may_be_null`.
pub(super) fn each<'k, T: PartialSchema>(
    tag: &str,
    kinds: impl IntoIterator<Item = (&'k str, Vec<&'k str>, Vec<&'k str>)>,
    may_be_null: impl Fn(&str) -> bool,
) -> Schema {
    let RefOr::T(Schema::Object(Object { properties, .. })) = T::schema() else {
        return Schema::default();
    };
    let one = |(kind, must, may): (&'k str, Vec<&'k str>, Vec<&'k str>)| -> Schema {
        let nothing = AdditionalProperties::<Schema>::FreeForm(false);
        let mut object = ObjectBuilder::new().schema_type(Type::Object).title(Some(kind));
        object = object.property(tag, one_of([kind])).required(tag);
        for (word, is_needed) in
            must.iter().map(|w| (*w, true)).chain(may.iter().map(|w| (*w, false)))
        {
            let Some(schema) = properties.get(word).cloned() else { continue };
            // `wish:void` is the word `wish` where it is otherwise than elsewhere.
            let word = word.split(':').next().unwrap_or(word);
            let null = ObjectBuilder::new().schema_type(Type::Null);
            object = if is_needed {
                object.property(word, schema).required(word)
            } else if may_be_null(word) {
                object.property(word, AnyOfBuilder::new().item(schema).item(null))
            } else {
                object.property(word, schema)
            };
        }
        object.additional_properties(Some(nothing)).into()
    };
    kinds.into_iter().map(one).fold(AnyOfBuilder::new(), AnyOfBuilder::item).into()
}

/// Objects with the words of `T`, and of each property its values, and its unit.
pub(super) fn of_each_property<T: PartialSchema>() -> Schema {
    let RefOr::T(Schema::Object(words)) = T::schema() else { return Schema::default() };
    let one = |properties: &[Property], value: ObjectBuilder, unit: Option<&str>| -> Schema {
        let nothing = AdditionalProperties::<Schema>::FreeForm(false);
        let null = || ObjectBuilder::new().schema_type(Type::Null);
        let unit = unit.map(|unit| AnyOfBuilder::new().item(one_of([unit])).item(null()).into());
        let mut object = ObjectBuilder::new().schema_type(Type::Object);
        for (word, schema) in &words.properties {
            object = object.property(word, schema.clone());
        }
        object = object.property("property", one_of(properties.iter().map(|p| p.name())));
        // What has no unit may say so.
        object =
            object.property("value", value).property("unit", unit.unwrap_or(Schema::from(null())));
        for word in ["home", "device", "property", "value"] {
            object = object.required(word);
        }
        object.additional_properties(Some(nothing)).into()
    };
    let all = Property::ALL.iter().copied();
    let of = |kind: Kind| all.clone().filter(|p| p.kind() == kind).collect::<Vec<_>>();
    let flag = || ObjectBuilder::new().schema_type(Type::Boolean);
    let (flags, moments) = (of(Kind::Flag), of(Kind::Moment));
    let first = [one(&flags, flag(), None), one(&moments, flag().enum_values(Some([true])), None)];
    let numbers = all.clone().filter_map(|property| match property.kind() {
        Kind::Number { unit, min, max } => {
            let number = ObjectBuilder::new().schema_type(Type::Number);
            let value = number.minimum(Some(min)).maximum(Some(max));
            Some(one(&[property], value, Some(unit)))
        }
        Kind::Flag | Kind::Moment => None,
    });
    first.into_iter().chain(numbers).fold(AnyOfBuilder::new(), AnyOfBuilder::item).into()
}
