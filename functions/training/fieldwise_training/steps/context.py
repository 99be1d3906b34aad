"""What every step works with."""

from dataclasses import dataclass
from pathlib import Path

from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.progress.report import OnProgress, ignore_progress
from fieldwise_training.release.versioning import Draft
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.state import RunState

SHIPPED_DATA = Path(__file__).parents[2] / "data"
"""`data/` beside the package, in the repository as in the image: `canonical/*.json`, `corpus/*.jsonl`."""

CANONICAL_FILE = "data/canonical.json"
EVALUATION_FILE = "data/evaluation.jsonl"
CORPUS_FILE = "data/corpus.jsonl"
FEEDBACK_FILE = "data/feedback.csv"
"""What the `load` step leaves in the version for the later ones, and for whoever wants to know what it was made from."""


THRESHOLDS_FILE = "thresholds.json"
"""Begun by `index`, completed by `ranker`."""


@dataclass(frozen=True, slots=True)
class TrainingContext:
    """The store, the settings, the shipped data, and the callback for progress."""

    store: ModelStore
    settings: TrainingSettings
    data: Path = SHIPPED_DATA
    on_progress: OnProgress = ignore_progress
    """Called with the progress of long steps."""

    def draft(self, state: RunState) -> Draft:
        """The version the run is writing."""
        return Draft(self.store, state.version)
