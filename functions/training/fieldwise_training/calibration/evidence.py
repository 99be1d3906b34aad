"""What a version predicts for fields whose truth is known, with the scores that thresholds are compared with."""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.conflicts import settle
from fieldwise_inference.classify.decide import texts_to_embed
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.questions import questions
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.decide import Ranked, rank
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_inference.classify.ranker.ranker import Ranker
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.thresholds import RankerThresholds
from fieldwise_training.calibration.confidence import Booleans, Doubles
from fieldwise_training.encoder.parallel import PreparedEncoder, cores
from fieldwise_training.evaluation.predictions import UNKNOWN, TruthForm
from fieldwise_training.progress.report import OnProgress, ignore_progress, tracked

AUTOCOMPLETE = "autocomplete"
"""The group of the fills that the page itself names the id of. No canonical id has this name."""
NO_FILL = ""
"""The group of the fields that are not filled, whatever the thresholds."""
UNSEEN = Ruling("ignored", "type")
"""Of a field that users don't see: it is in no question."""
EVERYTHING = RankerThresholds(default=0, nothing=0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """n fields with known truth.

    site: the name of each field's site. group: what its threshold depends on: the predicted id, `AUTOCOMPLETE` or `NO_FILL`. score:
    in 0..1. right: whether filling it is right. has_id: whether its truth is an id. voted: whether people gave the truth.
    """

    site: tuple[str, ...]
    group: tuple[str, ...]
    score: Doubles
    right: Booleans
    has_id: Booleans
    voted: Booleans

    def __len__(self) -> int:
        return len(self.site)

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(
            self.site + other.site,
            self.group + other.group,
            np.concatenate([self.score, other.score]),
            np.concatenate([self.right, other.right]),
            np.concatenate([self.has_id, other.has_id]),
            np.concatenate([self.voted, other.voted]),
        )

    @property
    def fillable(self) -> Booleans:
        """Bool (n,): whether some threshold fills the field."""
        return np.array([group != NO_FILL for group in self.group], bool)

    def where(self, chosen: Booleans) -> "Evidence":
        """The fields where the bool (n,) `chosen` is true."""
        rows: Integers = np.flatnonzero(chosen)
        return Evidence(
            tuple(self.site[row] for row in rows),
            tuple(self.group[row] for row in rows),
            self.score[rows],
            self.right[rows],
            self.has_id[rows],
            self.voted[rows],
        )


def fold_of(site: str, folds: int, division: str) -> int:
    """Which of so many folds a site is in; divisions with different names are independent of each other."""
    return int(hashlib.sha256(f"{division} {site}".encode()).hexdigest(), 16) % folds


Row = tuple[str, str, float, bool, bool, bool]
"""The columns of `Evidence`."""
NO_EVIDENCE = Evidence((), (), np.empty(0), np.empty(0, bool), np.empty(0, bool), np.empty(0, bool))


def evidence_of(rows: Iterable[Row]) -> Evidence:
    """The rows as columns."""
    every = list(rows)
    if not every:
        return NO_EVIDENCE
    site, group, score, right, has_id, voted = zip(*every, strict=True)
    return Evidence(site, group, np.array(score, np.float64), np.array(right), np.array(has_id), np.array(voted))


def gathered(
    version: LoadedVersion,
    ranker: Ranker,
    forms: Sequence[tuple[str, TruthForm]],
    voted: bool = False,
    on_progress: OnProgress = ignore_progress,
) -> Evidence:
    """The evidence of forms, each with the name of its site, by the steps of inference on all cores.

    A field of unknown truth is skipped, unless its prediction is one of the ids that are known to be wrong.

    `voted`: whether people gave the truth.
    """
    views = [[FieldView(field) for field in form.request.fields] for _, form in forms]
    texts = [text for _, form in forms for text in texts_to_embed(version, form.request.fields)]
    prepared = replace(version, encoder=PreparedEncoder(version.encoder, texts, on_progress))
    with ThreadPoolExecutor(cores()) as pool:
        found = pool.map(lambda own: scored(prepared, ranker, own), views)
        rulings = [own for _, own in zip(tracked(on_progress, "forms scored", views), found, strict=True)]
    return evidence_of(
        (site, _group(ruling), ruling.score, ruling.canonical == truth, truth not in {NOTHING, UNKNOWN}, voted)
        for (site, form), own in zip(forms, rulings, strict=True)
        for truth, rejected, ruling in zip(form.truths, form.rejected or ((),) * len(own), own, strict=True)
        if truth != UNKNOWN or ruling.canonical in rejected
    )


def scored(version: LoadedVersion, ranker: Ranker, views: Sequence[FieldView]) -> list[Ruling]:
    """The decisions about a form's fields if every threshold were 0, each with the score that its threshold is compared with."""
    asked = questions(views)
    rows = [question.view for question in asked]
    settled = certain(rows, version.lexicon)
    ranked = rank(ranker, rows, candidates(version, rows, settled), version.lexicon, [()] * len(rows))
    decided = settle(rows, [_scored(ranked, row, known) for row, known in enumerate(settled)])
    of_field = {member: ruling for question, ruling in zip(asked, decided, strict=True) for member in question.members}
    return [of_field.get(position, UNSEEN) for position in range(len(views))]


def _scored(ranked: Ranked, row: int, known: Ruling | None) -> Ruling:
    if known is None:
        return ranked.ruling(row, EVERYTHING)
    checked = ranked.checked(row, known, EVERYTHING)
    return replace(checked, score=ranked.probability(row, known.canonical)) if checked.method == "autocomplete" else checked


def _group(ruling: Ruling) -> str:
    if ruling.outcome != "accepted" or is_negative(ruling.canonical):
        return NO_FILL
    return AUTOCOMPLETE if ruling.method == "autocomplete" else ruling.canonical
