"""Sealed versions of two small files, for tests of what is done with versions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fieldwise_common.store.manifest import FileEntry, Manifest, Verdict, version_name
from fieldwise_common.store.model_store import ModelStore

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""The SHA-256 of nothing."""
FILES = ("meta.json", "index.faiss")


def sealed_version(
    store: ModelStore,
    run_id: str,
    at: datetime = NOW,
    is_good: bool = True,
    kind: str = "embeddings",
    parameters: Mapping[str, Any] | None = None,
) -> str:
    """Seals a version; returns its name."""
    name = version_name(kind, at, run_id)
    for file in FILES:
        store.objects.put(f"{name}/{file}", b"")
    store.seal(
        Manifest(
            version=name,
            created_at=at,
            mode="build-index",
            parent=None,
            code_version="test",
            run_id=run_id,
            files={file: FileEntry(sha256=EMPTY, size=0) for file in FILES},
            data={},
            parameters=parameters or {},
            metrics={},
            verdict=Verdict(promote=is_good, reason="good enough" if is_good else "too weak"),
        )
    )
    return name
