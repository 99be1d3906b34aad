"""What the function's process is made of, put in place for as long as it is needed, then put back."""

import io
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from fieldwise_common.observability import logger

HANDLER_MODULE = "fieldwise_inference.handler"


@contextmanager
def function_process(environment: Mapping[str, str]) -> Iterator[None]:
    """An environment, a temp folder and a handler module of its own.

    What it says on stdout, its metrics and its log, is nobody's here: its errors reach us as answers.
    """
    with (
        tempfile.TemporaryDirectory(prefix="fieldwise-quality-") as temp,
        _environment(environment),
        _temp_folder(Path(temp)),
        _fresh_handler(),
        _quiet_logger(),
        redirect_stdout(io.StringIO()),
    ):
        yield


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _temp_folder(folder: Path) -> Iterator[None]:
    """A running function cleans its temp folder of versions it doesn't serve: two of them must not share one."""
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _fresh_handler() -> Iterator[None]:
    """The module reads the environment when it is imported, once."""
    before = sys.modules.pop(HANDLER_MODULE, None)
    try:
        yield
    finally:
        sys.modules.pop(HANDLER_MODULE, None)
        if before is not None:
            sys.modules[HANDLER_MODULE] = before


@contextmanager
def _quiet_logger() -> Iterator[None]:
    """The logger has held on to stdout since it was made."""
    before = logger.log_level
    logger.setLevel("CRITICAL")
    try:
        yield
    finally:
        logger.setLevel(before)
