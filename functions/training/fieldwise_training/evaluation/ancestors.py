"""The best of a version's ancestors on the same forms: small losses, each too small to be significant, must not add up."""

from collections.abc import Sequence
from dataclasses import dataclass

from fieldwise_common.errors import CorruptVersion, VersionNotFound
from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.evaluation.comparison import compare
from fieldwise_training.evaluation.measure import recorded_predictions
from fieldwise_training.evaluation.predictions import Part, Predictions, TruthForm, digest

MAX_ANCESTORS = 10
"""Versions behind the parent that are looked at."""


@dataclass(frozen=True, slots=True)
class BestAncestor:
    """The ancestor with the most fields right, of `of` that could be compared."""

    version: str
    predictions: Predictions
    of: int


def best_ancestor(store: ModelStore, parent: str, wrong_cost: float, forms: Sequence[TruthForm]) -> BestAncestor | None:
    """The best version behind the parent, by the predictions that it recorded for the evaluation forms; the newest of equals.

    Versions made for another `wrong_cost` are skipped, as are versions that recorded predictions for other forms. None if there is
    none to compare with: the line ends where a version was deleted or is damaged.
    """
    sha256 = digest(forms)
    name: str | None = parent
    best: tuple[int, str, Predictions] | None = None
    of = 0
    for generation in range(MAX_ANCESTORS + 1):
        if name is None:
            break
        try:
            manifest = store.manifest(name)
        except (CorruptVersion, VersionNotFound):
            break
        own = recorded_predictions(store, manifest).get(Part.EVALUATION) if generation else None
        if own is not None and own.forms_sha256 == sha256 and manifest.parameters.get("wrong_cost", wrong_cost) == wrong_cost:
            of += 1
            right = compare(forms, own, None).right
            if best is None or right > best[0]:
                best = (right, manifest.version, own)
        name = manifest.parent
    return BestAncestor(best[1], best[2], of) if best is not None else None
