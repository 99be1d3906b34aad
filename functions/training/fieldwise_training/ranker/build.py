"""The ranker of a version: trained on one part of the authored forms and on lessons from feedback, calibrated on another part."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
from fieldwise_training.ranker.examples import WHOSE, Vocabulary, examples, vocabulary
from fieldwise_training.ranker.fit import fit, logits
from fieldwise_training.ranker.lesson import Lesson
from fieldwise_training.ranker.network import Network
from fieldwise_training.ranker.plan import Plan
from fieldwise_training.ranker.synonyms import synonyms_of
from fieldwise_training.ranker.temperature import expected_calibration_error, fit_temperature, predicted


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
    learned: Sequence[Lesson] = (),
    parent: Path | None = None,
) -> BuiltRanker:
    """Writes `ranker.json` and `ranker.npz` into `folder`. `forms` must not contain held-out ones.

    `version`: all of the new version but its ranker. `learned`: the lessons from feedback. `parent`: the `ranker.npz` of a ranker with
    the same vocabulary, from whose weights training goes on (warm start).

    Raises DataError if there are no forms to train on, or none to calibrate on, ValueError if the parent's weights do not fit.
    """
    words = vocabulary(canonical_ids)
    train, calibration = ([form for form in forms if form.is_for_calibration is chosen] for chosen in (False, True))
    if not train or not calibration:
        raise DataError("corpus: the ranker needs forms of more sites: some for training, others for calibration")
    version = replace(version, encoder=ParallelEncoder(version.encoder, on_progress))
    lessons = [*map(Lesson.authored, train), *learned]
    made = examples([*lessons, *map(Lesson.authored, calibration)], words, version, on_progress)
    synonyms = synonyms_of(version.lexicon, words.numbers)
    to_train = pack([one for one in made if one.lesson < len(lessons)], synonyms)
    to_calibrate = pack([one for one in made if one.lesson >= len(lessons)])
    members = fit_members(words, to_train, plan, on_progress, _weights(parent, plan.members) if parent is not None else ())
    outputs = [logits(member, to_calibrate) for member in members]
    temperature = fit_temperature(outputs, to_calibrate.truth, words.classes)
    probabilities = predicted(outputs, temperature, words.classes)
    _write(words, members, temperature, folder)
    return BuiltRanker(
        temperature=temperature,
        calibration_error=expected_calibration_error(probabilities, to_calibrate.truth),
        fields=sum(target.weight > 0 for lesson in lessons for target in lesson.targets),
    )


def fit_members(
    words: Vocabulary,
    forms: PackedForms,
    plan: Plan,
    on_progress: OnProgress = ignore_progress,
    start: Sequence[Mapping[str, NDArray[np.generic]]] = (),
) -> list[Network]:
    """Trains networks in parallel, one seed each, so that none depends on the number of networks or cores.

    `start`: the weights that each begins with, instead of random ones.
    """
    position = {name: i for i, name in enumerate(words.classes)}
    class_of = np.array([position[NOTHING], *(position.get(c, position[NOTHING]) for c in words.ids)], np.int64)
    counter = ProgressCounter(on_progress, "epochs", plan.members * plan.epochs)

    def fitted(seed: int) -> Network:
        network = Network(len(words.classes), class_of, len(WHOSE), seed)
        if start:
            network.load(start[seed])
        fit(network, forms, seed, plan.epochs, lambda loss: counter.add(detail=f"loss {loss:.3f}"), plan.learning_rate)
        return network

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(fitted, range(plan.members)))


def _weights(path: Path, members: int) -> list[dict[str, NDArray[np.generic]]]:
    """The arrays of each member of a `ranker.npz`, by name."""
    with np.load(path, allow_pickle=False) as arrays:
        return [{key.partition(".")[2]: arrays[key] for key in arrays.files if key.startswith(f"{n}.")} for n in range(members)]


def settings_of(words: Vocabulary, temperature: float, members: int) -> RankerSettings:
    """The settings of a ranker of newly trained networks."""
    return RankerSettings(
        classes=words.classes,
        ids=words.ids,
        features=FEATURES,
        whose=WHOSE,
        temperature=temperature,
        members=members,
    )


def _write(words: Vocabulary, members: Sequence[Network], temperature: float, folder: Path) -> None:
    settings = settings_of(words, temperature, len(members))
    (folder / layout.RANKER_SETTINGS).write_text(settings.model_dump_json(indent=1) + "\n", "utf-8")
    arrays = {f"{number}.{name}": array for number, member in enumerate(members) for name, array in member.arrays().items()}
    np.savez_compressed(folder / layout.RANKER_WEIGHTS, **arrays)  # type: ignore[arg-type]
