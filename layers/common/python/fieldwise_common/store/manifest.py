"""The formats of a version's manifest and of the pointer to the live version."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

VERSION_NAME = re.compile(r"(embeddings|smoketest)_v\d{8}T\d{6}Z-[0-9a-f]{6}")
"""Names with the same first word sort by time. Versions of a smoke test are never promoted."""

CHUNK = 1 << 20


class FileEntry(BaseModel):
    """One file of a version."""

    model_config = ConfigDict(frozen=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class Verdict(BaseModel):
    """The gate's verdict: whether a version may be promoted, and why."""

    model_config = ConfigDict(frozen=True)

    promote: bool
    reason: str


class Manifest(BaseModel):
    """Everything needed to verify a version, and what it was made from. It is written last: without one, a version is incomplete."""

    model_config = ConfigDict(frozen=True)

    version: str = Field(pattern=f"^{VERSION_NAME.pattern}$")
    created_at: datetime
    mode: str
    parent: str | None
    """The version that was live when this run started."""
    code_version: str
    run_id: str
    """Identifies the run that made it: a Step Functions execution, or a run of the command line."""
    files: Mapping[str, FileEntry]
    """By path within the version, excluding the manifest itself."""
    data: Mapping[str, str]
    """sha256 of each input by name (canonical, evaluation, feedback, corpus, base model)."""
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]
    verdict: Verdict


class Pointer(BaseModel):
    """`models/latest`: the live version, and the checksum of its manifest."""

    model_config = ConfigDict(frozen=True)

    version: str
    manifest_sha256: str
    previous: str | None
    promoted_at: datetime
    promoted_by: str


def version_name(kind: str, at: datetime, run_id: str) -> str:
    """`embeddings_v20261122T101500Z-3f9a2c`: sorts by time; the suffix is the same for the same run."""
    return f"{kind}_v{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{hashlib.sha256(run_id.encode()).hexdigest()[:6]}"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex; the file is read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def entry_of(path: Path) -> FileEntry:
    """The manifest entry of a local file."""
    return FileEntry(sha256=sha256_of(path), size=path.stat().st_size)


def as_json(model: BaseModel) -> bytes:
    """A manifest or pointer as the bytes to store: indented JSON, always the same, ending in a newline."""
    return (model.model_dump_json(indent=2) + "\n").encode()
