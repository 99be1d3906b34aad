"""What was measured, as it is written to JSON. Shares are 0..1, None where there is nothing to take a share of."""

from collections.abc import Mapping

from benchmarks.quality.measure.figures import Figure

PRECISE = 0.98
"""The precision at which recalls are compared."""


class Part(Figure):
    """How well one set of forms was understood."""

    fields: int
    recall: float | None
    precision: float | None
    false_fill: float | None
    overall: float | None
    recall_when_precise: float | None
    """The most fields recognised by any one threshold on the score at which precision is `PRECISE` or better; None where none is."""
    calibration_error: float | None


class Measured(Figure):
    """One approach."""

    approach: str
    fit_seconds: float
    """By the processor's clock, one thread."""
    megabytes: float
    form_ms: float
    """Its own part of the answer to 20 fields, by the same clock: the median over forms."""
    parts: Mapping[str, Part]


class Rankers(Figure):
    """The whole comparison."""

    model_version: str
    wrong_cost: float
    """What a wrong fill costs, in fields left empty: the operating point of all approaches."""
    taught_forms: int
    taught_fields: int
    calibration_forms: int
    calibration_fields: int
    approaches: tuple[Measured, ...]
