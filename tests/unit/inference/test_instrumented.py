from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.support.tiny_version import write_version

from fieldwise_common.observability import metrics
from fieldwise_common.wire import ClassifyRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.ranker.evidence import Evidence, Floats
from fieldwise_inference.classify.ranker.model import Ranker, RankerSettings
from fieldwise_inference.serving.instrumented import instrumented
from fieldwise_inference.serving.version import load_version


class Certain(Ranker):
    """A ranker that takes every field for the first canonical id."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        self.settings = RankerSettings(classes=("none", *ids), ids=ids, temperature=1.0, members=1)
        self.numbers = {canonical: number for number, canonical in enumerate(ids, start=1)}

    def probabilities(self, evidence: Evidence) -> Floats:
        return np.tile(np.eye(len(self.settings.classes), dtype=np.float32)[1], (len(evidence), 1))


@pytest.fixture(autouse=True)
def no_metrics() -> Iterator[None]:
    metrics.clear_metrics()
    yield
    metrics.clear_metrics()


def test_each_part_of_a_decision_is_timed_and_the_decision_stays_the_same(tmp_path: Path) -> None:
    plain = load_version("tiny", write_version(tmp_path))
    plain = replace(plain, ranker=Certain(tuple(sorted(set(plain.lexicon.exact.values())))))
    form = ClassifyRequest.model_validate({"fields": [{"selector": "#a", "label": "the name you were given"}]})

    expected = classify(plain, form)
    untimed = set(metrics.metric_set)
    answer = classify(instrumented(plain), form)

    assert untimed == set()
    assert set(metrics.metric_set) == {"EmbedTime", "SearchTime", "RankTime"}
    assert [m.model_dump(exclude={"decision_id"}) for m in answer.matches] == [
        m.model_dump(exclude={"decision_id"}) for m in expected.matches
    ]
    assert [m.method for m in answer.matches] == ["ranker"]
