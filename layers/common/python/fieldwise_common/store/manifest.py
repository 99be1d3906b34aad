"""The formats of a version's manifest and of the pointer to the live version."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store.layout import SERVED

VERSION_NAME = re.compile(r"(embeddings|smoketest)_v\d{8}T\d{6}Z-[0-9a-f]{6}")
"""Names with the same first word sort by time. Versions of a smoke test are never promoted."""

CHUNK = 1 << 16
"""Bytes of a file that are read at once."""


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

    @property
    def served(self) -> Mapping[str, FileEntry]:
        """Of `files`, those that inference loads."""
        return {name: entry for name, entry in self.files.items() if name in SERVED}


class Pointer(BaseModel):
    """`models/latest`: the live version, the checksum of its manifest, and how it went live. Also one entry of the history."""

    model_config = ConfigDict(frozen=True)

    version: str
    manifest_sha256: str
    previous: str | None
    """The version that was live before."""
    promoted_at: datetime
    """Later than that of the move before, even if this process's clock is behind."""
    promoted_by: str
    """A run, or the name that an operator gave."""
    kind: Literal["promoted", "rolled back"] = "promoted"
    """By a run that passed the gate, or by an operator."""
    reason: str = ""
    """The gate's, or the operator's; "" in pointers of earlier releases."""
    pruning: tuple[str, ...] = ()
    """Versions that are being deleted and may not go live any more; not part of the history."""
    prunes: int = 0
    """How often `pruning` was changed, so that a pointer never has the bytes, and the ETag, of an earlier one; not of the history."""


def version_name(kind: str, at: datetime, run_id: str) -> str:
    """`embeddings_v20261122T101500Z-3f9a2c`: sorts by time; the suffix is the same for the same run."""
    return f"{kind}_v{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{hashlib.sha256(run_id.encode()).hexdigest()[:6]}"


def made_at(version: str) -> datetime:
    """When the run that made a version began, in UTC, from its name."""
    return datetime.strptime(version.partition("_v")[2].partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex; the file is read in chunks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entry_of(path: Path) -> FileEntry:
    """The manifest entry of a local file."""
    return FileEntry(sha256=sha256_of(path), size=path.stat().st_size)


def write_file(path: Path, chunks: Iterable[bytes]) -> FileEntry:
    """Writes a local file; returns its manifest entry without reading it again. Raises OSError if it can't be written."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += file.write(chunk)
    return FileEntry(sha256=digest.hexdigest(), size=size)


def parse_pointer(body: bytes, name: str = "the pointer") -> Pointer:
    """Raises CorruptVersion, which calls it `name`, when a pointer or an entry of the history can't be parsed."""
    try:
        return Pointer.model_validate_json(body)
    except ValidationError as error:
        raise CorruptVersion(f"{name} can't be parsed") from error


def as_json(model: BaseModel) -> bytes:
    """A manifest or pointer as the bytes to store: indented JSON, always the same, ending in a newline."""
    return (model.model_dump_json(indent=2) + "\n").encode()
