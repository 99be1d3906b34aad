from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.tiny_version import write_version

from fieldwise_common.observability import metrics
from fieldwise_common.wire import MlClassifyRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.serving.instrumented import instrumented
from fieldwise_inference.serving.version import load_version


@pytest.fixture(autouse=True)
def no_metrics() -> Iterator[None]:
    metrics.clear_metrics()
    yield
    metrics.clear_metrics()


def test_each_part_of_a_decision_is_timed_and_the_decision_stays_the_same(tmp_path: Path) -> None:
    plain = load_version("tiny", write_version(tmp_path))
    form = MlClassifyRequest.model_validate({"fields": [{"selector": "#a", "label": "the first name"}]})

    expected = classify(plain, form)
    untimed = set(metrics.metric_set)
    answer = classify(instrumented(plain), form)

    assert untimed == set()
    assert set(metrics.metric_set) == {"EmbedTime", "SearchTime", "RankTime"}
    assert [d.model_dump(exclude={"decision_id"}) for d in answer.decisions] == [
        d.model_dump(exclude={"decision_id"}) for d in expected.decisions
    ]
    assert [d.method for d in answer.decisions] == ["ranker"]
