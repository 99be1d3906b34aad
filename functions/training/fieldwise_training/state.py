"""What a run is asked for, and what its steps hand to each other: small, flat, and JSON; everything big is in the store."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldwise_common.errors import SettingsError
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.settings import TrainingSettings

RequestedPrecision = Literal["int8-weights", "fp32"]
"""What a run can be asked for: of `Precision`, those that are still made."""
IndexKind = Literal["per-synonym", "blob"]


class Mode(StrEnum):
    """What a run does."""

    SMOKE_TEST = "smoke-test"
    BUILD_INDEX = "build-index"
    BUILD_INDEX_FEEDBACK = "build-index-feedback"
    FULL_TRAIN = "full-train"

    @property
    def uses_feedback(self) -> bool:
        """Whether feedback goes into the index and the lexicon."""
        return self in {Mode.BUILD_INDEX_FEEDBACK, Mode.FULL_TRAIN}

    @property
    def version_kind(self) -> str:
        """The first part of the version's name; what a smoke test makes can be told by it."""
        return "smoketest" if self is Mode.SMOKE_TEST else "embeddings"


class Overrides(BaseModel):
    """The parameters an execution may set for itself; what is absent comes from the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    min_accuracy: float | None = Field(default=None, ge=0, le=1)
    lex_threshold: float | None = Field(default=None, ge=0, le=1)
    feedback_log: str | None = None
    base_model: str | None = None
    precision: RequestedPrecision | None = None
    index_kind: IndexKind | None = None
    ranker_members: int | None = Field(default=None, ge=0, le=8)
    ranker_epochs: int | None = Field(default=None, ge=1, le=200)
    wrong_cost: float | None = Field(default=None, gt=0)


class RunParameters(BaseModel):
    """The parameters of a run, all known; they end up in the manifest."""

    model_config = ConfigDict(frozen=True)

    min_accuracy: float
    lex_threshold: float
    feedback_log: str
    base_model: str
    precision: RequestedPrecision = "int8-weights"
    index_kind: IndexKind = "per-synonym"
    ranker_members: int = 2
    """Networks whose probabilities are averaged; 0: a version without a ranker."""
    ranker_epochs: int = 20
    wrong_cost: float = 2.0
    """What a wrong fill costs, counted in fields left empty; the ranker's thresholds follow from it."""

    @classmethod
    def of(cls, overrides: Overrides, settings: TrainingSettings) -> "RunParameters":
        """The overrides, over the settings."""
        defaults = settings.model_dump(include={"min_accuracy", "lex_threshold", "feedback_log", "base_model"})
        return cls(**(defaults | overrides.model_dump(exclude_none=True)))


class RunRequest(BaseModel):
    """The input of an execution; keys besides these two (a comment, a trigger's own) are ignored."""

    model_config = ConfigDict(frozen=True)

    mode: Mode
    parameters: Overrides = Overrides()


class EncoderFacts(BaseModel):
    """What is known of a version's encoder; in its metrics, its manifest and its report."""

    model_config = ConfigDict(frozen=True)

    precision: Precision
    """What it computes in, whatever was asked for."""
    lowest_cosine: Mapping[Precision, float]
    """To the base model over the parity labels, of each export that passed."""
    fallback: str | None = None
    """Why the exact encoder was taken instead of the quantised one that was asked for."""


class RunState(BaseModel):
    """Handed from step to step. A field is None until the step that sets it has run."""

    model_config = ConfigDict(frozen=True)

    mode: Mode
    run_id: str
    version: str
    code: str
    """The code that began the run; the same has to end it."""
    parent: str | None
    """The version that was live when the run began; the champion of its evaluation."""
    parameters: RunParameters
    note: str | None = None
    """Something a person should know about this run."""
    entries: int | None = None
    evaluation_fields: int | None = None
    feedback_confirmed: int | None = None
    feedback_rejected: int | None = None
    feedback_quarantined: int | None = None
    encoder_reused: bool | None = None
    """Whether the encoder was copied from the parent instead of exported."""
    base_model_sha256: str | None = None
    encoder: EncoderFacts | None = None
    index_size: int | None = None
    ranker_reused: bool | None = None
    """Whether the ranker was copied from the parent instead of fitted."""
    ranker_fields: int | None = None
    """Authored fields the ranker was fitted on; None in a version without one."""
    calibration_error: float | None = None
    """The ranker's expected calibration error on the forms set aside for it."""
    accuracy: float | None = None
    champion_accuracy: float | None = None
    manifest_sha256: str | None = None
    promote: bool | None = None
    reason: str | None = None
    pointer_etag: str | None = None
    """The pointer's ETag as the gate read it; None: there was no pointer."""
    promoted: bool | None = None
    notified: bool | None = None


def parse_request(raw: Mapping[str, Any]) -> RunRequest:
    """The input of an execution. Raises SettingsError naming every key that is wrong."""
    try:
        return RunRequest.model_validate(raw)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(f"bad input of the run: {faults}") from None
