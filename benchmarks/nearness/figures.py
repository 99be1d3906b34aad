"""The figures of each variant, and how much better or worse than the first it is."""

from collections.abc import Mapping, Sequence

import numpy as np
from benchmarks.shared.site_counts import COLUMNS, SHARES, Counts, MeasuredForms, draws, interval, share_of
from pydantic import BaseModel, ConfigDict

RESAMPLES = 2_000
ALL = "all"


class Difference(BaseModel):
    """Points of percent more than the first variant, with the interval (95 %)."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float


class Figures(BaseModel):
    """One variant on one set of forms, in per cent: means over the trainings; None without fields to take a share of.

    `differences`: of each share, None for the first variant. `overall_of_runs`: of each training.
    """

    model_config = ConfigDict(frozen=True)

    variant: str
    overall: float | None
    recall: float | None
    precision: float | None
    false_fill: float | None
    overall_of_runs: tuple[float, ...]
    differences: Mapping[str, Difference] | None


class LanguageFigures(BaseModel):
    """All variants on the forms of one language, or of all, in their order."""

    model_config = ConfigDict(frozen=True)

    language: str
    fields: int
    variants: tuple[Figures, ...]


def by_language(names: Sequence[str], counts: Counts, measured: MeasuredForms, min_fields: int) -> tuple[LanguageFigures, ...]:
    """All languages together, and then each with at least `min_fields` fields, the one with the most first.

    `counts`: float (variants, runs, rows, COLUMNS), each [variant, run] as `counts_of` gives it.
    """
    own = (_figures(lang, names, counts[:, :, measured.rows_of(lang)]) for lang in {lang for lang, _ in measured.rows})
    large = sorted((one for one in own if one.fields >= min_fields), key=lambda one: (-one.fields, one.language))
    return (_figures(ALL, names, counts), *large)


def _figures(language: str, names: Sequence[str], counts: Counts) -> LanguageFigures:
    total = counts.sum(axis=2)
    means = {name: share_of(total.mean(axis=1), name) for name in SHARES}
    differences = {name: _differences(counts, name) for name in SHARES}
    return LanguageFigures(
        language=language,
        fields=int(total[0, 0, COLUMNS.index("fields")]),
        variants=tuple(
            Figures(
                variant=variant,
                **{name: _rounded(mean[number]) for name, mean in means.items()},
                overall_of_runs=tuple(round(float(one), 2) for one in share_of(total[number], "overall")),
                differences={name: own[number] for name, own in differences.items() if own[number] is not None} if number else None,
            )
            for number, variant in enumerate(names)
        ),
    )


def _differences(counts: Counts, name: str) -> list[Difference | None]:
    """Of each variant to the first. The interval covers which sites are measured, and which trainings: both are drawn again.

    Run n of each variant is drawn together with run n of the others: nearness is switched off for the same rankers.
    """
    _, runs, sites, _ = counts.shape
    drawn_runs = np.random.default_rng(1).integers(0, runs, (RESAMPLES, runs))
    times = np.stack([np.bincount(one, minlength=runs) for one in drawn_runs]) / runs
    resampled = np.einsum("br,bs,vrsc->vbc", times, draws(sites, RESAMPLES), counts, optimize=True)
    shares, means = share_of(resampled, name), share_of(counts.sum(axis=2).mean(axis=1), name)
    found: list[Difference | None] = []
    for own, mean in zip(shares, means, strict=True):
        if np.isnan(mean - means[0]):
            found.append(None)
            continue
        low, high = interval(own - shares[0])
        found.append(Difference(value=round(float(mean - means[0]), 2), low=round(low, 2), high=round(high, 2)))
    return found


def _rounded(share: float) -> float | None:
    return None if np.isnan(share) else round(float(share), 2)
