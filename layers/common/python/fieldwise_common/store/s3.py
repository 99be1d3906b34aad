"""An object store on S3, with conditional writes (If-Match, If-None-Match)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from urllib3.exceptions import HTTPError

from fieldwise_common.aws import CALL_ERRORS, code_of, store_error
from fieldwise_common.errors import StoreError
from fieldwise_common.store.manifest import CHUNK, FileEntry, write_file
from fieldwise_common.store.objects import ObjectMissing, PreconditionMissed, StoredObject

CONFLICT_TRIES = 3
"""Attempts at a conditional write: S3 returns 409 while another write to the same key is in progress."""

DOWNLOAD_TRIES = 3
"""Attempts at a file whose bytes stop arriving; botocore repeats only the request."""

DELETE_BATCH = 1000
"""Objects that one request may delete."""

CONFLICT = "ConditionalRequestConflict"
PRECONDITION_FAILED = {"PreconditionFailed", "412", CONFLICT}
NOT_MODIFIED = {"304", "NotModified"}
MISSING = {"NoSuchKey", "404", "NotFound"}
DENIED = {"AccessDenied", "403"}
"""Without s3:ListBucket, S3 returns 403 for a missing key, so a read can't tell it from a denied one."""

READ_ERRORS = (*CALL_ERRORS, HTTPError)
"""What a request and reading the body of its response may raise: botocore passes on some of urllib3's errors, as of TLS, as they are."""

TRANSFER_ERRORS = (*CALL_ERRORS, boto3.exceptions.Boto3Error)
"""What boto3's transfer manager may raise."""


class S3Objects:
    """Objects below `prefix` of one bucket. `client` is boto3's S3 client."""

    def __init__(self, bucket: str, prefix: str, client: Any) -> None:
        self._bucket = bucket
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        self._client = client
        self._transfer = TransferConfig(max_concurrency=8)

    def get(self, key: str) -> StoredObject:
        try:
            response = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            return StoredObject(response["Body"].read(), response["ETag"])
        except READ_ERRORS as error:
            raise self._read_error(error, key) from error

    def get_if_changed(self, key: str, etag: str) -> StoredObject | None:
        try:
            response = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key, IfNoneMatch=etag)
            return StoredObject(response["Body"].read(), response["ETag"])
        except READ_ERRORS as error:
            if code_of(error) in NOT_MODIFIED:
                return None
            raise self._read_error(error, key) from error

    def put(self, key: str, body: bytes) -> str:
        try:
            return str(self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=body)["ETag"])
        except CALL_ERRORS as error:
            raise self._error(error, key) from error

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        condition = {"IfMatch": etag} if etag is not None else {"IfNoneMatch": "*"}
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                return str(self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=body, **condition)["ETag"])
            except CALL_ERRORS as error:
                if code_of(error) != CONFLICT or attempt == CONFLICT_TRIES:
                    raise self._error(error, key) from error
        raise AssertionError("unreachable: the last attempt returns or raises")

    def upload(self, key: str, path: Path) -> None:
        try:
            self._client.upload_file(str(path), self._bucket, self._prefix + key, Config=self._transfer)
        except TRANSFER_ERRORS as error:
            raise self._error(error, key) from error

    def download(self, key: str, path: Path) -> FileEntry:
        # one stream, not boto3's transfer manager: parts that arrive out of order can't be hashed on the way, and the files of a
        # version already fill the line together
        for attempt in range(1, DOWNLOAD_TRIES + 1):
            try:
                body = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)["Body"]
            except CALL_ERRORS as error:
                raise self._read_error(error, key) from error
            try:
                return write_file(path, body.iter_chunks(CHUNK))
            except READ_ERRORS as error:
                if attempt == DOWNLOAD_TRIES:
                    raise self._error(error, key) from error
        raise AssertionError("unreachable: the last attempt returns or raises")

    def copy(self, source: str, target: str) -> None:
        try:
            where = {"Bucket": self._bucket, "Key": self._prefix + source}
            self._client.copy(where, self._bucket, self._prefix + target, Config=self._transfer)
        except TRANSFER_ERRORS as error:
            raise self._read_error(error, source) from error

    def delete(self, keys: Iterable[str]) -> None:
        left = list(keys)
        for start in range(0, len(left), DELETE_BATCH):
            batch = left[start : start + DELETE_BATCH]
            objects = {"Objects": [{"Key": self._prefix + key} for key in batch], "Quiet": True}
            try:
                errors = self._client.delete_objects(Bucket=self._bucket, Delete=objects).get("Errors", [])
            except CALL_ERRORS as error:
                raise self._error(error, batch[0]) from error
            if errors:
                raise StoreError(f"s3://{self._bucket}/{errors[0]['Key']}: {errors[0]['Code']}")

    def size(self, prefix: str) -> int:
        return sum(int(item["Size"]) for page in self._pages(prefix, Delimiter="") for item in page.get("Contents", ()))

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
        except CALL_ERRORS as error:
            raise self._error(error, prefix) from error

    def _read_error(self, error: Exception, key: str) -> StoreError:
        if code_of(error) in DENIED:
            return ObjectMissing(f"{self._uri(key)} does not exist, or access is denied")
        return self._error(error, key)

    def _error(self, error: Exception, key: str) -> StoreError:
        code = code_of(error)
        if code in MISSING:
            return ObjectMissing(f"{self._uri(key)} does not exist")
        if code in PRECONDITION_FAILED:
            return PreconditionMissed(f"{self._uri(key)} has changed since it was read")
        return store_error(self._uri(key), error)

    def _uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{self._prefix}{key}"


def s3_client() -> Any:
    """boto3's S3 client, with timeouts short enough for a function with interactive requests."""
    return boto3.client("s3", config=Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"}))
