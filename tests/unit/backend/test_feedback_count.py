import json

import pytest

from fieldwise_backend.routes.feedback_count import FeedbackCount


def counted(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, float]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [
        (line["model_version"], name, line[name][0]) for line in lines for name in ("FeedbackCorrect", "FeedbackIncorrect") if name in line
    ]


def test_feedback_counts_under_the_version_that_classified_last(capsys: pytest.CaptureFixture[str]) -> None:
    count = FeedbackCount()
    count.classified_by("v1")
    count.classified_by("v2")

    count.count("incorrect")

    assert counted(capsys) == [("v2", "FeedbackCorrect", 0.0), ("v2", "FeedbackIncorrect", 1.0)]


def test_feedback_before_any_classification_counts_under_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    FeedbackCount().count("correct")

    assert counted(capsys) == [("unknown", "FeedbackCorrect", 1.0), ("unknown", "FeedbackIncorrect", 0.0)]
