"""The figures by part: language, source, canonical id; and what was taken for what."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from benchmarks.quality.measure.figures import Figure, Figures, Share, figures_of, share
from benchmarks.quality.measure.judged import Judged
from benchmarks.quality.truth.equal import same
from benchmarks.quality.truth.fields import ENGLISH

from fieldwise_common.canonical import NOTHING


class CanonicalFigures(Figure):
    """How well one id is known. `support`: the fields that truly have it."""

    canonical: str
    support: int
    recall: Share
    precision: Share


class Confusion(Figure):
    """How often `truth` was taken for `predicted`."""

    truth: str
    predicted: str
    count: int


def by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, Figures]:
    """The figures of each part, by its name; the largest part first."""
    parts: dict[str, list[Judged]] = {}
    for one in judged:
        parts.setdefault(key(one), []).append(one)
    return {name: figures_of(part) for name, part in sorted(parts.items(), key=lambda item: (-len(item[1]), item[0]))}


def english_and_others(judged: Sequence[Judged]) -> Mapping[str, Figures]:
    """The figures of English, and of all other languages pooled; a side without a field is left out."""
    return by(judged, lambda one: "English" if one.field.lang == ENGLISH else "others, pooled")


def by_canonical(judged: Sequence[Judged]) -> tuple[CanonicalFigures, ...]:
    """Every id that is a truth or was predicted; the most frequent truth first."""
    support = Counter(one.field.truth for one in judged)
    said = Counter(one.predicted for one in judged)
    right = [one for one in judged if same(one.predicted, one.field.truth)]
    found = Counter(one.field.truth for one in right)
    meant = Counter(one.predicted for one in right)
    ids = sorted((support.keys() | said.keys()) - {NOTHING}, key=lambda canonical: (-support[canonical], canonical))
    return tuple(
        CanonicalFigures(
            canonical=canonical,
            support=support[canonical],
            recall=share(found[canonical], support[canonical]),
            precision=share(meant[canonical], said[canonical]),
        )
        for canonical in ids
    )


def confusions(judged: Sequence[Judged]) -> tuple[Confusion, ...]:
    """Everything that was taken for something else, the most frequent first."""
    wrong = Counter((one.field.truth, one.predicted) for one in judged if not same(one.predicted, one.field.truth))
    ranked = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(truth=truth, predicted=predicted, count=count) for (truth, predicted), count in ranked)


def outside(judged: Sequence[Judged]) -> Mapping[str, int]:
    """The accepted ids the truth has no word for, which the figures count as `none`."""
    return dict(Counter(one.named for one in judged if one.outcome == "accepted" and not one.is_judgeable).most_common())


def counts(values: Sequence[str]) -> Mapping[str, int]:
    """How often each value comes, the most frequent first."""
    return dict(Counter(values).most_common())
