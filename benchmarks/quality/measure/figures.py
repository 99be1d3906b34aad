"""The headline figures, each a share with what it is a share of."""

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.quality.measure.judged import Judged
from benchmarks.quality.truth.equal import same
from benchmarks.quality.truth.fields import TruthField
from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import NOTHING


class Figure(BaseModel):
    """Base of everything that is measured: immutable, and written to JSON as it is."""

    model_config = ConfigDict(frozen=True)


class Share(Figure):
    """`hits` of `of`; `value` is in 0..1, None when there is nothing to take a share of."""

    hits: int
    of: int
    value: float | None


class Figures(Figure):
    """How well a set of fields was understood; all but `recall_exact` leniently."""

    fields: int
    sites: int
    recall: Share
    """Of the fields that mean something, those recognised."""
    recall_exact: Share
    """The same, by the very id of the truth."""
    precision: Share
    """Of the fields predicted to mean something, those that do mean it."""
    false_fill: Share
    """Of the fields that mean nothing, those predicted to mean something."""
    overall: Share
    """Of all fields, those with the right answer, `none` included."""


HEADLINES = ("recall", "recall_exact", "precision", "false_fill", "overall")


def share(hits: int, of: int) -> Share:
    """The share, rounded to 6 digits."""
    return Share(hits=hits, of=of, value=ratio(hits, of))


def ratio(one: float | None, other: float | None) -> float | None:
    """`one` / `other`, rounded to 6 digits; None where either is missing or the divisor is nothing."""
    return round(one / other, 6) if one is not None and other else None


def figures(answers: Iterable[tuple[TruthField, str]]) -> Figures:
    """The figures of fields, each with the id it was taken for (`none`: left empty)."""
    counted = list(answers)
    meaningful = [(field, said) for field, said in counted if field.truth != NOTHING]
    right = sum(same(said, field.truth) for field, said in meaningful)
    false = sum(said != NOTHING for field, said in counted if field.truth == NOTHING)
    nothing = len(counted) - len(meaningful)
    return Figures(
        fields=len(counted),
        sites=len({field.site for field, _ in counted}),
        recall=share(right, len(meaningful)),
        recall_exact=share(sum(said == field.truth for field, said in meaningful), len(meaningful)),
        precision=share(right, sum(said != NOTHING for _, said in counted)),
        false_fill=share(false, nothing),
        overall=share(right + nothing - false, len(counted)),
    )


def figures_of(judged: Iterable[Judged]) -> Figures:
    """The figures of our own answers."""
    return figures((one.field, one.predicted) for one in judged)


class Reference(Figure):
    """What a browser's own heuristics made of the fields it was asked about, and what we made of them."""

    source: str
    theirs: Figures
    ours: Figures
    """On the very same fields."""
    ratios: Mapping[str, float | None]
    """Ours on all fields of the file, divided by theirs on its own, by the name of the figure."""
    ratios_same_fields: Mapping[str, float | None]
    """The same with ours on the very same fields."""


def references(judged: Sequence[Judged]) -> tuple[Reference, ...]:
    """One reference for each source whose rows carry a peer's answer."""
    sources = sorted({one.field.source for one in judged if one.field.peer})
    return tuple(_reference(source, judged) for source in sources)


def _reference(source: str, judged: Sequence[Judged]) -> Reference:
    own = [one for one in judged if one.field.source == source and one.field.peer]
    theirs = figures((one.field, one.field.peer) for one in own)
    ours = figures_of(own)
    return Reference(
        source=source, theirs=theirs, ours=ours, ratios=_ratios(figures_of(judged), theirs), ratios_same_fields=_ratios(ours, theirs)
    )


def _ratios(ours: Figures, theirs: Figures) -> dict[str, float | None]:
    return {name: ratio(value_of(ours, name), value_of(theirs, name)) for name in HEADLINES}


def value_of(of: Figures, name: str) -> float | None:
    """The value of one headline figure."""
    found: Share = getattr(of, name)
    return found.value
