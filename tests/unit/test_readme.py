"""What the README shows is what there is."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from benchmarks.shared.profile import example_profile
from pydantic import BaseModel
from tests.support.filling import NoEncoder

from fieldwise_backend.overrides.request import OverrideRequest
from fieldwise_backend.profile.schema import Profile
from fieldwise_backend.routes.memory import ListedMemory
from fieldwise_common.wire import (
    ClassifyRequest,
    ClassifyResponse,
    FeedbackRequest,
    FieldDescriptor,
    FillRequest,
    FillResponse,
    MlFillRequest,
)
from fieldwise_common.wire_explain import ThresholdRequest, ThresholdResponse
from fieldwise_inference.fill.dispatch import fill
from fieldwise_inference.fill.result import Caveat, Reason
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.state import RunRequest
from fieldwise_training.steps.context import SHIPPED_DATA

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")

EXAMPLES: dict[str, type[BaseModel]] = {
    "fields+page": ClassifyRequest,
    "matches+model_version": ClassifyResponse,
    "matches": FillRequest,
    "fills+unfilled": FillResponse,
    "selector+canonical+feedback+corrected_to+url": FeedbackRequest,
    "sites": ListedMemory,
    "origin+field+canonical+why": OverrideRequest,
    "field+canonical+fields+page": ThresholdRequest,
    "decision+field+canonical+threshold+base_threshold+confidence_signals+context": ThresholdResponse,
    "name+contact": Profile,
    "mode": RunRequest,
}
"""Each example of the README by its keys, and what it must be."""


def shown_after(marker: str) -> str:
    found = re.search(rf"<!-- {marker} -->\n```\n(.*?)```", README, re.DOTALL)
    assert found is not None, marker
    return found[1]


def examples() -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL)]


def example(keys: str) -> dict[str, Any]:
    [found] = [one for one in examples() if "+".join(one) == keys]
    return found


def test_the_verbs_are_those_of_the_makefile() -> None:
    printed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert shown_after("help") == printed


@pytest.mark.parametrize("keys", EXAMPLES)
def test_every_example_is_accepted_as_what_it_shows(keys: str) -> None:
    assert EXAMPLES[keys].model_validate(example(keys))


def test_the_fills_it_shows_are_those_of_the_sample_profile() -> None:
    request = MlFillRequest.model_validate({**example("matches"), "user_profile": example_profile()})

    assert fill(request, NoEncoder()) == FillResponse.model_validate(example("fills+unfilled"))


def test_every_reason_is_explained() -> None:
    rows = re.search(r"\| reason \| why \|\n(.*?)\n\n", README, re.DOTALL)
    assert rows is not None
    explained = [reason for row in rows[1].splitlines() for reason in re.findall(r"`([\w-]+)`", row.split("|")[1])]

    assert sorted(explained) == sorted(Reason)


def test_every_warning_is_explained() -> None:
    [row] = [line for line in README.splitlines() if line.startswith("| `confidence`, `warning` |")]

    assert set(re.findall(r"\(`([\w-]+)`\)", row)) == set(Caveat)


def test_the_table_of_a_fields_keys_is_complete() -> None:
    rows = re.search(r"\| key \| what it is \|\n(.*?)\n\n", README, re.DOTALL)
    assert rows is not None
    named = {key for row in rows[1].splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])}

    assert named == set(FieldDescriptor.model_fields) - {"selector", "question"}


def test_every_example_is_checked() -> None:
    assert {"+".join(one) for one in examples()} == set(EXAMPLES)


def test_what_the_greeting_shows_is_what_make_run_prints() -> None:
    source = (ROOT / "infra" / "local" / "run.py").read_text("utf-8")

    for phrase in ("(Ctrl-C stops it)", "A token for the user “me” (more: `make token SUB=name`):", "Try:", "/api/autofill/classify"):
        assert phrase in shown_after("greeting")
        assert phrase in source


def test_what_the_story_of_a_correction_shows_is_what_make_learn_prints() -> None:
    source = (ROOT / "infra" / "local" / "learn.py").read_text("utf-8")
    form = json.loads((ROOT / "examples" / "learn.json").read_text("utf-8"))
    shown = shown_after("learn")

    for heading in re.findall(r"\\n\[bold\](\d\. [^{\[]+)", source):
        assert heading in shown
    rows = [[cell.strip() for cell in line.split("│")[1:3]] for line in shown.splitlines() if line.startswith("│")]
    assert rows[: len(form["fields"])] == [[field["label"], form["truth"][field["selector"]]] for field in form["fields"]]


def test_the_sample_it_shows_is_the_shipped_one() -> None:
    form = json.loads((ROOT / "examples" / "forms" / "checkout.json").read_text("utf-8"))
    known = ids_of(load_canonical(SHIPPED_DATA / "canonical"))

    rows = [[cell.strip() for cell in line.split("│")[1:3]] for line in shown_after("try").splitlines() if line.startswith("│ #")]

    assert [selector for selector, _ in rows] == list(dict.fromkeys(field["selector"] for field in form["fields"]))
    assert {canonical for _, canonical in rows} - {"—"} <= known


def test_every_file_it_points_at_is_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
