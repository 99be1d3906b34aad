import re
from pathlib import Path

import pytest
from tests.support.tiny_training import tiny_context

import fieldwise_training
from fieldwise_training.state import parse_request
from fieldwise_training.steps.order import STEPS, Step
from fieldwise_training.steps.validate import begin


def test_the_packages_docstring_has_the_steps_in_their_order() -> None:
    assert re.findall(r"^    (\w+) ", str(fieldwise_training.__doc__), re.MULTILINE) == list(STEPS)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_steps_summary_is_one_line_whatever_the_steps_before_have_set(tmp_path: Path, step: Step) -> None:
    state = begin(tiny_context(tmp_path), parse_request({"mode": "build-index-feedback"}), "run-1")

    assert len(step.summary(state).splitlines()) == 1
