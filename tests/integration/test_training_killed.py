"""A run that is killed at any point: what is served stays whole, the same step can run again, and so can a new run."""

import json
import shutil
from dataclasses import replace
from datetime import datetime, tzinfo
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.support.feedback_log import SITE, form, said, store
from tests.support.tiny_training import tiny_context, tiny_model

from fieldwise_common.store import layout
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.model_store import ModelStore
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.version import load_version
from fieldwise_training.handler import run_step
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.order import RELEASING, STEPS

HOUR = "2026/11/22/10"
QUICK = {"ranker_members": 1, "ranker_epochs": 1}
INPUT = {"mode": "build-index-feedback", "parameters": QUICK}
SMALL = 16_384
"""Characters of a state; the workflow passes on 256 KiB."""
State = dict[str, Any]


def after(context: TrainingContext, step: str, state: State, run_id: str) -> State:
    """The state after a step, as the workflow passes it on."""
    passed = json.dumps(run_step(context, {"step": step, "run_id": run_id, "state": state}))
    assert len(passed) < SMALL
    made: State = json.loads(passed)
    return made


def through(context: TrainingContext, last: str, run_id: str, state: State = INPUT, first: str = "validate") -> State:
    """The state after the steps from `first` to `last`."""
    names = list(STEPS)
    for step in names[names.index(first) : names.index(last) + 1]:
        state = after(context, step, state, run_id)
    return state


def served(context: TrainingContext, folder: Path) -> LoadedVersion:
    """The live version, loaded as inference does."""
    pointer = context.store.published().pointer
    manifest = context.store.manifest(pointer.version, pointer.manifest_sha256)
    files = manifest.served
    return load_version(pointer.version, context.store.fetch(pointer.version, files, folder / "cache"))


def knows_the_site(version: LoadedVersion) -> bool:
    return SITE in version.sites.sites


@pytest.fixture(scope="module")
def first_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store whose first version is live, and a log with feedback that it has not read."""
    root = tmp_path_factory.mktemp("first")
    context = tiny_context(root, str(tiny_model(root / "base")))
    through(context, "notify", "run-1", {"mode": "build-index", "parameters": QUICK})
    for number, user in enumerate("abc"):
        rows = form(number, user)
        store(root, HOUR, *rows, said(rows[0], "email"), name=user)
    return root


@pytest.fixture
def context(first_version: Path, tmp_path: Path) -> TrainingContext:
    root = shutil.copytree(first_version, tmp_path / "copy")
    return tiny_context(root, str(first_version / "base" / "tiny"), feedback_log=str(root / "decisions"))


@pytest.mark.parametrize("last", STEPS)
def test_a_run_killed_after_a_step_serves_no_half_version_and_the_next_run_finishes(
    context: TrainingContext, tmp_path: Path, last: str
) -> None:
    before = context.store.published().pointer.version
    killed = through(context, last, "run-2")

    live = served(context, tmp_path)
    is_released = last in {step.name for step in RELEASING}
    assert live.version == (killed["version"] if is_released else before)
    assert knows_the_site(live) is is_released

    done = through(context, "notify", "run-3")

    assert (done["promoted"], done["parent"]) == (True, live.version)
    assert served(context, tmp_path).version == done["version"]
    assert knows_the_site(served(context, tmp_path))


@pytest.mark.parametrize("repeated", STEPS)
def test_a_step_whose_result_was_lost_runs_again_and_the_run_ends_as_if_once(
    context: TrainingContext, tmp_path: Path, repeated: str
) -> None:
    names = list(STEPS)
    position = names.index(repeated)
    before = through(context, names[position - 1], "run-2") if position else INPUT

    lost = after(context, repeated, before, "run-2")
    again = after(context, repeated, before, "run-2")
    done = through(context, "notify", "run-2", again, names[position + 1]) if position + 1 < len(names) else again

    assert {**again, "version": "", "seconds": {}} == {**lost, "version": "", "seconds": {}}
    assert (done["promoted"], len(context.store.versions())) == (True, 2)
    assert served(context, tmp_path).version == done["version"] == again["version"]


class Killed(BaseException):
    """The end of the process: nothing catches it."""


class DyingObjects(FolderObjects):
    """A folder whose process ends after some writes."""

    def __init__(self, root: Path, writes: int) -> None:
        super().__init__(root)
        self._left = writes

    def put(self, key: str, body: bytes) -> str:
        self._write()
        return super().put(key, body)

    def upload(self, key: str, path: Path) -> None:
        self._write()
        super().upload(key, path)

    def _write(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed


def test_a_run_killed_between_any_two_writes_goes_on_with_the_same_step(context: TrainingContext, tmp_path: Path) -> None:
    before = context.store.published().pointer.version
    state, deaths = INPUT, 0
    for step in STEPS:
        for writes in count():
            dying = replace(context, store=ModelStore(DyingObjects(Path(context.settings.model_store), writes)))
            try:
                state = after(dying, step, state, "run-2")
            except Killed:
                deaths += 1
                has_moved = before != context.store.published().pointer.version
                assert has_moved <= (step == "promote")  # killed after the move, before its record
                assert served(context, tmp_path).version == (state["version"] if has_moved else before)
            else:
                break

    assert deaths > len(layout.SERVED)
    assert (state["promoted"], len(context.store.versions())) == (True, 2)
    assert knows_the_site(served(context, tmp_path))
    assert [move.version for move in context.store.history()] == [before, state["version"]]


class OneSecond(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "OneSecond":
        return cls(2026, 11, 29, 20, 0, 0, tzinfo=tz)


def test_two_runs_under_one_name_in_one_second_make_one_version(
    context: TrainingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step Functions refuses a name that it knows; here it starts two all the same."""
    monkeypatch.setattr("fieldwise_training.steps.validate.datetime", OneSecond)
    first = second = INPUT
    for step in STEPS:
        first, second = (after(context, step, state, "one-name") for state in (first, second))

    assert {**first, "seconds": {}} == {**second, "seconds": {}}
    assert (first["promoted"], len(context.store.versions())) == (True, 2)
    assert served(context, tmp_path).version == first["version"]
