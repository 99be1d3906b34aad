"""Evidence from all authored forms of a training: each is predicted by a ranker that was trained without its site.

A promise about few wrong fills takes more sites than the calibration forms have, one in eight. The rankers of the folds learn from fewer
forms than the version's, and are single networks: they are a little worse than it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_training.calibration.evidence import NO_EVIDENCE, Evidence, fold_of, gathered
from fieldwise_training.corpus import Form
from fieldwise_training.encoder.parallel import ParallelEncoder, cores
from fieldwise_training.evaluation.predictions import TruthForm
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress
from fieldwise_training.ranker.build import fit_ranker
from fieldwise_training.ranker.examples import examples, vocabulary
from fieldwise_training.ranker.lesson import Lesson
from fieldwise_training.ranker.plan import Plan
from fieldwise_training.ranker.synonyms import synonyms_of

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
    plan = Plan(members=1, epochs=epochs)
    counter = ProgressCounter(on_progress, "folds", FOLDS)

    def found(fold: int) -> Evidence:
        train, others = ([one for one in made if (owner[one.lesson] == fold) is chosen] for chosen in (False, True))
        own = [(form.site, TruthForm.of(form)) for form, number in zip(forms, owner, strict=True) if number == fold]
        evidence = gathered(version, fit_ranker(words, train, others, plan, synonyms).loaded(), own) if train and others else NO_EVIDENCE
        counter.add()
        return evidence

    with ThreadPoolExecutor(cores()) as pool:
        return sum(pool.map(found, range(FOLDS)), NO_EVIDENCE)
