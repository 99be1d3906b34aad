"""The wire format between clients, backend and inference, as typed models.

Clients send whatever a page contains, so parsing is lenient where it can be (unknown keys are dropped, a `value` too; texts
are cut, see `wire_types`; a null counts as an absent key) and strict where it must be (a selector, the number of fields).
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fieldwise_common.canonical import is_id
from fieldwise_common.wire_types import Entry, Flag, MaxLength, Reference, RequiredReference, RequiredText, Score, Text

MAX_FIELDS = 300
"""Fields accepted in one request."""
MAX_BODY_BYTES = 1_000_000
"""Bytes accepted in one request."""


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


class Wire(BaseModel):
    """Base of all wire models: immutable; unknown keys are dropped, and a null counts as an absent key."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, Mapping) else data


class Option(Wire):
    """One option of a select or of a radio group."""

    value: Reference = ""
    text: Text = ""


SELECT_ROLES = frozenset({"combobox", "listbox", "dropdown"})
"""Types of custom selects; they count as `select` only if they have options."""


class FieldSlice(Wire):
    """The part of a field's description that filling needs; every match has it, because clients send matches back to be filled."""

    type: Text = ""
    options: Annotated[tuple[Option, ...], BeforeValidator(_as_options)] = ()
    pattern: Text = ""
    maxlength: MaxLength = None
    placeholder: Text = ""
    label: Text = ""
    group: Text = ""
    """The question that a set of radios or boxes answers."""
    section: Text = ""
    """The nearest heading or fieldset legend."""
    described_by: Text = ""
    """The help text of `aria-describedby`."""
    nearby: Text = ""
    """Text before the field that is not its label: a table cell, the text to the left or above."""
    lang: Text = ""
    """The language of the field or of its page, as in HTML."""
    multiple: Flag = False
    min: Text = ""
    max: Text = ""
    step: Text = ""
    readonly: Flag = False
    disabled: Flag = False
    filled: Flag = False
    """Whether the user has typed or chosen something here; never what."""
    question: Text = ""
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
    form: Text = ""
    """The form's id, name or title."""
    title: Text = ""
    visible: Flag = True
    checked: Flag = False
    inputmode: Text = ""
    frame: Text = ""
    """The frame of the page that the field is in."""
    entry: Entry = None
    """The number of the repeated block (job, school, project) that the field is in, from 1, if the client knows it."""

    def slice(self) -> FieldSlice:
        """The part that filling needs."""
        return FieldSlice(**{key: getattr(self, key) for key in FieldSlice.model_fields})


class Page(Wire):
    """The page the form is on. `origin` is scheme, host and port; of a full URL, only these are logged."""

    origin: Text = ""


def _as_page(value: object) -> object:
    """An invalid page is dropped: it is optional, and no reason to refuse the form."""
    return value if isinstance(value, Mapping | Page) else {}


class ClassifyRequest(Wire):
    """`POST /api/autofill/classify` and `POST /ml/classify`. Of fields with the same selector, the first one is used."""

    fields: Annotated[tuple[FieldDescriptor, ...], Field(min_length=1, max_length=MAX_FIELDS)]
    page: Annotated[Page, BeforeValidator(_as_page)] = Page()


class KnownField(Wire):
    """What a user corrected or confirmed about one field of a site.

    `canonical` is the right id; `none`: the field asks for nothing of the user's; "": only `rejected` is known.
    """

    signature: str
    canonical: str = ""
    rejected: tuple[str, ...] = ()


class MlClassifyRequest(ClassifyRequest):
    """`POST /ml/classify`: adds what the backend knows of the site.

    `site` is the keyed hash of the page's origin (`decision_log.site_hash`), which a page without an origin has too; "" if the key
    could not be read. `remembered`: the user's own feedback there.
    """

    site: Text = ""
    remembered: tuple[KnownField, ...] = ()


