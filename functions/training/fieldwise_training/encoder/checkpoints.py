"""Checkpoints of a fine-tuning in the version being made, so that a step that was interrupted goes on from its last epoch."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_common.store.manifest import sha256_of
from fieldwise_training.encoder.model_manager import load_weights, save_weights
from fieldwise_training.release.draft import Draft

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PROGRESS = f"{layout.CHECKPOINTS}fine_tuning.json"


class Progress(BaseModel):
    """How far a fine-tuning is. `inputs`: the hash of all that determines it; `weights`: that of the last epoch's file."""

    model_config = ConfigDict(frozen=True)

    inputs: str
    losses: tuple[float, ...] = ()
    weights: str = ""


class Checkpoints:
    """The weights after each epoch. A checkpoint counts once the progress that names it is written, after its file."""

    def __init__(self, draft: Draft, inputs: str, folder: Path) -> None:
        self._draft, self._inputs, self._folder = draft, inputs, folder

    def begin(self, model: "SentenceTransformer") -> tuple[tuple[float, ...], str]:
        """Loads the last epoch's weights into `model`: the losses so far, and a remark if an earlier attempt was interrupted."""
        found = self._progress()
        self._write(Progress(inputs=self._inputs))
        if found is None:
            return (), ""
        if found.inputs != self._inputs:
            return (), "fine-tuning was interrupted, and began anew: its data had changed"
        if not found.losses:
            return (), "fine-tuning was interrupted in its first epoch, and began anew"
        try:
            path = self._draft.download([_name(len(found.losses))], self._folder)[_name(len(found.losses))]
        except CorruptVersion:
            return (), "fine-tuning was interrupted, and began anew: its checkpoint is missing"
        if sha256_of(path) != found.weights:
            return (), "fine-tuning was interrupted, and began anew: its checkpoint is damaged"
        load_weights(model, path)
        self._write(found)
        return found.losses, f"fine-tuning was interrupted, and went on after epoch {len(found.losses)}"

    def save(self, model: "SentenceTransformer", losses: tuple[float, ...]) -> None:
        """Stores the weights after an epoch; `losses` are those of all epochs so far."""
        path = self._folder / "epoch.safetensors"
        save_weights(model, path)
        self._draft.upload_file(_name(len(losses)), path)
        self._write(Progress(inputs=self._inputs, losses=losses, weights=sha256_of(path)))

    def _progress(self) -> Progress | None:
        return Progress.model_validate_json(self._draft.read(PROGRESS)) if self._draft.has(PROGRESS) else None

    def _write(self, progress: Progress) -> None:
        self._draft.write(PROGRESS, progress.model_dump_json() + "\n")


def _name(epoch: int) -> str:
    return f"{layout.CHECKPOINTS}epoch-{epoch}.safetensors"
