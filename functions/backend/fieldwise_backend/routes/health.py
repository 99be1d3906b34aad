"""`/health`: open to all, and tells nothing private."""

from typing import Literal

from fastapi import APIRouter

from fieldwise_common import CODE_VERSION
from fieldwise_common.wire import Wire

router = APIRouter(tags=["health"])


class Health(Wire):
    """The backend answers; whether inference does is for `/ml/health` to say."""

    status: Literal["ok"] = "ok"
    version: str = CODE_VERSION


@router.get("/health")
async def health() -> Health:
    """Say that the backend is up, and which code it runs."""
    return Health()
