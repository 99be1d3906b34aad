"""The version holder, made once per process from the settings."""

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
    cache = Path(tempfile.gettempdir()) / "fieldwise-versions"
    return VersionHolder(open_store(settings.model_store), cache, settings.model_poll_seconds)


def preload(holder: VersionHolder) -> None:
    """Loads the published version before the first request. Without a usable one, requests will get the error."""
    code_version()  # reads its sources once
    try:
        holder.current()
    except (ModelError, StoreError) as error:
        logger.warning("started without a version", extra={"error": type(error).__name__})
