"""The request of a run, and the state its steps pass on: small, flat, JSON. Everything large is in the store."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldwise_common.errors import SettingsError
from fieldwise_inference.serving.encoder import EncoderKind
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.settings import TrainingSettings

RequestedPrecision = Literal["int8-weights", "fp32"]
"""The members of `Precision` that a run can still produce."""
IndexKind = Literal["per-synonym", "blob"]
IndexType = Literal["flat", "hnsw", "pq", "ivf-pq"]
"""How the index searches: see `index.search`; in versions of an earlier release also a graph (`hnsw`; Malkov and Yashunin, 2018)."""
Compute = Literal["lambda", "ecs", "sagemaker"]
"""Where the state machine runs the long steps; a run from a shell is always in its own process."""
SETTINGS = {"min_accuracy", "lex_threshold", "feedback_log", "base_model", "site_quorum", "wrong_fill_budget"}
"""The parameters of a run whose defaults are settings."""


class Mode(StrEnum):
    """What a run does; the `mode` of its input."""

    SMOKE_TEST = "smoke-test"
    BUILD_INDEX = "build-index"
    BUILD_INDEX_FEEDBACK = "build-index-feedback"
    FULL_TRAIN = "full-train"

    @property
    def uses_feedback(self) -> bool:
        """Whether the run reads feedback. The votes of the parent are carried on in every mode but a smoke test."""
        return self in {Mode.BUILD_INDEX_FEEDBACK, Mode.FULL_TRAIN}

    @property
    def version_kind(self) -> str:
        """The first part of the version's name, so that a smoke test's version is recognisable."""
        return "smoketest" if self is Mode.SMOKE_TEST else "embeddings"


class Overrides(BaseModel):
    """The parameters that an execution may set; those it does not set, or sets to null, come from the stack's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    min_accuracy: float | None = Field(default=None, ge=0, le=1)
    """Top-1 accuracy that the gate requires."""
    lex_threshold: float | None = Field(default=None, ge=0, le=1)
    """Lowest similarity of a near match in the lexicon."""
    feedback_log: str | None = None
    """Where feedback is read: `s3://bucket/decisions/`, or a CSV of plain pairs. Empty: none is read."""
    base_model: str | None = None
    """The sentence-transformer that the encoder is made from: a path in the image, or a hub name. Empty: the one in the image."""
    encoder: EncoderKind | None = None
    """What serves: a static encoder distilled from the base model, or the base model itself."""
    precision: RequestedPrecision | None = None
    """Of the encoder's weights."""
    index_kind: IndexKind | None = None
    """A vector for each synonym, or one for each canonical id."""
    site_quorum: int | None = Field(default=None, ge=1, le=100)
    """Users who must agree on a field of a site before it is learned."""
    ranker_members: int | None = Field(default=None, ge=0, le=8)
    """Networks that the ranker averages; 0: no ranker."""
    ranker_epochs: int | None = Field(default=None, ge=1, le=200)
    """Training epochs of the ranker."""
    wrong_cost: float | None = Field(default=None, gt=0)
    """Cost of a wrong fill, in fields left empty."""
    wrong_fill_budget: float | None = Field(default=None, gt=0, le=0.5)
    """Share of fills that may be wrong."""
    fine_tune_epochs: int | None = Field(default=None, ge=0, le=20)
    """Epochs of fine-tuning in `full-train`; 0: none."""
    compute: Compute | None = None
    """Where the steps `finetune` and `ranker` run. `ecs` and `sagemaker` must be set up (docs/operations.md)."""


class RunParameters(BaseModel):
    """All parameters of a run; they are recorded in the manifest."""

    model_config = ConfigDict(frozen=True)

    min_accuracy: float
    lex_threshold: float | None = None
    """The lowest similarity of a fuzzy match in the lexicon; None: fitted (`calibration.lexical`)."""
    feedback_log: str
    base_model: str
    encoder: EncoderKind = EncoderKind.STATIC
    precision: RequestedPrecision = "int8-weights"
    index_kind: IndexKind = "per-synonym"
    site_quorum: int = 3
    """Distinct users who must agree on a field of a site before their answer is given to everyone."""
    ranker_members: int = 2
    """Networks whose probabilities are averaged; 0: a version without a ranker."""
    ranker_epochs: int = 20
    wrong_cost: float = 2.0
    """Cost of a wrong fill, in fields left empty; determines the ranker's thresholds."""
    wrong_fill_budget: float | None = None
    """The share of fills (0..1) that may be wrong; thresholds are raised until it holds. None: no budget, `wrong_cost` alone decides."""
    fine_tune_epochs: int = 2
    """Epochs of the encoder's fine-tuning in `full-train`; 0: none."""
    compute: Compute = "lambda"

    @classmethod
    def of(cls, overrides: Overrides, settings: TrainingSettings) -> "RunParameters":
        """The overrides, with the settings as defaults."""
        defaults = settings.model_dump(include=SETTINGS)
        return cls(**(defaults | overrides.model_dump(exclude_none=True)))


