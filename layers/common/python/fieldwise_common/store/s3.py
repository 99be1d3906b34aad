"""The object store on S3, with conditional writes (If-Match / If-None-Match)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.errors import StoreError
from fieldwise_common.store.objects import ObjectMissing, PreconditionMissed, StoredObject

CONFLICT_TRIES = 3
"""S3 answers 409 while another conditional write to the key is under way: the write is tried again, with the same ETag."""

MISSING = {"NoSuchKey", "404", "NotFound"}
DENIED = {"AccessDenied", "403"}
"""Without s3:ListBucket a missing key is answered 403: to a reader it is missing all the same, to a writer it is not."""


class S3Objects:
    """Objects below `prefix` of one bucket. `client` is boto3's S3 client."""

    def __init__(self, bucket: str, prefix: str, client: Any) -> None:
        self._bucket = bucket
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        self._client = client
        self._transfer = TransferConfig(max_concurrency=8)

    def get(self, key: str) -> StoredObject:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            return StoredObject(answer["Body"].read(), answer["ETag"])
        except (ClientError, BotoCoreError) as error:
            self._refuse_read(error, key)

    def get_if_changed(self, key: str, etag: str) -> StoredObject | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key, IfNoneMatch=etag)
            return StoredObject(answer["Body"].read(), answer["ETag"])
        except ClientError as error:
            if _code(error) in {"304", "NotModified"}:
                return None
            self._refuse_read(error, key)
        except BotoCoreError as error:
            self._refuse_read(error, key)

    def put(self, key: str, body: bytes) -> str:
        try:
            return str(self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=body)["ETag"])
        except (ClientError, BotoCoreError) as error:
            self._refuse(error, key)

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        condition = {"IfMatch": etag} if etag is not None else {"IfNoneMatch": "*"}
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                return str(self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=body, **condition)["ETag"])
            except ClientError as error:
                if _code(error) == "ConditionalRequestConflict" and attempt < CONFLICT_TRIES:
                    continue
                self._refuse(error, key)
            except BotoCoreError as error:
                self._refuse(error, key)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def upload(self, key: str, path: Path) -> None:
        try:
            self._client.upload_file(str(path), self._bucket, self._prefix + key, Config=self._transfer)
        except (ClientError, BotoCoreError, boto3.exceptions.Boto3Error) as error:
            self._refuse(error, key)

    def download(self, key: str, path: Path) -> None:
        try:
            self._client.download_file(self._bucket, self._prefix + key, str(path), Config=self._transfer)
        except (ClientError, BotoCoreError, boto3.exceptions.Boto3Error) as error:
            self._refuse_read(error, key)

    def copy(self, source: str, target: str) -> None:
        try:
            where = {"Bucket": self._bucket, "Key": self._prefix + source}
            self._client.copy(where, self._bucket, self._prefix + target, Config=self._transfer)
        except (ClientError, BotoCoreError, boto3.exceptions.Boto3Error) as error:
            self._refuse_read(error, source)

    def keys(self, prefix: str) -> Iterator[str]:
        for page in self._pages(prefix, Delimiter=""):
            yield from (item["Key"].removeprefix(self._prefix) for item in page.get("Contents", ()))

    def children(self, prefix: str) -> Iterator[str]:
        for page in self._pages(prefix, Delimiter="/"):
            for found in page.get("CommonPrefixes", ()):
                yield found["Prefix"].removeprefix(self._prefix).removeprefix(prefix).strip("/")

    def _pages(self, prefix: str, **more: Any) -> Iterator[dict[str, Any]]:
        try:
            pages = self._client.get_paginator("list_objects_v2")
            yield from pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix, **more)
        except (ClientError, BotoCoreError) as error:
            self._refuse(error, prefix)

    def _refuse_read(self, error: Exception, key: str) -> NoReturn:
        if isinstance(error, ClientError) and _code(error) in DENIED:
            raise ObjectMissing(f"s3://{self._bucket}/{self._prefix}{key} does not exist, or may not be read") from error
        self._refuse(error, key)

    def _refuse(self, error: Exception, key: str) -> NoReturn:
        code = _code(error) if isinstance(error, ClientError) else type(error).__name__
        name = f"s3://{self._bucket}/{self._prefix}{key}"
        if code in MISSING:
            raise ObjectMissing(f"{name} does not exist") from error
        if code in {"PreconditionFailed", "412", "ConditionalRequestConflict"}:
            raise PreconditionMissed(f"{name} has changed meanwhile") from error
        raise StoreError(f"{name}: {code}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def s3_client() -> Any:
    """boto3's S3 client, with timeouts short enough for a function that must answer."""
    return boto3.client("s3", config=Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"}))
