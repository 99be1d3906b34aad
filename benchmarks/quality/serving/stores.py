"""Where the versions are, when nobody says."""

from pathlib import Path

from fieldwise_common.errors import NoVersionPublished
from local.state_folder import StateFolder

ROOT = Path(__file__).resolve().parents[3]
LOCAL = ROOT / ".local"


def local_store(places: StateFolder | None = None) -> str:
    """The folder where the embedded stack keeps its model store's objects. Raises NoVersionPublished before its first training."""
    root = (places or StateFolder(LOCAL)).data / "s3"
    pointers = sorted(root.glob("*/models/latest"))
    if not pointers:
        raise NoVersionPublished(f"no version is published under {root}: start the stack once (make run), or name a STORE")
    return str(pointers[0].parent)
