"""`/health`: needs no token, and reveals nothing private."""

from typing import Literal

from fastapi import APIRouter

from fieldwise_common import CODE_VERSION
from fieldwise_common.wire import Wire

router = APIRouter(tags=["health"])


class Health(Wire):
    """The backend is up. Inference is not checked; it has its own `/ml/health`."""

    status: Literal["ok"] = "ok"
    version: str = CODE_VERSION


@router.get("/health")
async def health() -> Health:
    """Check that the backend is up, and which code version it runs."""
    return Health()
