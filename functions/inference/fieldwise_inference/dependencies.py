"""The app's dependencies: the version holder, made once per process from the settings, and what the routes get of it."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from fieldwise_common.auth import ADMIN_SCOPE
from fieldwise_common.errors import ModelError, StoreError
from fieldwise_common.observability import logger
from fieldwise_common.store.model_store import open_store
from fieldwise_common.web.authentication import caller_of
from fieldwise_inference.classify.code import code_version
from fieldwise_inference.classify.loaded_version import LoadedVersion
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
        holder.current()
    except (ModelError, StoreError) as error:
        logger.warning("started without a version", extra={"error": type(error).__name__})


async def _holder(request: Request) -> VersionHolder:
    holder: VersionHolder = request.app.state.holder
    return holder


async def _version(holder: Annotated[VersionHolder, Depends(_holder)]) -> LoadedVersion:
    """The version to serve with. Raises ModelError or StoreError when none can be loaded."""
    return holder.current()


async def _admin(request: Request) -> None:
    """Raises Forbidden unless the caller has the admin scope."""
    caller_of(request).require(ADMIN_SCOPE)


Admin = Depends(_admin)
CurrentVersion = Annotated[LoadedVersion, Depends(_version)]
Holder = Annotated[VersionHolder, Depends(_holder)]