class RunRequest(BaseModel):
    """The input of an execution of the state machine. Other keys beside these (a comment, a trigger's metadata) are ignored."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    mode: Mode
    """What the run does."""
    parameters: Overrides = Overrides()
    """An unknown parameter is refused, and named."""


class EncoderFacts(BaseModel):
    """What was measured of a version's encoder; in its metrics, manifest and report."""

    model_config = ConfigDict(frozen=True)

    precision: Precision
    """The precision it has, which can differ from the one requested."""
    lowest_cosine: Mapping[Precision, float]
    """Lowest cosine to the exported model over the parity labels, for each export that passed."""
    kind: EncoderKind = EncoderKind.TRANSFORMER
    distilled_cosine: float | None = None
    """Of a static encoder: the mean cosine to the base model, over texts of the calibration forms."""
    fallback: str | None = None
    """Why the exact encoder is used instead of the requested quantised one; None if it is not."""


class FeedbackFacts(BaseModel):
    """What a run read of the feedback, and what its version carries; in its manifest and report."""

    model_config = ConfigDict(frozen=True)

    log: str = ""
    """The decision log that `mark` is about; "" if none was read yet."""
    mark: str = ""
    """The last hour of the log with objects, as `2026/11/29/20/`: the next version reads from 24 hours before it on."""
    objects: int = 0
    vanished: int = 0
    """Objects that were deleted between listing and reading, as their retention ends."""
    rows: int = 0
    new_votes: int = 0
    """Votes in what was read; some may be carried by the parent already."""
    unsigned: int = 0
    """Feedback without a signature, of earlier releases: kept for training."""
    missing_forms: int = 0
    """Forms with feedback that the log no longer has: their votes count all the same."""
    votes: int = 0
    """That the version carries."""
    unknown_ids: int = 0
    """Carried votes that name an id the canonical data no longer has: skipped."""
    forms: int = 0
    """With feedback, that the version carries."""
    answers: int = 0
    """Fields of sites that enough users agree on."""
    texts: int = 0
    """Labels that many sites agree on, which became synonyms."""
    changes: Mapping[str, int] = Field(default_factory=dict)
    """Of `answers` against the parent: how many are new, changed and dropped."""
    live_fills: int = 0
    """Fills of the live version that users with feedback have seen."""
    live_wrong: int = 0
    """Of these, rejected ones."""
    live_rate: float | None = None
    """What the live version's rate of wrong fills exceeds with a probability of 95 %."""
    confirmed: int = 0
    """Pairs of text and id in plain CSV files."""
    rejected: int = 0
    capped: Mapping[str, int] = Field(default_factory=dict)
    """How many votes and forms were left out, by the limit that they exceeded."""
    quarantined: Mapping[str, int] = Field(default_factory=dict)
    """How many rows could not be used, by reason."""


class IndexFacts(BaseModel):
    """What the index is, and how well it finds the nearest text; in the manifest."""

    model_config = ConfigDict(frozen=True)

    size: int
    """Vectors."""
    type: IndexType = "flat"
    recall: float = 1.0
    """Share of queries (0..1) whose nearest vector it finds, measured against exact search; 1 if it is exact itself."""
    parameters: Mapping[str, int] = Field(default_factory=dict)
    """By FAISS's names; empty if it is exact."""


class LearningFacts(BaseModel):
    """What the ranker learned from judged forms; in its manifest and report."""

    model_config = ConfigDict(frozen=True)

    forms: int = 0
    sites: int = 0
    users: int = 0
    fields: int = 0
    """Fields with a verdict that were trained on."""
    rejected: int = 0
    """Of these, fields of which only a wrong id is known."""
    new_fields: int = 0
    """Of these, fields that the parent's ranker was not trained on."""
    waiting: int = 0
    """Besides, fields with a verdict that are too few to train a reused ranker further."""
    weight: float = 0.0
    """The sum of the fields' weights; an authored field has the weight 1."""
    until: str = ""
    """ISO time of the newest word that was learned from."""
    sha256: str = ""
    """Of all that was learned from; "" if that is nothing. Two rankers trained from scratch with the same are the same."""
    warm_start: bool = False
    """Whether training went on from the parent's weights."""
    left_out: Mapping[str, int] = Field(default_factory=dict)
    """How many fields with a verdict were not trained on, by reason."""


