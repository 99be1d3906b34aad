"""cfn-lint's verdict on the template, asked for only when the template has changed since it last passed.

An unchanged template costs one hash at startup. A changed one costs the linter's two seconds before anything is started, and
a mistake the linter knows is refused there by name, so the code after it can rely on well-formed resources. The alternative,
to lint only after a failed startup, would save those seconds after every correct edit; but most of what the linter finds (in
an alarm, an output, a policy) does not fail here at all, only on AWS. What this stack itself resolves is checked either way:
the linter, for one, does not look into environment variables that a function has in part from Globals.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from local.refusal import Refusal
from local.state_folder import StateFolder, write_atomically
from local.template.load import load

LINTER = Path(sys.executable).with_name("cfn-lint")
MAX_MESSAGE = 240
"""Characters: a message may list every name the template has."""


def fingerprint(template: Path) -> str:
    """A hash of the file. Raises Refusal when it can't be read."""
    try:
        return hashlib.sha256(template.read_bytes()).hexdigest()
    except OSError as error:
        raise Refusal(f"{template} can't be read: {error.strerror}") from error


def last_passed(state: StateFolder) -> str:
    """The fingerprint of the template that passed last; "" when none has, or it can't be read."""
    try:
        return state.linted.read_text("ascii")
    except (OSError, ValueError):
        return ""


def remember_passed(state: StateFolder, passed: str) -> None:
    """Keeps the fingerprint of a template that has passed; if that fails, it is linted again next time."""
    with suppress(OSError):
        write_atomically(state.linted, passed.encode("ascii"))


def lint(template: Path) -> None:
    """Raises Refusal with an error of the first wrong resource, as one line with its place. Warnings are left to `make lint`."""
    load(template)  # the linter itself crashes over a file without a mapping of resources
    try:
        done = subprocess.run([LINTER, "--format", "json", template], capture_output=True, text=True, check=False)  # noqa: S603 our own linter
    except OSError as error:
        raise Refusal(f"cfn-lint can't be run ({error.strerror}): run `make install`") from error
    try:
        errors = [found for found in json.loads(done.stdout) if found["Level"] == "Error"]
    except ValueError:
        raise Refusal(f"cfn-lint could not read {template}: run `{LINTER} {template}` to see why") from None
    if errors:
        raise Refusal(_one_line(_most_specific(errors), len(errors)))


def _path(error: Mapping[str, Any]) -> list[object]:
    return error["Location"]["Path"] or []


def _most_specific(errors: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of the first error's resource, the one with the longest path: a misspelt property comes after what its absence causes."""
    return max((error for error in errors if _path(error)[:2] == _path(errors[0])[:2]), key=lambda error: len(_path(error)))


def _one_line(error: Mapping[str, Any], count: int) -> str:
    path = ".".join(map(str, _path(error)))
    line, rule = error["Location"]["Start"]["LineNumber"], error["Rule"]["Id"]
    message = " ".join(error["Message"].split())
    shown = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
    others = f"; `make lint` shows all {count} errors" if count > 1 else ""
    return f"the template's {path or 'content'}: {shown} (line {line}, cfn-lint {rule}{others})"
