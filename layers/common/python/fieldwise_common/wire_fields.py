"""The description of a form's fields, as clients send it.

Everything but the selector is optional, and every key may be spelt as in the DOM (`SPELLINGS`). A field that can't be read, or
one too many, is left out; it is no reason to refuse the form.
"""

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AliasChoices, AliasGenerator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from fieldwise_common.wire_types import Entry, Flag, MaxLength, Place, Reference, RequiredReference, Text, Visibility, Word

MAX_FIELDS = 300
"""Fields of one form that are read."""

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "aria_label": ("aria-label", "ariaLabel"),
    "autocomplete": ("autoComplete",),
    "described_by": ("aria-describedby", "describedBy", "ariaDescribedBy", "aria-description", "ariaDescription"),
    "form": ("formId", "form_id"),
    "frame": ("frameId", "frame_id"),
    "id": ("htmlId", "htmlID"),
    "inputmode": ("inputMode",),
    "maxlength": ("maxLength",),
    "name": ("htmlName",),
    "nearby": ("nearbyText",),
    "readonly": ("readOnly",),
    "visible": ("isVisible",),
}
"""Other spellings of a field's keys, as the DOM and other form fillers have them. If several are there, our own is read, else the first."""

NEVER_FILLED_TYPES = frozenset({"hidden", "submit", "button", "image", "reset", "file", "color", "range"})
"""Types of field that are never filled."""


class Wire(BaseModel):
    """Base of all wire models: immutable; unknown keys are dropped, and a null counts as an absent key."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        if not isinstance(data, Mapping) or (isinstance(data, dict) and None not in data.values()):
            return data
        return {key: value for key, value in data.items() if value is not None}


def _as_options(value: object) -> object:
    """Options given as `{value, text}`, as texts that stand for both, or as pairs of value and text; () unless it is a list."""
    if not isinstance(value, list | tuple):
        return ()
    return tuple(option for option in map(as_option, value) if option is not None)


def as_option(value: object) -> object | None:
    """One option in any of these shapes as what `Option` is made from; None for anything else."""
    if isinstance(value, str | int | float):
        return {"value": value, "text": value}
    if isinstance(value, list | tuple) and len(value) == 2:
        return {"value": value[0], "text": value[1]}
    return value if isinstance(value, Mapping | Option) else None


class Option(Wire):
    """One option of a select or of a radio group."""

    value: Reference = ""
    text: Text = ""


def _spellings(key: str) -> str | AliasChoices:
    return AliasChoices(key, *SPELLINGS[key]) if key in SPELLINGS else key


UNLESS_EMPTY: Any = Field(exclude_if=operator.not_)
"""A key that is left out of every response while it has nothing to say: clients of earlier releases get what they always got."""

SELECT_ROLES = frozenset({"combobox", "listbox", "dropdown"})
"""Types of custom selects; they count as `select` only if they have options."""


class FieldSlice(Wire):
    """The part of a field's description that filling needs; every match has it, because clients send matches back to be filled."""

    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=_spellings))

    type: Text = ""
    options: Annotated[tuple[Option, ...], BeforeValidator(_as_options)] = ()
    pattern: Text = ""
    maxlength: MaxLength = None
    placeholder: Text = ""
    label: Text = ""
    group: Annotated[Text, UNLESS_EMPTY] = ""
    """The question that a set of radios or boxes answers."""
    section: Annotated[Text, UNLESS_EMPTY] = ""
    """The nearest heading or fieldset legend."""
    described_by: Annotated[Text, UNLESS_EMPTY] = ""
    """The help text of `aria-describedby`."""
    nearby: Annotated[Text, UNLESS_EMPTY] = ""
    """Text before the field that is not its label: a table cell, the text to the left or above."""
    lang: Annotated[Word, UNLESS_EMPTY] = ""
    """The language of the field or of its page, as in HTML."""
    multiple: Annotated[Flag, UNLESS_EMPTY] = False
    min: Annotated[Word, UNLESS_EMPTY] = ""
    max: Annotated[Word, UNLESS_EMPTY] = ""
    step: Annotated[Word, UNLESS_EMPTY] = ""
    readonly: Annotated[Flag, UNLESS_EMPTY] = False
    disabled: Annotated[Flag, UNLESS_EMPTY] = False
    filled: Annotated[Flag, UNLESS_EMPTY] = False
    """Whether the user has typed or chosen something here; never what."""
    question: Annotated[Text, UNLESS_EMPTY] = ""
    """Set by classify: the same for all radios or boxes that answer one question, and for no other field; "" for every other field."""

    @property
    def kind(self) -> str:
        """The type in HTML's words, in lower case; "" if not given. `select-one` and a `listbox` with options are `select`."""
        kind = self.type.lower()
        is_select = kind.startswith("select") or (kind in SELECT_ROLES and bool(self.options))
        return "select" if is_select else kind


