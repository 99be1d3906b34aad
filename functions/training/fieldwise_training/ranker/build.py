"""The ranker of a version: trained on one part of the authored forms, calibrated on another, written as plain arrays."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import DataError
from fieldwise_common.store import layout
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.classify.ranker.ranker import RankerSettings
from fieldwise_training.corpus import Form
from fieldwise_training.encoder.parallel import ParallelEncoder, cores
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress
from fieldwise_training.ranker.batches import PackedForms, pack
from fieldwise_training.ranker.examples import Vocabulary, examples, vocabulary
from fieldwise_training.ranker.fit import fit, logits
from fieldwise_training.ranker.network import Network
from fieldwise_training.ranker.plan import Plan
from fieldwise_training.ranker.temperature import expected_calibration_error, fit_temperature, softmax


@dataclass(frozen=True, slots=True)
class BuiltRanker:
    """What was calibrated, and how well; `fields`: the number of fields trained on."""

    temperature: float
    calibration_error: float
    fields: int


def build_ranker(
    forms: Sequence[Form],
    canonical_ids: Sequence[str],
    version: LoadedVersion,
    plan: Plan,
    folder: Path,
    on_progress: OnProgress = ignore_progress,
) -> BuiltRanker:
    """Writes `ranker.json` and `ranker.npz` into `folder`. `forms` must not contain held-out ones.

    `version`: all of the new version but its ranker.

    Raises DataError if there are no forms to train on, or none to calibrate on.
    """
    words = vocabulary(canonical_ids)
    train, calibration = ([form for form in forms if form.is_for_calibration is chosen] for chosen in (False, True))
    if not train or not calibration:
        raise DataError("corpus: the ranker needs forms of more sites: some for training, others for calibration")
    version = replace(version, encoder=ParallelEncoder(version.encoder, on_progress))
    made = examples([*train, *calibration], words, version, on_progress)
    to_train, to_calibrate = pack(made[: len(train)]), pack(made[len(train) :])
    members = fit_members(words, to_train, plan.members, plan.epochs, on_progress)
    outputs = [logits(member, to_calibrate) for member in members]
    temperature = fit_temperature(outputs, to_calibrate.truth)
    probabilities = np.mean([softmax(output, temperature) for output in outputs], axis=0)
    _write(words, members, temperature, folder)
    return BuiltRanker(
        temperature=temperature,
        calibration_error=expected_calibration_error(probabilities, to_calibrate.truth),
        fields=len(to_train.truth),
    )


def fit_members(
    words: Vocabulary, forms: PackedForms, members: int, epochs: int, on_progress: OnProgress = ignore_progress
) -> list[Network]:
    """Trains networks in parallel, one seed each, so that none depends on the number of networks or cores."""
    position = {name: i for i, name in enumerate(words.classes)}
    class_of = np.array([position[NOTHING], *(position.get(c, position[NOTHING]) for c in words.ids)], np.int64)
    counter = ProgressCounter(on_progress, "epochs", members * epochs)

    def fitted(seed: int) -> Network:
        network = Network(len(words.classes), class_of, seed)
        fit(network, forms, seed, epochs, lambda loss: counter.add(detail=f"loss {loss:.3f}"))
        return network

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(fitted, range(members)))


def _write(words: Vocabulary, members: Sequence[Network], temperature: float, folder: Path) -> None:
    settings = RankerSettings(classes=words.classes, ids=words.ids, features=FEATURES, temperature=temperature, members=len(members))
    (folder / layout.RANKER_SETTINGS).write_text(settings.model_dump_json(indent=1) + "\n", "utf-8")
    arrays = {f"{number}.{name}": array for number, member in enumerate(members) for name, array in member.arrays().items()}
    np.savez_compressed(folder / layout.RANKER_WEIGHTS, **arrays)  # type: ignore[arg-type]