Method = Literal["remembered", "override", "site", "autocomplete", "lexical-exact", "lexical-fuzzy", "semantic", "ranker", "type", "none"]
"""The step that decided. `remembered`: the user's own correction; `site`: what users of this site agree on; `override`: an
admin's; `type`: a field of this type can't be filled; `none`: no step found any evidence."""


class Match(Wire):
    """One accepted field. `score` and `threshold_used` (0..1) are on the scale of `method`."""

    selector: RequiredReference
    canonical: RequiredText
    score: Score = 0.0
    threshold_used: Score = 0.0
    confidence_signals: tuple[Text, ...] = ()
    method: Text = ""
    decision_id: Text = ""
    entry: Entry = None
    """The number of the repeated block (job, school, project) that the field is in, from 1; None outside of them."""
    field: FieldSlice = FieldSlice()


Outcome = Literal["accepted", "unsure", "nothing", "ignored"]
"""accepted: the field is `predicted`. unsure: no canonical id is likely enough. nothing: certainly not for user data.
ignored: not fillable (a button, a hidden input, the second of two fields with the same selector)."""


class KnownAtDecision(Wire):
    """What was known of one field besides what the version itself holds: with it, the decision can be made again later.

    `canonical` and `rejected` are of the user's own `KnownField`, `override` is an admin's; "" and () if nothing was.
    """

    canonical: str = ""
    rejected: tuple[str, ...] = ()
    override: str = ""


class Decision(Wire):
    """The decision about one field, accepted or not, with its evidence: one row of the decision log."""

    decision_id: str
    selector: str
    label: str
    placeholder: str
    field_type: str
    required: bool
    predicted: str
    """The canonical id; for `unsure` the best guess, for `nothing` the negative id; "" if there is none."""
    score: Score
    threshold_used: Score
    confidence_signals: tuple[str, ...]
    decision: Outcome
    method: Method
    text: str
    """The text that decided (label, placeholder, name or id)."""
    position: int = 0
    """The field's place in the request, from 0."""
    signature: str = ""
    """What the field is recognised by on a later visit, see `classify.signature` of inference."""
    known: KnownAtDecision | None = None
    """None if neither the user nor an admin had said anything about the field."""


class ShadowDecision(Wire):
    """What a candidate version would have decided about one field; everything else of it is in the live decision at this position."""

    position: int
    predicted: str
    score: Score
    threshold_used: Score
    confidence_signals: tuple[str, ...]
    decision: Outcome
    method: Method


class Shadow(Wire):
    """What a candidate version would have decided about a form. It is logged, and never returned to clients."""

    model_version: str
    decisions: tuple[ShadowDecision, ...]


class ClassifyResponse(Wire):
    """The response to clients."""

    matches: tuple[Match, ...]
    model_version: str


class MlClassifyResponse(ClassifyResponse):
    """The response to the backend: the matches, and one decision per field of the request."""

    decisions: tuple[Decision, ...]
    request_id: str = ""
    code: str = ""
    """The code that decided; "" from an inference of an earlier release."""
    shadow: Shadow | None = None
    """None for most requests: see `serving.shadow` of inference."""


class KnownIds(Wire):
    """`GET /ml/ids`: every canonical id that the live version knows, without `none`."""

    model_version: str
    ids: tuple[str, ...]


class FillRequest(Wire):
    """`POST /api/autofill/fill`: matches as classify returned them."""

    matches: Annotated[tuple[Match, ...], Field(max_length=MAX_FIELDS)]


class MlFillRequest(FillRequest):
    """`POST /ml/fill`: the matches, and the flat profile to fill them from."""

    user_profile: dict[str, str]


Action = Literal["type", "choose", "check", "type-then-choose"]
"""What a client does with a fill: type the value, choose the option, tick the box or radio, or type the value and then choose it from
what appears."""


class Fill(Wire):
    """A value to write into the page, in the field's own format."""

    selector: str
    canonical: str
    value: str
    confidence: Literal["high", "medium"]
    decision_id: str = ""
    warning: str | None = None
    values: tuple[str, ...] = ()
    """All chosen options, where the field takes several; the first of them is `value`."""
    text: str = ""
    """What the chosen option shows; "" if none was chosen."""
    action: Action = "type"
    entry: Entry = None
    """As in the match."""