class FineTuningFacts(BaseModel):
    """What became of the encoder's fine-tuning; the details are in `fine_tuning.json`."""

    model_config = ConfigDict(frozen=True)

    kept: bool
    """Whether the version has the fine-tuned encoder."""
    reason: str
    """Why, in one line for people."""
    weights_sha256: str = ""
    """The hash of the fine-tuned weights, if they are kept."""
    pairs: int = 0
    """Texts that were paired with a synonym of the same id."""
    hard_negatives: int = 0
    """Texts that people rejected for an id."""
    contradictory: int = 0
    """Texts that were left out because users disagree about them."""
    resumed_from_epoch: int | None = None
    """The epoch after which an interrupted fine-tuning went on; None if it began anew."""


class CalibrationFacts(BaseModel):
    """What the thresholds were fitted to; the details are in `calibration.json`."""

    model_config = ConfigDict(frozen=True)

    fields: int = 0
    """Authored fields."""
    votes: int = 0
    """Fields with votes."""
    budget: float | None = None
    """The budget for wrong fills (share of fills, 0..1); None if there is none."""
    bound: float | None = None
    """Upper bound of the share of fills that are wrong, with a probability of 95 %."""
    is_kept: bool | None = None
    """Whether the bound is within the budget; None without a budget."""
    coverage: float | None = None
    """Share of the fields with an id that are filled correctly."""
    is_void: bool | None = None
    """Whether the live version's feedback contradicts the budget it was promoted with; None if it has no budget, or no feedback."""
    void_budget: float | None = None
    """That budget, if it is void: the owner may have set another one for this run, or none."""
    coverage_without_budget: float | None = None


class RunState(BaseModel):
    """Passed from step to step. A field is None until the step that sets it has run."""

    model_config = ConfigDict(frozen=True)

    mode: Mode
    run_id: str
    version: str
    code: str
    """The code that began the run; every step must run with the same."""
    parent: str | None
    """The version that was live when the run began: the new one is compared with it, and reuses its unchanged files."""
    parameters: RunParameters
    note: str | None = None
    """A remark on this run for its operator."""
    entries: int | None = None
    evaluation_fields: int | None = None
    feedback: FeedbackFacts | None = None
    seconds: Mapping[str, float] = Field(default_factory=dict)
    """How long each step took, by name."""
    fine_tuning: FineTuningFacts | None = None
    encoder_reused: bool | None = None
    """Whether the encoder was copied from the parent instead of exported."""
    base_model_sha256: str | None = None
    encoder: EncoderFacts | None = None
    shards: tuple[str, ...] = ()
    """The texts that the state machine embeds in parallel, by the shard's name; empty once `index` has collected them."""
    index: IndexFacts | None = None
    ranker_reused: bool | None = None
    """Whether the ranker was copied from the parent instead of trained."""
    ranker_fields: int | None = None
    """Fields the ranker was trained on; None in a version without a ranker."""
    learning: LearningFacts | None = None
    """None if the ranker learned from no judged form."""
    calibration: CalibrationFacts | None = None
    calibration_error: float | None = None
    """The ranker's expected calibration error on the calibration forms."""
    accuracy: float | None = None
    champion_accuracy: float | None = None
    manifest_sha256: str | None = None
    promote: bool | None = None
    reason: str | None = None
    superseded: bool = False
    """Whether another version went live during the run. The version was not compared with it, so it is not promoted."""
    promoted: bool | None = None
    notified: bool | None = None

    @property
    def index_size(self) -> int | None:
        """Vectors in the index; None before the step `index`."""
        return self.index.size if self.index is not None else None


def parse_request(raw: Mapping[str, Any]) -> RunRequest:
    """The input of an execution. Raises SettingsError naming every key that is wrong."""
    try:
        return RunRequest.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(f"bad input of the run: {faults_of(error)}") from None


def faults_of(error: ValidationError) -> str:
    """Every wrong key with the reason, without its value."""
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
