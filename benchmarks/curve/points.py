"""Rankers trained on nested shares of the training sites, and what each answers."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from benchmarks.shared.site_counts import Counts, MeasuredForms, counts_of
from benchmarks.shared.training import TrainingForms

from fieldwise_training.corpus import Form
from fieldwise_training.progress.report import OnProgress, ignore_progress
from fieldwise_training.ranker.plan import Plan


@dataclass(frozen=True, slots=True)
class Point:
    """One training. fields: by language, of the training forms. counts: of each measured set, as `counts_of` gives them."""

    share: float
    fields: Mapping[str, int]
    counts: tuple[Counts, ...]


def share_of_sites(forms: Iterable[Form], share: float) -> frozenset[str]:
    """The sites of this share of each language's training sites, at least one; a larger share has all of a smaller one.

    A site with forms in several languages counts as one of each.
    """
    by_language: dict[str, set[str]] = {}
    for form in forms:
        if not form.is_held_out and not form.is_for_calibration:
            by_language.setdefault(form.lang, set()).add(form.site)
    in_order = (sorted(sites, key=_place) for sites in by_language.values())
    return frozenset(site for sites in in_order for site in sites[: ceil(len(sites) * share)])


def _place(site: str) -> str:
    """Independent of the hash that divides the sites into training, calibration and held-out ones."""
    return hashlib.sha256(f"curve {site}".encode()).hexdigest()


def trained_points(
    gathered: TrainingForms,
    measured: Sequence[MeasuredForms],
    shares: Sequence[float],
    plan: Plan,
    on_step: Callable[[str], None] = lambda _: None,
    on_progress: OnProgress = ignore_progress,
) -> list[Point]:
    """Trains one ranker for each share, the smallest first."""
    points = []
    for share in sorted(shares):
        sites = share_of_sites(gathered.forms, share)
        fields = Counter[str]()
        for form in gathered.forms:
            if form.site in sites and not form.is_for_calibration:
                fields[form.lang] += len(form.fields)
        on_step(f"training on {fields.total():,} fields ({share:.1%} of the sites)")
        version = gathered.trained(sites, plan, on_progress=on_progress)
        on_step(f"measuring the training on {fields.total():,} fields")
        points.append(Point(share, dict(fields), tuple(counts_of(version, one, on_progress) for one in measured)))
    return points


def fields_of(points: Sequence[Point], langs: Iterable[str]) -> Counts:
    """Float (points,): the fields of these languages that each was trained on."""
    own = list(langs)
    return np.array([sum(point.fields.get(lang, 0) for lang in own) for point in points], np.float64)
