"""How a version answers forms with known truth, counted by language and site, so that two versions can be compared site by site."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.shared.forms import read_truth
from benchmarks.shared.truth import equivalent
from numpy.typing import NDArray

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import DataError
from fieldwise_common.wire import MlClassifyRequest
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_training.corpus import Form
from fieldwise_training.evaluation.predictions import TruthForm, predict
from fieldwise_training.progress.report import OnProgress, ignore_progress

COLUMNS = ("fields", "right", "meaningful", "recognised", "filled", "empty", "false_fills")
SHARES = {
    "overall": ("right", "fields"),
    "recall": ("recognised", "meaningful"),
    "precision": ("recognised", "filled"),
    "false_fill": ("false_fills", "empty"),
}
"""Each share as numerator and denominator: as in the gate's metrics, but ids that pages don't tell apart count as the same."""

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MeasuredForms:
    """Forms that are measured. `vocabulary`: the ids a prediction is judged by; any other counts as `none`."""

    name: str
    forms: tuple[TruthForm, ...]
    vocabulary: frozenset[str]

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Every language and site, in the order of the forms: the rows of `counts_of`."""
        return tuple(dict.fromkeys((form.lang, form.cluster) for form in self.forms))

    def rows_of(self, lang: str | None) -> NDArray[np.int64]:
        """The numbers of a language's rows; None: of all."""
        return np.flatnonzero([lang in {None, own} for own, _ in self.rows])


def measured_held_out(forms: Iterable[Form], known: frozenset[str]) -> MeasuredForms:
    """Of authored forms, those of the held-out sites. `known`: all canonical ids. Raises DataError if no form is held out."""
    held_out = tuple(TruthForm.of(form) for form in forms if form.is_held_out)
    if not held_out:
        raise DataError("corpus: no form is held out for evaluation")
    return MeasuredForms("held-out forms", held_out, known)


def measured_file(path: Path) -> MeasuredForms:
    """The forms of a truth file. Raises DataError, as `read_truth`."""
    truth = read_truth(path)
    forms = (
        TruthForm(
            fields[0].site,
            fields[0].lang,
            MlClassifyRequest(fields=tuple(field.descriptor for field in fields)),
            tuple(field.truth for field in fields),
            cluster=fields[0].site,
        )
        for fields in truth.forms
    )
    return MeasuredForms(path.name, tuple(forms), truth.vocabulary)


def counts_of(version: LoadedVersion, measured: MeasuredForms, on_progress: OnProgress = ignore_progress) -> Counts:
    """Float (rows, COLUMNS): how many fields of each language and site are what. By inference's own code, on all cores."""
    row_of = {key: number for number, key in enumerate(measured.rows)}
    counts = np.zeros((len(row_of), len(COLUMNS)))
    predictions = predict(version, measured.forms, on_progress)
    for form, guesses in zip(measured.forms, predictions.predicted, strict=True):
        row = counts[row_of[form.lang, form.cluster]]
        for truth, named in zip(form.truths, guesses, strict=True):
            guess = named if named in measured.vocabulary else NOTHING
            is_right, is_empty, is_filled = equivalent(guess, truth), truth == NOTHING, guess != NOTHING
            row += (1, is_right, not is_empty, is_right and not is_empty, is_filled, is_empty, is_empty and is_filled)
    return counts


def share_of(counts: Counts, name: str) -> Counts:
    """(..., COLUMNS) to (...): a share in per cent; NaN where there is nothing to take a share of."""
    numerator, denominator = (counts[..., COLUMNS.index(column)] for column in SHARES[name])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(100 * numerator / denominator)


def draws(sites: int, resamples: int, seed: int = 0) -> Counts:
    """Float (resamples, sites): how often each site is drawn, as many as there are, with replacement.

    For intervals by the bootstrap over sites (Field, Welsh: Bootstrapping clustered data, 2007): the fields of a site are alike.
    """
    rng = np.random.default_rng(seed)
    return np.stack([np.bincount(rng.integers(0, sites, sites), minlength=sites) for _ in range(resamples)]).astype(np.float64)


def interval(values: Counts | Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of resampled values; NaN is left out."""
    low, high = np.nanquantile(values, (0.025, 0.975))
    return float(low), float(high)
