"""The ranker of a version: fitted on one part of the authored forms, made sure on another, written as plain arrays."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import DataError
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.classify.ranker.ranker import RankerSettings
from fieldwise_inference.classify.thresholds import RankerThresholds
from fieldwise_training.corpus import Form
from fieldwise_training.encoder.parallel import ParallelEncoder, cores
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress
from fieldwise_training.ranker.batches import Corpus, pooled
from fieldwise_training.ranker.calibrate import expected_calibration_error, fit_temperature, fit_thresholds, softmax, worth_filling
from fieldwise_training.ranker.examples import Vocabulary, examples, vocabulary
from fieldwise_training.ranker.fit import fit, logits
from fieldwise_training.ranker.network import Network
from fieldwise_training.ranker.plan import Plan


@dataclass(frozen=True, slots=True)
class BuiltRanker:
    """What was fitted besides the weights, and how well it fits on the calibration forms."""

    thresholds: RankerThresholds
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
    """Writes `ranker.json` and `ranker.npz` into `folder`. No held-out form may be among `forms`.

    `version`: what there is of the version already, all but its ranker.

    Raises DataError when there is nothing to fit or nothing to calibrate on.
    """
    words = vocabulary(canonical_ids)
    fitting, calibrating = ([form for form in forms if form.is_for_calibration is chosen] for chosen in (False, True))
    if not fitting or not calibrating:
        raise DataError("corpus: the ranker needs forms of several sites, to be fitted on some and calibrated on others")
    version = replace(version, encoder=ParallelEncoder(version.encoder, on_progress))
    shown = examples([*fitting, *calibrating], words, version, on_progress)
    corpus, held = pooled(shown[: len(fitting)]), pooled(shown[len(fitting) :])
    members = fit_members(words, corpus, plan.members, plan.epochs, on_progress)
    outputs = [logits(member, held) for member in members]
    temperature = fit_temperature(outputs, held.truth)
    probabilities = np.mean([softmax(output, temperature) for output in outputs], axis=0)
    fitted = fit_thresholds(probabilities, held.truth, words.classes, plan.wrong_cost)
    thresholds = RankerThresholds(wrong_cost=plan.wrong_cost, default=worth_filling(plan.wrong_cost), per_canonical=fitted)
    _write(words, members, temperature, folder)
    return BuiltRanker(
        thresholds=thresholds,
        temperature=temperature,
        calibration_error=expected_calibration_error(probabilities, held.truth),
        fields=len(corpus.truth),
    )


def fit_members(words: Vocabulary, corpus: Corpus, members: int, epochs: int, on_progress: OnProgress = ignore_progress) -> list[Network]:
    """Networks fitted side by side, on every core: each by its own seed, so that their number and the cores change none of them."""
    position = {name: i for i, name in enumerate(words.classes)}
    class_of = np.array([position[NOTHING], *(position.get(c, position[NOTHING]) for c in words.ids)], np.int64)
    counter = ProgressCounter(on_progress, "epochs", members * epochs)

    def fitted(seed: int) -> Network:
        network = Network(len(words.classes), class_of, seed)
        fit(network, corpus, seed, epochs, lambda loss: counter.add(detail=f"loss {loss:.3f}"))
        return network

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(fitted, range(members)))


def _write(words: Vocabulary, members: Sequence[Network], temperature: float, folder: Path) -> None:
    settings = RankerSettings(classes=words.classes, ids=words.ids, features=FEATURES, temperature=temperature, members=len(members))
    (folder / "ranker.json").write_text(settings.model_dump_json(indent=1) + "\n", "utf-8")
    arrays = {f"{number}.{name}": array for number, member in enumerate(members) for name, array in member.arrays().items()}
    np.savez_compressed(folder / "ranker.npz", **arrays)  # type: ignore[arg-type]
