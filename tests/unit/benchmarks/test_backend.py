"""`make bench-backend`: its requests are what clients send, and its parts add up."""

import json

from benchmarks.backend.__main__ import BEFORE, cases
from benchmarks.backend.parts import PLACES, WEB, Stopwatch
from benchmarks.backend.services import CLASSIFY, FILL

from fieldwise_common.wire import ClassifyRequest, FillRequest, FillResponse, MlClassifyResponse


def test_the_requests_and_answers_are_valid_and_of_the_size() -> None:
    new, known, fill = cases(7)

    answer = MlClassifyResponse.model_validate_json(new.answers[CLASSIFY]["body"])
    matches = FillRequest.model_validate_json(fill.body).matches
    assert new.body == known.body
    assert len(ClassifyRequest.model_validate_json(new.body).fields) == len(answer.decisions) == 7
    assert [match.selector for match in matches] == [d.selector for d in answer.decisions if d.decision == "accepted"]
    assert len(FillResponse.model_validate(json.loads(fill.answers[FILL]["body"])).fills) == len(matches) > 0


def test_a_part_within_a_part_is_counted_once_and_the_rest_is_the_web_layers() -> None:
    stopwatch = Stopwatch()
    inner = stopwatch.timed("inner", lambda: sum(range(200_000)))
    outer = stopwatch.timed("outer", inner)

    stopwatch.start()
    outer()
    taken = stopwatch.stop()

    assert set(taken) == {"inner", "outer", WEB}
    assert taken["outer"] < taken["inner"]


def test_every_part_is_a_function_that_exists() -> None:
    assert all(callable(getattr(owner, name)) for owner, name in PLACES)
    assert BEFORE not in PLACES.values()