class Unfilled(Wire):
    """A match without a value. `reason` is one of a fixed set of slugs; it never holds a value."""

    selector: str
    canonical: str
    reason: str
    decision_id: str = ""


class FillResponse(Wire):
    """Every match is in exactly one of the two lists."""

    fills: tuple[Fill, ...]
    unfilled: tuple[Unfilled, ...]


MAX_ID = 64
"""Characters of a decision id."""

_DECISION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")


def _canonical(value: str) -> str:
    if value and not is_id(value):
        raise ValueError("must be a canonical id or `none`")
    return value


def _decision_id(value: str) -> str:
    if value and (len(value) > MAX_ID or not _DECISION_ID.fullmatch(value)):
        raise ValueError("must be a decision_id from a classify response")
    return value


class FeedbackRequest(Wire):
    """`POST /api/autofill/feedback`. A `value` is dropped unread, and `url` is logged as its origin alone.

    `canonical` is the match's id; `none`: the field was not matched. `corrected_to` is the right id; `none`: the field asks for
    nothing of the user's. Ids must look like ids (and the live version must know them), because a free text could be what the
    user typed, and would end in the log.
    """

    selector: RequiredReference
    canonical: Annotated[RequiredText, AfterValidator(_canonical)]
    feedback: Literal["correct", "incorrect"]
    corrected_to: Annotated[Text, AfterValidator(_canonical)] = ""
    decision_id: Annotated[Text, AfterValidator(_decision_id)] = ""
    url: Text = ""


class DebuggedField(FieldDescriptor):
    """A field to explain; it needs no selector."""

    selector: Reference = ""


class ThresholdRequest(Wire):
    """`POST /api/autofill/debug/threshold`: why one field is decided as it is, and what `canonical` would need."""

    field: DebuggedField
    canonical: Text = ""


class ThresholdContext(Wire):
    """What the dynamic threshold was computed from. `pattern_matches`: the names of the patterns in the field's `pattern`."""

    field_type: str
    pattern_matches: tuple[str, ...]
    is_ambiguous: bool
    text_length: int
    required: bool


class Candidate(Wire):
    """One meaning that the live version considered, with its score and the threshold it had to reach."""

    canonical: str
    score: Score
    threshold_used: Score


class ExplainedDecision(Wire):
    """What the live version decides about the field if it is all of the form, on the scale of `method`."""

    decision: Outcome
    predicted: str
    method: Method
    score: Score
    threshold_used: Score
    confidence_signals: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    """The likeliest first, then the `canonical` that was asked for; empty where the field settles itself, as by `autocomplete`."""


class ThresholdResponse(Wire):
    """Why one field is decided as it is.

    `decision` is what the live version really does. Beside it, the dynamic threshold that a version without a ranker
    decides by: `base_threshold` plus every adjustment named in `confidence_signals`.
    """

    field: dict[str, Any]
    """The field as it came, without keys that are not of the contract."""
    canonical: str
    threshold: Score
    base_threshold: Score
    confidence_signals: tuple[str, ...]
    context: ThresholdContext
    decision: ExplainedDecision
    signature: str = ""
    """The field's signature; of several fields of a form with the same name, type and label, that of the first one."""


def first_by_selector(fields: tuple[FieldDescriptor, ...]) -> Mapping[str, FieldDescriptor]:
    """The fields by selector, in their order; of fields with the same selector, the first one."""
    by_selector: dict[str, FieldDescriptor] = {}
    for field in fields:
        by_selector.setdefault(field.selector, field)
    return by_selector


def dump(model: BaseModel) -> dict[str, Any]:
    """A wire model as JSON-ready data, without values that are the default: whoever parses it has them, and a large form stays small."""
    return model.model_dump(mode="json", exclude_defaults=True)