class FieldDescriptor(FieldSlice):
    """A client's description of one field of a form. Only `selector` is required."""

    selector: RequiredReference
    name: Text = ""
    id: Text = ""
    autocomplete: Text = ""
    required: Flag = False
    aria_label: Text = ""
    form: Annotated[Place, UNLESS_EMPTY] = ""
    """The form's id, name or title."""
    title: Annotated[Text, UNLESS_EMPTY] = ""
    visible: Annotated[Visibility, Field(exclude_if=bool)] = True
    """Whether people see the field; one that they don't see is never filled."""
    checked: Annotated[Flag, UNLESS_EMPTY] = False
    """Whether a box or radio is ticked. The user's own answer, so it is never logged or stored."""
    inputmode: Annotated[Word, UNLESS_EMPTY] = ""
    frame: Annotated[Place, UNLESS_EMPTY] = ""
    """The frame of the page that the field is in."""
    entry: Entry = None
    """The number of the repeated block (job, school, project) that the field is in, from 1, if the client knows it."""

    def slice(self, **changes: object) -> FieldSlice:
        """The part that filling needs; without `question`, which is not the client's to set.

        `changes`: keys with other values than the field's. They are not validated; the field's own have been.
        """
        return _EMPTY_SLICE.model_copy(update=dict(zip(_SLICED, _sliced(self), strict=True)) | changes)

    @property
    def may_be_filled(self) -> bool:
        """Whether a user could type or choose something here."""
        return self.visible and not self.readonly and not self.disabled and self.kind not in NEVER_FILLED_TYPES


_EMPTY_SLICE = FieldSlice()
_SLICED = tuple(key for key in FieldSlice.model_fields if key != "question")
_sliced = operator.attrgetter(*_SLICED)


def readable_fields(sent: Iterable[object]) -> list[FieldDescriptor]:
    """The fields of a request in their order, without those that are not objects or have no selector."""
    fields = []
    for described in sent:
        if isinstance(described, FieldDescriptor):
            fields.append(described)
        elif isinstance(described, Mapping) and described.get("selector") not in (None, ""):
            try:
                fields.append(FieldDescriptor.model_validate(described))
            except ValidationError:  # the selector is not a scalar, or only spaces
                continue
    return fields


def most_useful(fields: Sequence[FieldDescriptor]) -> tuple[FieldDescriptor, ...]:
    """At most `MAX_FIELDS` of a form's fields, in their order: rather those that may be filled, rather the first ones."""
    if len(fields) <= MAX_FIELDS:
        return tuple(fields)
    first = {id(field) for field in first_by_selector(fields).values()}
    is_useless = [not field.may_be_filled or id(field) not in first for field in fields]
    chosen = sorted(range(len(fields)), key=is_useless.__getitem__)[:MAX_FIELDS]
    return tuple(fields[position] for position in sorted(chosen))


def first_by_selector(fields: Iterable[FieldDescriptor]) -> Mapping[str, FieldDescriptor]:
    """The fields by selector, in their order; of fields with the same selector, the first one."""
    by_selector: dict[str, FieldDescriptor] = {}
    for field in fields:
        by_selector.setdefault(field.selector, field)
    return by_selector
