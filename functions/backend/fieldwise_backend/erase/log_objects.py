"""The decision log's objects with every version the bucket still has of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fieldwise_backend.erase.aws import REFUSALS, refuse

PREFIXES = ("decisions/", "decision-errors/")


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object; `is_current` for the one a reader gets."""

    key: str
    version_id: str
    etag: str
    is_current: bool


class LogObjects:
    """The log in one bucket. `s3` is boto3's client. Every method raises StoreError naming the object."""

    def __init__(self, bucket: str, s3: Any) -> None:
        self._bucket = bucket
        self._s3 = s3

    def versions(self) -> Iterator[ObjectVersion]:
        """All of them, noncurrent ones too."""
        pages = self._s3.get_paginator("list_object_versions")
        for prefix in PREFIXES:
            try:
                for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                    yield from (ObjectVersion(v["Key"], v["VersionId"], v["ETag"], v["IsLatest"]) for v in page.get("Versions", ()))
            except REFUSALS as error:
                refuse(self._uri(prefix), error)

    def read(self, version: ObjectVersion) -> bytes:
        """The body of a version."""
        try:
            body: bytes = self._s3.get_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)["Body"].read()
        except REFUSALS as error:
            refuse(self._uri(version.key), error)
        return body

    def replace(self, version: ObjectVersion, body: bytes) -> None:
        """A new current version, if `version` is still the current one."""
        try:
            self._s3.put_object(Bucket=self._bucket, Key=version.key, Body=body, IfMatch=version.etag)
        except REFUSALS as error:
            refuse(self._uri(version.key), error)

    def delete(self, version: ObjectVersion) -> None:
        """For good: that version is not to be had any more."""
        try:
            self._s3.delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)
        except REFUSALS as error:
            refuse(self._uri(version.key), error)

    def _uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"
