"""The wire format of `POST /api/autofill/debug/threshold`, which explains how one field is decided."""

from typing import Any

from fieldwise_common.wire import Method, Outcome
from fieldwise_common.wire_fields import FieldDescriptor, Wire
from fieldwise_common.wire_types import Reference, Score, Text


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
    """The likeliest first, then the `canonical` that was asked for; empty where the field is decided without them, as by `autocomplete`."""


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
