"""The decision log's objects in S3, with every version the bucket still holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.erase.aws import store_errors

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
        """All versions, current or not."""
        pages = self._s3.get_paginator("list_object_versions")
        for prefix in PREFIXES:
            with store_errors(self._uri(prefix)):
                for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                    yield from (ObjectVersion(v["Key"], v["VersionId"], v["ETag"], v["IsLatest"]) for v in page.get("Versions", ()))

    def read(self, version: ObjectVersion) -> bytes:
        """The body of a version."""
        with store_errors(self._uri(version.key)):
            body: bytes = self._s3.get_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)["Body"].read()
        return body

    def replace(self, version: ObjectVersion, body: bytes) -> None:
        """Writes a new current version if `version` is still the current one."""
        with store_errors(self._uri(version.key)):
            self._s3.put_object(Bucket=self._bucket, Key=version.key, Body=body, IfMatch=version.etag)

    def delete(self, version: ObjectVersion) -> None:
        """Deletes the version for good."""
        with store_errors(self._uri(version.key)):
            self._s3.delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)

    def _uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"
