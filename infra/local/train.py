"""`make train`: starts one execution of the state machine and watches it to its end."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.s3 import S3Objects
from fieldwise_training.progress.display import StepDisplay
from fieldwise_training.progress.report import ProgressReport, parse_report
from local.aws.sessions import Connection, Credentials
from local.console import out
from local.refusal import Refusal
from local.state_folder import Running

POLL_SECONDS = 0.3
RECORDING = "failed"
"""The state that every failed task leads to."""
NOT_IN_A_NAME, MAX_MODE = re.compile(r"[^A-Za-z0-9_-]"), 50
"""An execution's name has 80 of a few characters; a mode that is not one must still reach the step that refuses it."""
FAILED, REJECTED, SUPERSEDED = 1, 3, 4
"""Exit codes: a step failed; the gate rejected the version; another version went live meanwhile."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended. `result` is its last state's output, or its error and cause; `step` is the state that failed."""

    status: str
    result: Mapping[str, Any]
    step: str = ""

    @property
    def exit_code(self) -> int:
        """0 for a promoted version, and for a run whose mode never promotes: the gate's reason is then the mode itself."""
        if self.status != "SUCCEEDED":
            return FAILED
        if self.result.get("superseded"):
            return SUPERSEDED
        never_promotes = self.result.get("reason", "") == self.result.get("mode")
        return 0 if self.result.get("promoted") or never_promotes else REJECTED


def connect(running: Running) -> Connection:
    """A running stack's embedded AWS, with its administrator's credentials."""
    return Connection(running.aws_url, running.region, Credentials(running.access_key_id, running.secret_access_key))


def model_store(running: Running) -> ModelStore:
    """A running stack's model store, with its administrator's credentials. Raises Refusal if its template has none."""
    if not running.model_store:
        raise Refusal("no function of the template has MODEL_STORE in its Environment, so there is no place for versions: add it")
    bucket, _, prefix = running.model_store.removeprefix("s3://").partition("/")
    return ModelStore(S3Objects(bucket, prefix, connect(running).client("s3")))


def train(
    connection: Connection,
    machine_arn: str,
    mode: str,
    parameters: Mapping[str, Any],
    on_state: Callable[[str], None],
    meanwhile: Callable[[], None] = lambda: None,
) -> Outcome:
    """Starts a named execution and waits for its end. Calls `on_state` with each state it enters, and `meanwhile` while waiting.

    The modes are the workflow's: its first step fails for an unknown one, and names those it has. Raises Refusal when the
    stack stops answering.
    """
    client = connection.client("stepfunctions")
    name = f"{NOT_IN_A_NAME.sub('-', mode)[:MAX_MODE]}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    try:
        event = json.dumps({"mode": mode, "parameters": dict(parameters)})
        execution = client.start_execution(stateMachineArn=machine_arn, name=name, input=event)["executionArn"]
        return _watch(client, execution, on_state, meanwhile)
    except (ClientError, BotoCoreError) as error:
        raise Refusal(f"the stack stopped answering ({type(error).__name__}): see the terminal of `make run`") from error


def _watch(client: Any, execution: str, on_state: Callable[[str], None], meanwhile: Callable[[], None]) -> Outcome:
    seen = 0
    while True:
        description = client.describe_execution(executionArn=execution)
        states = list(_states(client.get_execution_history(executionArn=execution, maxResults=1000)["events"]))
        for state in states[seen:]:
            on_state(state)
        seen = len(states)
        meanwhile()
        if description["status"] == "RUNNING":
            time.sleep(POLL_SECONDS)
        elif description["status"] == "SUCCEEDED":
            return Outcome("SUCCEEDED", json.loads(description["output"]))
        else:
            failure = {"error": description.get("error", ""), "cause": _cause(description.get("cause", ""))}
            return Outcome(description["status"], failure, failed_state(states))


def failed_state(states: Sequence[str]) -> str:
    """The state that failed: the last one, or the one before the state that records failures."""
    before = states[: states.index(RECORDING)] if RECORDING in states else states
    return before[-1] if before else ""


def _states(events: list[dict[str, Any]]) -> Iterator[str]:
    """The states that were entered and do something: choices between them are left out."""
    for event in events:
        if event["type"].endswith("StateEntered") and not event["type"].startswith(("Choice", "Pass")):
            yield event["stateEnteredEventDetails"]["name"]


def _cause(cause: str) -> str:
    """The message alone: a function's error comes as JSON with a stack trace."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause


def outcome_table(outcome: Outcome) -> Table:
    """The outcome of an execution, one row per key."""
    table = Table("", "", show_header=False, box=None, padding=(0, 2))
    table.add_row("status", outcome.status)
    if outcome.step:
        table.add_row("failed in", outcome.step)
    for key, value in outcome.result.items():
        if value is not None and not isinstance(value, dict | list):
            table.add_row(key, f"{value:.4f}" if isinstance(value, float) else escape(str(value)))
    return table


class TrainingLog:
    """Reads a running step's progress from the functions' logs in a folder, from what is logged after construction on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_to = {path: path.stat().st_size for path in self._files()}

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.log"))

    def new_reports(self) -> Iterator[ProgressReport]:
        """The progress logged since the last call."""
        for path in self._files():
            with path.open("rb") as file:
                file.seek(self._read_to.get(path, 0))
                for line in file:
                    if not line.endswith(b"\n"):  # still being written
                        break
                    self._read_to[path] = self._read_to.get(path, 0) + len(line)
                    report = parse_report(line.decode("utf-8", "replace"))
                    if report is not None:
                        yield report


class Watcher:
    """Shows the states of an execution, and the progress of the current state."""

    def __init__(self, log: TrainingLog, console: Console = out) -> None:
        self._log = log
        self._console = console
        self._display = StepDisplay(console)
        self._state = ""

    def entered(self, state: str) -> None:
        """A state was entered, so the one before it is done; the one that records failures means that it failed."""
        self.finish(state != RECORDING)
        self._state = state
        self._display.begin(state)

    def show_progress(self) -> None:
        """Shows the progress logged since the last call."""
        for report in self._log.new_reports():
            self._display.report(report)

    def finish(self, succeeded: bool) -> None:
        """The current state is done."""
        self._display.end()
        if self._state:
            mark = "[green]✓[/green]" if succeeded else "[red]✗[/red]"
            self._console.print(f"    {mark} {self._state} [dim]{self._display.seconds:.1f} s[/dim]")
            self._state = ""


def train_and_show(connection: Connection, machine_arn: str, mode: str, logs: Path) -> Outcome:
    """Runs an execution, showing its states, their progress as found in the functions' `logs`, and its outcome. Raises as `train` does."""
    watcher = Watcher(TrainingLog(logs))
    outcome = None
    try:
        outcome = train(connection, machine_arn, mode, {}, watcher.entered, watcher.show_progress)
    finally:
        watcher.finish(outcome is not None and outcome.status == "SUCCEEDED")
    out.print(outcome_table(outcome))
    return outcome
