"""The version holder, made once per process from the settings."""

import os
import tempfile
from pathlib import Path

from fieldwise_common.errors import ModelError, StoreError
from fieldwise_common.observability import logger
from fieldwise_common.store.model_store import open_store
from fieldwise_inference.classify.code import code_version
from fieldwise_inference.serving.holder import VersionHolder
from fieldwise_inference.settings import InferenceSettings


def make_holder(settings: InferenceSettings) -> VersionHolder:
    """The holder of the store's versions. It downloads to the temp folder, the only one that is writable in Lambda."""
    return VersionHolder(open_store(settings.model_store), _temp_folder() / "fieldwise-versions", settings.model_poll_seconds)


def _temp_folder() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:  # it is full or read-only: the process starts, and the first download is refused with what to do
        return Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 only to be named in that error


def preload(holder: VersionHolder) -> None:
    """Loads the published version before the first request. Without a usable one, requests will get the error."""
    code_version()  # reads its sources once
    try:
        holder.caught_up()
    except (ModelError, StoreError) as error:
        logger.warning("started without a version", extra={"error": type(error).__name__})
