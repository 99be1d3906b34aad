"""What was measured, as it is written to JSON. Times are milliseconds, medians over requests and rounds unless said otherwise."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Figure(BaseModel):
    """Base: immutable."""

    model_config = ConfigDict(frozen=True)


class Spread(Figure):
    """One thing timed many times."""

    median: float
    p95: float


class UsualForm(Figure):
    """A form of usual size, with texts the process has never seen."""

    fields: int
    requests: int
    rounds: int
    with_ranker: Spread
    without_ranker: Spread
    remembered: Spread
    """With the ranker, every text's vector being remembered from before."""
    encoder: Spread
    """The vectors alone, of the texts the ranker wants the nearest meanings of."""
    encoded_texts: float
    """How many those are, per form, on average."""
    ranker: Spread
    """Evidence, network and rulings alone."""
    ratio: float
    """With the ranker, divided by without it: the median over rounds of the rounds' ratios."""
    added: float
    """The ranker's own time, divided by all the rest of the same answer; likewise."""


class ColdStart(Figure):
    """A fresh process up to its first answer."""

    interpreter: float
    imports: float
    fetch: float
    """Files copied out of the store and checked against the manifest."""
    open: float
    first_answer: float
    second_answer: float


class Latency(Figure):
    """Everything that was measured of one version."""

    model_version: str
    python: str
    usual_form: UsualForm
    largest_form: Mapping[str, float]
    many_options: Mapping[str, float]
    cold_start: ColdStart
    megabytes: Mapping[str, float]
    """Size in the store of each file that is served (1 MB = 10**6 bytes)."""
