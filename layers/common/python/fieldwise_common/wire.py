"""The wire format between clients, backend and inference, as typed models.

Clients send whatever a page contains, so parsing is lenient where it can be: unknown keys are dropped, a `value` too; texts are
cut (`wire_types`); a null counts as an absent key; a field that can't be read is ignored and counted (`wire_fields`).
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from fieldwise_common.canonical import is_id
from fieldwise_common.wire_fields import MAX_FIELDS as MAX_FIELDS
from fieldwise_common.wire_fields import SELECT_ROLES as SELECT_ROLES
from fieldwise_common.wire_fields import UNLESS_EMPTY, most_useful, readable_fields
from fieldwise_common.wire_fields import FieldDescriptor as FieldDescriptor
from fieldwise_common.wire_fields import FieldSlice as FieldSlice
from fieldwise_common.wire_fields import Option as Option
from fieldwise_common.wire_fields import Wire as Wire
from fieldwise_common.wire_fields import as_option as as_option
from fieldwise_common.wire_fields import first_by_selector as first_by_selector
from fieldwise_common.wire_types import Count, Entry, FlatProfile, RequiredReference, RequiredText, Score, Text, as_count

MAX_BODY_BYTES = 1_000_000
"""Bytes accepted in one request."""
MAX_MATCHES = MAX_FIELDS
"""Matches accepted in one request: one classify request has no more."""


class Page(Wire):
    """The page the form is on. `origin` is scheme, host and port; of a full URL, only these are logged."""

    origin: Text = ""


def as_page(value: object) -> object:
    """An invalid page is dropped: it is optional, and no reason to refuse the form."""
    return value if isinstance(value, Mapping | Page) else {}


class ClassifyRequest(Wire):
    """`POST /api/autofill/classify` and `POST /ml/classify`. Of fields with the same selector, the first one is used.

    Fields without a selector are ignored; of more than 300, the most useful are read: those that are visible and can be filled
    first, then those that come first on the page.
    """

    ignored: SkipJsonSchema[Count] = 0
    """How many of the fields that were sent are not in `fields`: counted here, on top of what the backend counted."""
    fields: Annotated[tuple[FieldDescriptor, ...], Field(json_schema_extra={"minItems": 1})]
    page: Annotated[Page, BeforeValidator(as_page)] = Page()

    @model_validator(mode="before")
    @classmethod
    def _without_unreadable_fields(cls, data: object) -> object:
        if not isinstance(data, Mapping) or not isinstance(sent := data.get("fields"), list | tuple):
            return data
        fields = most_useful(readable_fields(sent))
        return {**data, "fields": fields, "ignored": as_count(data.get("ignored")) + len(sent) - len(fields)}

    @field_validator("fields")
    @classmethod
    def _at_least_one_sent(cls, fields: tuple[FieldDescriptor, ...], parsed: ValidationInfo) -> tuple[FieldDescriptor, ...]:
        if not fields and not parsed.data["ignored"]:
            raise PydanticCustomError("too_short", "must have at least one field")
        return fields


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
    """The field's place among the fields that were read, from 0."""
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
    """The response to clients. `ignored`: how many fields could not be read, or were too many; absent if none."""

    matches: tuple[Match, ...]
    model_version: str
    ignored: Annotated[int, UNLESS_EMPTY] = 0


class MlClassifyResponse(ClassifyResponse):
    """The response to the backend: the matches, and one decision per field that was read."""

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

    matches: Annotated[tuple[Match, ...], Field(max_length=MAX_MATCHES)]


class MlFillRequest(FillRequest):
    """`POST /ml/fill`: the matches, and the flat profile to fill them from."""

    user_profile: FlatProfile


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
    """A slug that names a doubt about the value, to show to the user: `nearest-option`, `shortened`, …"""
    values: Annotated[tuple[str, ...], UNLESS_EMPTY] = ()
    """All options to choose, if there are several; the first of them is `value`."""
    text: Annotated[str, UNLESS_EMPTY] = ""
    """What the chosen option, or the ticked radio or box, shows."""
    action: Action = "type"
    """How to write the value: `type` it, `choose` the option, `check` the box or radio, or type it and then choose from what appears."""
    entry: Entry = None
    """The number of the repeated block, as in the match."""


class Unfilled(Wire):
    """A match without a value, and why: `answer-is-no`, `no-value`, … (the README lists the reasons). It never holds a value."""

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


def as_decision_id(value: str) -> str:
    """The text, if it can be a decision id; "" is none. Raises ValueError for any other."""
    if value and (len(value) > MAX_ID or not _DECISION_ID.fullmatch(value)):
        raise ValueError("must be a decision_id from a classify response")
    return value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class FeedbackRequest(Wire):
    """`POST /api/autofill/feedback`. A `value` is dropped unread, and `url` is logged as its origin alone.

    `canonical` is the match's id; `none`: the field was not matched. `corrected_to` is the right id; `none`: the field asks for
    nothing of the user's. Ids must look like ids (and the live version must know them), because a free text could be what the
    user typed, and would end in the log.
    """

    selector: RequiredReference
    canonical: Annotated[RequiredText, AfterValidator(_canonical)]
    feedback: Annotated[Literal["correct", "incorrect"], BeforeValidator(_lower)]
    corrected_to: Annotated[Text, AfterValidator(_canonical)] = ""
    decision_id: Annotated[Text, AfterValidator(as_decision_id)] = ""
    url: Text = ""


def dump(model: BaseModel) -> dict[str, Any]:
    """A wire model as JSON-ready data, without values that are the default: the parsing model has them, and a large form stays small."""
    return model.model_dump(mode="json", exclude_defaults=True)
