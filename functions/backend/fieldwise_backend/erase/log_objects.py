"""The decision log's objects with every version the bucket still has of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.errors import StoreError

PREFIXES = ("decisions/", "decision-errors/")


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object; `is_current` for the one a reader gets."""

    key: str
    version_id: str
    etag: str
    is_current: bool


class LogObjects:
    """The log in one bucket. `client` is boto3's S3 client. Every method raises StoreError naming the object."""

    def __init__(self, bucket: str, client: Any) -> None:
        self._bucket = bucket
        self._client = client

    def versions(self) -> Iterator[ObjectVersion]:
        """All of them, noncurrent ones too."""
        pages = self._client.get_paginator("list_object_versions")
        for prefix in PREFIXES:
            try:
                for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                    yield from (ObjectVersion(v["Key"], v["VersionId"], v["ETag"], v["IsLatest"]) for v in page.get("Versions", ()))
            except (ClientError, BotoCoreError) as error:
                self._refuse(prefix, error)

    def read(self, version: ObjectVersion) -> bytes:
        """The body of a version."""
        try:
            body: bytes = self._client.get_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)["Body"].read()
        except (ClientError, BotoCoreError) as error:
            self._refuse(version.key, error)
        return body

    def replace(self, version: ObjectVersion, body: bytes) -> None:
        """A new current version, if `version` is still the current one."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=version.key, Body=body, IfMatch=version.etag)
        except (ClientError, BotoCoreError) as error:
            self._refuse(version.key, error)

    def delete(self, version: ObjectVersion) -> None:
        """For good: that version is not to be had any more."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)
        except (ClientError, BotoCoreError) as error:
            self._refuse(version.key, error)

    def _refuse(self, key: str, error: ClientError | BotoCoreError) -> NoReturn:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        raise StoreError(f"s3://{self._bucket}/{key}: {code}") from error
