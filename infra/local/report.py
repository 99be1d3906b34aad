"""`make report`: fetches the report of a version, and opens it in a browser."""

import os
import sys
import webbrowser
from pathlib import Path

from rich.markup import escape

from fieldwise_common.errors import FieldwiseError
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.layout import MANIFEST
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.reports import read_report
from local.console import out
from local.refusal import Refusal
from local.state_folder import StateFolder, find_running, write_atomically
from local.train import model_store


def show_report(state: StateFolder, version: str | None, is_opened: bool) -> Path:
    """Writes the report to the state folder, prints its path and the verdict, and opens it if there is a display. Returns the path.

    Raises Refusal when there is no such report.
    """
    try:
        report = read_report(_store(state), version)
    except FieldwiseError as error:
        raise Refusal(str(error)) from error
    path = state.reports / f"{report.version}.html"
    write_atomically(path, report.page)
    out.print(escape(report.verdict))
    out.print(escape(str(path)))
    if is_opened and _has_display():
        webbrowser.open(path.as_uri())
    return path


def _store(state: StateFolder) -> ModelStore:
    """The running stack's; if none runs, what it has saved on disk."""
    if state.is_held():
        return model_store(find_running(state))
    saved = sorted((state.data / "s3").glob(f"**/*_v*/{MANIFEST}"), key=lambda path: path.parent.name)
    if not saved:
        raise Refusal(f"there is no version in {state.root} yet: start a stack with `make run`, and train one with `make train`")
    return ModelStore(FolderObjects(saved[-1].parents[1]))


def _has_display() -> bool:
    """Without one, Python would start a text browser in this terminal."""
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
