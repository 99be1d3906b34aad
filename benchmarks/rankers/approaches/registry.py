"""The approaches by name, in the order of the table."""

from collections.abc import Callable, Mapping

from benchmarks.rankers.approaches.approach import Approach
from benchmarks.rankers.approaches.boosting import Boosting
from benchmarks.rankers.approaches.encoder import FineTunedEncoder
from benchmarks.rankers.approaches.linear import Linear
from benchmarks.rankers.approaches.tagger import Tagger

APPROACHES: Mapping[str, Callable[[], Approach]] = {
    "linear": Linear,
    "boosting": Boosting,
    "encoder": FineTunedEncoder,
    "tagger-1": lambda: Tagger(members=1),
    "tagger-2": lambda: Tagger(members=2),
    "tagger-3": lambda: Tagger(members=3),
}
