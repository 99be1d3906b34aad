"""What every step works with."""

from dataclasses import dataclass
from pathlib import Path

from fieldwise_common.events import NO_EVENTS, Events
from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.progress.report import OnProgress, ignore_progress
from fieldwise_training.release.draft import Draft
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.state import RunState

SHIPPED_DATA = Path(__file__).parents[2] / "data"
"""`data/` beside the package, in the repository and in the image: `canonical/*.json` and `corpus/**/*.jsonl`."""


@dataclass(frozen=True, slots=True)
class TrainingContext:
    """The model store, the settings, the folder of canonical data and forms, the callback for progress, and the events."""

    store: ModelStore
    settings: TrainingSettings
    data: Path = SHIPPED_DATA
    on_progress: OnProgress = ignore_progress
    """Called with the progress of long steps."""
    events: Events = NO_EVENTS
    """Where the run publishes how it ended."""

    def draft(self, state: RunState) -> Draft:
        """The version that the run is making."""
        return Draft(self.store, state.version)
