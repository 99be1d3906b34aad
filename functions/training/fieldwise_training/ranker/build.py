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
from fieldwise_inference.classify.ranker.model import NumpyRanker
from fieldwise_inference.classify.ranker.ranker import RankerSettings
from fieldwise_inference.classify.ranker.weights import weights_from
from fieldwise_training.corpus import Form
from fieldwise_training.encoder.parallel import ParallelEncoder, cores
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress
from fieldwise_training.ranker.batches import PackedForms, pack
from fieldwise_training.ranker.examples import WHOSE, Example, Vocabulary, examples, vocabulary
from fieldwise_training.ranker.fit import fit, logits
from fieldwise_training.ranker.lesson import Lesson
from fieldwise_training.ranker.network import Network
from fieldwise_training.ranker.plan import Plan
from fieldwise_training.ranker.synonyms import Synonyms, synonyms_of
from fieldwise_training.ranker.temperature import expected_calibration_error, fit_temperature, predicted

Arrays = Mapping[str, NDArray[np.generic]]
"""Of one network, by their names in `Weights`."""


@dataclass(frozen=True, slots=True)
class FittedRanker:
    """A ranker in memory: its settings, the arrays of each of its networks, and its calibration error."""

    settings: RankerSettings
    members: tuple[Arrays, ...]
    calibration_error: float

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All arrays as in `ranker.npz`, each after the number of its network."""
        return {f"{number}.{name}": array for number, member in enumerate(self.members) for name, array in member.items()}

    def loaded(self) -> NumpyRanker:
        """As inference runs it."""
        return NumpyRanker(self.settings, tuple(weights_from(self.arrays, number) for number in range(len(self.members))))


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
    to_train, to_calibrate = ([one for one in made if (one.lesson < len(lessons)) is chosen] for chosen in (True, False))
    start = _weights(parent, plan.members) if parent is not None else ()
    fitted = fit_ranker(words, to_train, to_calibrate, plan, synonyms_of(version.lexicon, words.numbers), on_progress, start)
    _write(fitted, folder)
    return BuiltRanker(
        temperature=fitted.settings.temperature,
        calibration_error=fitted.calibration_error,
        fields=sum(target.weight > 0 for lesson in lessons for target in lesson.targets),
    )


def fit_ranker(
    words: Vocabulary,
    train: Sequence[Example],
    calibration: Sequence[Example],
    plan: Plan,
    synonyms: Synonyms,
    on_progress: OnProgress = ignore_progress,
    start: Sequence[Arrays] = (),
    first_seed: int = 0,
) -> FittedRanker:
    """Trains on some forms, their labels now and then in other words, and fits the temperature to others.

    `start`, `first_seed`: as in `fit_members`.
    """
    calibration_forms = pack(calibration)
    networks = fit_members(words, pack(train, synonyms), plan, on_progress, start, first_seed)
    outputs = [logits(network, calibration_forms) for network in networks]
    temperature = fit_temperature(outputs, calibration_forms.truth, words.classes)
    probabilities = predicted(outputs, temperature, words.classes)
    return FittedRanker(
        settings_of(words, temperature, len(networks)),
        tuple(network.arrays() for network in networks),
        expected_calibration_error(probabilities, calibration_forms.truth),
    )


def fit_members(
    words: Vocabulary,
    forms: PackedForms,
    plan: Plan,
    on_progress: OnProgress = ignore_progress,
    start: Sequence[Arrays] = (),
    first_seed: int = 0,
) -> list[Network]:
    """Trains networks in parallel, one seed each, so that none depends on the number of networks or cores.

    `start`: the weights that each begins with, instead of random ones. `first_seed`: that of the first network; the others follow.
    """
    position = {name: i for i, name in enumerate(words.classes)}
    class_of = np.array([position[NOTHING], *(position.get(c, position[NOTHING]) for c in words.ids)], np.int64)
    counter = ProgressCounter(on_progress, "epochs", plan.members * plan.epochs)

    def fitted(number: int) -> Network:
        seed = first_seed + number
        network = Network(len(words.classes), class_of, len(WHOSE), seed)
        if start:
            network.load(start[number])
        fit(network, forms, seed, plan.epochs, lambda loss: counter.add(detail=f"loss {loss:.3f}"), plan.learning_rate)
        return network

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(fitted, range(plan.members)))


def _weights(path: Path, members: int) -> list[Arrays]:
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


def _write(ranker: FittedRanker, folder: Path) -> None:
    (folder / layout.RANKER_SETTINGS).write_text(ranker.settings.model_dump_json(indent=1) + "\n", "utf-8")
    # not compressed: weights hardly shrink, and a cold start would wait for it
    np.savez(folder / layout.RANKER_WEIGHTS, **ranker.arrays)  # type: ignore[arg-type]
