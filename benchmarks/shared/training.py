"""Trains rankers as a training does, many times on the same forms: texts are embedded once, and evidence is gathered once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Encoder, Vectors
from fieldwise_training.calibration.evidence import gathered
from fieldwise_training.calibration.ranker import fit_thresholds
from fieldwise_training.corpus import Form
from fieldwise_training.encoder.parallel import ParallelEncoder
from fieldwise_training.evaluation.predictions import TruthForm
from fieldwise_training.progress.report import OnProgress, ignore_progress
from fieldwise_training.ranker.build import fit_ranker
from fieldwise_training.ranker.examples import Example, Vocabulary, examples, vocabulary
from fieldwise_training.ranker.lesson import Lesson
from fieldwise_training.ranker.plan import Plan
from fieldwise_training.ranker.synonyms import synonyms_of


class RememberingEncoder:
    """Embeds each text once; equal texts of all trainings and measurements share its vector."""

    def __init__(self, encoder: Encoder, on_progress: OnProgress = ignore_progress) -> None:
        self._encoder = ParallelEncoder(encoder, on_progress)
        self._known: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), as the encoder itself."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else self._encoder.embed([])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The same as `encode`."""
        return self.encode(texts)


@dataclass(frozen=True, slots=True)
class TrainingForms:
    """The authored forms that are not held out, and the examples that they become with a version's encoder, index and lexicon."""

    version: LoadedVersion
    words: Vocabulary
    forms: tuple[Form, ...]
    examples: tuple[Example, ...]

    def examples_of(self, is_chosen: Callable[[Form], bool]) -> list[Example]:
        """The examples of some of the forms."""
        return [one for one in self.examples if is_chosen(self.forms[one.lesson])]

    def trained(
        self,
        sites: frozenset[str] | None = None,
        plan: Plan | None = None,
        first_seed: int = 0,
        on_progress: OnProgress = ignore_progress,
    ) -> LoadedVersion:
        """The version with a ranker trained on the training forms of `sites` (default: all), calibrated on all calibration forms.

        Steps as in a training: temperature, then thresholds, both fitted to the calibration forms. `first_seed`: as in `fit_members`.
        """
        train = self.examples_of(lambda form: not form.is_for_calibration and (sites is None or form.site in sites))
        calibration = self.examples_of(lambda form: form.is_for_calibration)
        synonyms = synonyms_of(self.version.lexicon, self.words.numbers)
        fitted = fit_ranker(self.words, train, calibration, plan or Plan(), synonyms, on_progress, first_seed=first_seed)
        return self.with_thresholds(replace(self.version, ranker=fitted.loaded()))

    def with_thresholds(self, version: LoadedVersion) -> LoadedVersion:
        """The version with thresholds fitted to what its ranker predicts for the calibration forms."""
        if version.ranker is None:
            return version
        own = [(form.site, TruthForm.of(form)) for form in self.forms if form.is_for_calibration]
        evidence = gathered(version, version.ranker, own)
        fitted = fit_thresholds(evidence, version.thresholds.ranker.wrong_cost)
        return replace(version, thresholds=version.thresholds.model_copy(update={"ranker": fitted, "ranker_without_budget": None}))


def gather(
    version: LoadedVersion, forms: Iterable[Form], canonical_ids: Iterable[str], on_progress: OnProgress = ignore_progress
) -> TrainingForms:
    """Reads all `forms` that are not held out; from then on, the version embeds every text once."""
    chosen = tuple(form for form in forms if not form.is_held_out)
    version = replace(version, encoder=RememberingEncoder(version.encoder, on_progress))
    words = vocabulary(sorted(canonical_ids))
    made = examples([Lesson.authored(form) for form in chosen], words, version, on_progress)
    return TrainingForms(version, words, chosen, tuple(made))
