"""`make run`: the stack in the foreground, ready to be used."""

import json
import shlex
import signal
from collections.abc import Callable
from pathlib import Path

from fieldwise_common.errors import FieldwiseError, NoVersionPublished
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.s3 import S3Objects
from local.console import out, step
from local.places import Places
from local.refusal import Refusal
from local.stack import Stack, StackConfig, Step
from local.train import train_and_show

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXAMPLE = {"fields": [{"selector": "#email", "label": "Your e-mail address", "type": "email"}]}


def run(config: StackConfig, start: Callable[[StackConfig, Step], Stack] = Stack) -> None:
    """Starts a stack, publishes a first version where there is none, and serves until it is told to stop."""
    for name in STOPPING:
        signal.signal(name, _interrupt)
    stack: Stack | None = None
    try:
        stack = start(config, step)
        publish_first_version(stack, config.places)
        with step("Warming inference up"):
            _warm_up(stack)
        _greet(stack)
        signal.pause()
    except KeyboardInterrupt:
        out.print("\nStopping.")
    finally:
        for name in STOPPING:
            signal.signal(name, signal.SIG_IGN)
        if stack is not None:
            stack.stop()


def _interrupt(*_: object) -> None:
    """Being told to stop is one thing, whoever tells."""
    raise KeyboardInterrupt


def model_store(stack: Stack) -> tuple[ModelStore, str]:
    """The store that training writes to, read as the administrator, and its place."""
    uri = next((plan.environment["MODEL_STORE"] for plan in stack.blueprint.functions() if "MODEL_STORE" in plan.environment), None)
    if uri is None:
        raise Refusal("no function of the template has MODEL_STORE in its Environment: nobody could find a version")
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    return ModelStore(S3Objects(bucket, prefix, stack.admin.client("s3"))), f"{bucket}/{prefix}"


def publish_first_version(stack: Stack, places: Places) -> None:
    """Checks the published version against its manifest; where there is none, builds one by the state machine."""
    store, place = model_store(stack)
    kept = places.data / "s3" / place
    try:
        pointer = store.published().pointer
        with step(f"Checking {pointer.version}"):
            manifest = store.manifest(pointer.version, pointer.manifest_sha256)
            _check_files(kept / pointer.version, manifest.version, {name: entry.size for name, entry in manifest.files.items()})
    except NoVersionPublished:
        out.print("  No version published yet: building the first one.")
        if train_and_show(stack.admin, stack.running.state_machine_arn, "build-index", places.logs).exit_code:
            raise Refusal(f"the first version was not published: see above, and {places.logs / 'training.log'}") from None
    except FieldwiseError as error:
        raise Refusal(f"{kept} is damaged ({error}): delete {kept} to build a new version, or {places.root} to start afresh") from error


def _check_files(folder: Path, version: str, sizes: dict[str, int]) -> None:
    for name, size in sizes.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise FieldwiseError(f"{version}/{name} is missing or cut short")


def _warm_up(stack: Stack) -> None:
    """What the schedule does on AWS. A failure is not the end: health says what is wrong."""
    for name in [plan.name for plan in stack.blueprint.functions() if plan.logical_id == "InferenceFunction"]:
        answer = stack.functions.call(name, {"action": "warm"})
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
    out.print("In another terminal: `make try`, `make train MODE=build-index-feedback`.")
