"""`make run` and `make sam-local`: a stack in the foreground, ready for requests."""

import json
import shlex
import signal
from collections.abc import Callable
from pathlib import Path

from fieldwise_common.errors import FieldwiseError, NoVersionPublished
from local.console import out, step
from local.refusal import Refusal
from local.stack import Stack, StackConfig, Step
from local.state_folder import StateFolder
from local.template.lint import fingerprint, last_passed, lint, remember_passed
from local.train import model_store, train_and_show

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXAMPLE = {"fields": [{"selector": "#email", "label": "Your e-mail address", "type": "email"}]}


def run(config: StackConfig, start: Callable[[StackConfig, Step], Stack] = Stack) -> None:
    """Lints a changed template, starts a stack, publishes a first version if there is none, and serves until a signal."""
    for name in SIGNALS:
        signal.signal(name, _interrupt)
    stack: Stack | None = None
    try:
        template = fingerprint(config.template)
        if template != last_passed(config.state):
            with step("Linting the template"):
                lint(config.template)
        stack = start(config, step)
        remember_passed(config.state, template)
        publish_first_version(stack, config.state)
        with step("Warming up inference"):
            _warm_up(stack)
        _greet(stack)
        signal.pause()
    except KeyboardInterrupt:
        out.print("\nStopping.")
    finally:
        for name in SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        if stack is not None:
            stack.stop()


def _interrupt(*_: object) -> None:
    """Every signal stops the stack the way Ctrl-C does."""
    raise KeyboardInterrupt


def publish_first_version(stack: Stack, state: StateFolder) -> None:
    """Checks the published version against its manifest; if there is none, builds one with the state machine."""
    store = model_store(stack.running)
    folder = state.data / "s3" / stack.running.model_store.removeprefix("s3://")
    try:
        pointer = store.published().pointer
        with step(f"Checking {pointer.version}"):
            manifest = store.manifest(pointer.version, pointer.manifest_sha256)
            _check_files(folder / pointer.version, manifest.version, {name: entry.size for name, entry in manifest.files.items()})
    except NoVersionPublished:
        out.print("  No version published yet: building the first one.")
        if train_and_show(stack.admin, stack.running.state_machine_arn, "build-index", state.logs).exit_code:
            raise Refusal(f"the first version was not published: see above, and {state.logs / 'training.log'}") from None
    except FieldwiseError as error:
        raise Refusal(
            f"{folder} is damaged ({error}): delete {folder} to build a new version, or {state.root} to start from scratch"
        ) from error


def _check_files(folder: Path, version: str, sizes: dict[str, int]) -> None:
    for name, size in sizes.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise FieldwiseError(f"{version}/{name} is missing or truncated")


def _warm_up(stack: Stack) -> None:
    """A failure is only reported: the stack still serves, and its health route says what is wrong."""
    if stack.running.inference_function:
        answer = stack.functions.call(stack.running.inference_function, {"action": "warm"})
        if answer.is_error:
            out.print(f"  [yellow]![/yellow] inference did not warm up: {json.loads(answer.payload).get('errorMessage', '')}")


def _greet(stack: Stack) -> None:
    token = stack.issuer.token("me")
    body = shlex.quote(json.dumps(EXAMPLE))
    out.print(f"\nServing on [bold]{stack.url}[/bold] (Ctrl-C stops it)\n")
    out.print("A token for the user “me” (more: `make token SUB=name`):\n", token, "\n", sep="")
    out.print("Try:\n", markup=False)
    out.print(f"curl -s {stack.url}/api/autofill/classify -H 'Content-Type: application/json' \\", markup=False)
    out.print(f"  -H 'Authorization: Bearer {token}' \\\n  -d {body}\n", markup=False)
    out.print("In another terminal: `make try`, `make learn`, `make train MODE=build-index-feedback`, `make versions`.")
