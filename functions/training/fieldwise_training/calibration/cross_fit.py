"""Evidence from all authored forms of a training: each is predicted by a ranker that was trained without its site.

A promise about few wrong fills takes more sites than the calibration forms have, one in eight. The rankers of the folds learn from fewer
forms than the version's, and are single networks: they are a little worse than it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.model import NumpyRanker
from fieldwise_inference.classify.ranker.weights import weights_from
from fieldwise_training.calibration.evidence import NO_EVIDENCE, Evidence, fold_of, gathered
from fieldwise_training.corpus import Form
from fieldwise_training.encoder.parallel import ParallelEncoder, cores
from fieldwise_training.evaluation.predictions import TruthForm
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress
from fieldwise_training.ranker.batches import pack
from fieldwise_training.ranker.build import fit_members, settings_of
from fieldwise_training.ranker.examples import Example, Vocabulary, examples, vocabulary
from fieldwise_training.ranker.fit import logits
from fieldwise_training.ranker.lesson import Lesson
from fieldwise_training.ranker.plan import Plan
from fieldwise_training.ranker.synonyms import Synonyms, synonyms_of
from fieldwise_training.ranker.temperature import fit_temperature

FOLDS = 4


def cross_fitted(
    forms: Sequence[Form], canonical_ids: Sequence[str], version: LoadedVersion, epochs: int, on_progress: OnProgress = ignore_progress
) -> Evidence:
    """The evidence of `forms`, none of which is held out. `version`: the new one; its ranker is not used.

    Takes about as long as training the version's ranker, twice.
    """
    words = vocabulary(canonical_ids)
    made = examples(
        [Lesson.authored(form) for form in forms],
        words,
        replace(version, encoder=ParallelEncoder(version.encoder, on_progress)),
        on_progress,
    )
    owner = [fold_of(form.site, FOLDS, "cross-fit") for form in forms]
    synonyms = synonyms_of(version.lexicon, words.numbers)
    counter = ProgressCounter(on_progress, "folds", FOLDS)

    def found(fold: int) -> Evidence:
        train, others = ([one for one in made if (owner[one.lesson] == fold) is chosen] for chosen in (False, True))
        own = [(form.site, TruthForm.of(form)) for form, number in zip(forms, owner, strict=True) if number == fold]
        evidence = gathered(version, _ranker(words, train, others, epochs, synonyms), own) if train and others else NO_EVIDENCE
        counter.add()
        return evidence

    with ThreadPoolExecutor(cores()) as pool:
        return sum(pool.map(found, range(FOLDS)), NO_EVIDENCE)


def _ranker(words: Vocabulary, train: Sequence[Example], others: Sequence[Example], epochs: int, synonyms: Synonyms) -> NumpyRanker:
    """Trained on `train`; its temperature is fitted to the others, as a version's is to the calibration forms."""
    [network] = fit_members(words, pack(train, synonyms), Plan(members=1, epochs=epochs))
    calibration = pack(others)
    temperature = fit_temperature([logits(network, calibration)], calibration.truth, words.classes)
    return NumpyRanker(
        settings_of(words, temperature, members=1), (weights_from({f"0.{name}": array for name, array in network.arrays().items()}, 0),)
    )
