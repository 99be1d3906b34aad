"""The wire format of `POST /api/autofill/debug/threshold`, which explains how one field is decided."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from fieldwise_common.wire import KnownField, Method, Outcome, Page, as_decision_id, as_page
from fieldwise_common.wire_fields import UNLESS_EMPTY, FieldDescriptor, Wire, most_useful, readable_fields
from fieldwise_common.wire_types import Reference, Score, Text


class DebuggedField(FieldDescriptor):
    """A field to explain; it needs no selector, unless it is one of a form's `fields`."""

    selector: Reference = ""


def _as_fields(value: object) -> object:
    """Only the fields that classify reads, so that the form is decided as it was there."""
    return most_useful(readable_fields(value)) if isinstance(value, list | tuple) else value


class ThresholdRequest(Wire):
    """`POST /api/autofill/debug/threshold`: why one field is decided as it is, and what `canonical` would need.

    With `fields` or `page`, it is explained as classify decides it there, with what the caller and others said about it.
    """

    canonical: Text = ""
    fields: Annotated[tuple[FieldDescriptor, ...], BeforeValidator(_as_fields)] = ()
    """The whole form, as it was sent to classify; `field` names one of them by its selector."""
    page: Annotated[Page | None, BeforeValidator(as_page)] = None
    decision_id: Annotated[Text, AfterValidator(as_decision_id)] = ""
    """Instead of `field`: a decision of the caller's in the last 24 hours, about one of `fields`. It names the page, too."""
    field: Annotated[DebuggedField | None, Field(validate_default=True)] = None
    """The field to explain; with `fields`, its selector is enough."""

    @field_validator("field")
    @classmethod
    def _one_of_two(cls, field: DebuggedField | None, parsed: ValidationInfo) -> DebuggedField | None:
        is_decision = bool(parsed.data.get("decision_id"))
        if field is None and "decision_id" in parsed.data and not is_decision:
            raise PydanticCustomError("missing", "is required, unless `decision_id` is given")
        if field is not None and is_decision:
            raise PydanticCustomError("too_many", "must not be given with `decision_id`")
        return field


class MlThresholdRequest(ThresholdRequest):
    """`POST /ml/debug/threshold`: with what the backend knows of the site, as in `MlClassifyRequest`."""

    site: Text = ""
    remembered: tuple[KnownField, ...] = ()


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


class ViewEffect(Wire):
    """What one view of a field contributed to the decision's answer. A view is a part of what is known of the field, as its label.

    `without`: the answer's probability if this view is left out; `alone`: if all others are. `effect`, in log-odds: the mean of what the
    answer loses without the view and gains from it alone; negative if the view speaks against the answer.
    """

    view: str
    """`label`, `placeholder`, `name`, `id`, `options`, `country`, `section`, `near`, `form_name`, `autocomplete`, `type`, `length`,
    `position`, `similar`, `nearest`, `before`, `after`, `rest_of_form`; several with the same text are joined by a comma."""
    effect: Score
    without: Score
    alone: Score
    text: Annotated[str, UNLESS_EMPTY] = ""
    """The view's text, shortened."""
    instead: Annotated[str, UNLESS_EMPTY] = ""
    """The id that a view against the answer speaks for, if there is one."""


class Change(Wire):
    """A change of the field that would be enough: `autocomplete` or `label` is set to `text`, or the view `without` is left out."""

    text: str
    score: Score
    set: Annotated[str, UNLESS_EMPTY] = ""
    without: Annotated[str, UNLESS_EMPTY] = ""


class Needed(Wire):
    """The probability that an id has, the one it needs, and the changes that would each be enough; () if it has enough."""

    canonical: str
    score: Score
    threshold_used: Score
    changes: tuple[Change, ...] = ()


class Why(Wire):
    """Why a field is decided as it is.

    The views are the ranker's, so there are none where something else decided; of each list, the three with the largest effect.
    """

    sentences: tuple[str, ...]
    """The explanation in plain English."""
    spoke_for: tuple[ViewEffect, ...] = ()
    spoke_against: tuple[ViewEffect, ...] = ()
    second: Annotated[Candidate | None, UNLESS_EMPTY] = None
    """The second candidate; if people or an attribute decided, what the field would be without them."""
    needed: Annotated[Needed | None, UNLESS_EMPTY] = None


class ExplainedDecision(Wire):
    """What the live version decides about the field in its form (without `fields`, as if it were the whole form).

    Scores and thresholds are on the scale of `method`.
    """

    decision: Outcome
    predicted: str
    method: Method
    score: Score
    threshold_used: Score
    confidence_signals: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    """The likeliest first, then the `canonical` that was asked for; empty where the field is decided without them, as by `autocomplete`."""
    why: Annotated[Why | None, UNLESS_EMPTY] = None
    """None if inference still runs an earlier release."""


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
    """The field's signature; without `fields`, of several fields of a form with the same name, type and label, that of the first one."""
