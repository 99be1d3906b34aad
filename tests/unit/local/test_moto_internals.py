"""moto's private parts still are what `moto_internals.py` was written for."""

import inspect
from collections.abc import Iterator
from importlib.metadata import version

import pytest
from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import BaseResponse
from moto.s3.models import s3_backends

from local.aws.moto_internals import PARTITION, WRITTEN_FOR, objects_of, put_object, stop_enforcing
from local.template.names import ACCOUNT


def test_moto_is_the_version_this_was_written_for() -> None:
    assert version("moto") == WRITTEN_FOR, "compare moto_internals.py with moto's source, then raise its WRITTEN_FOR"


def test_moto_asks_a_handler_for_its_resource_before_it_checks_a_permission() -> None:
    assert "_determine_resource" in inspect.getsource(BaseResponse)


def test_authorization_is_off_again_after_enforcement_stops() -> None:
    stop_enforcing()

    assert ActionAuthenticatorMixin.request_count == 0
    assert float("inf") == settings.INITIAL_NO_AUTH_ACTION_COUNT


@pytest.fixture
def bucket() -> Iterator[str]:
    backend = s3_backends[ACCOUNT][PARTITION]
    backend.create_bucket("mine", "us-east-1")
    yield "mine"
    backend.reset()


def test_an_object_is_stored_and_found_without_a_request_and_a_deleted_one_is_not(bucket: str) -> None:
    s3_backends[ACCOUNT][PARTITION].put_bucket_versioning(bucket, "Enabled")
    etag = put_object(bucket, "a/b", b"content")
    put_object(bucket, "gone", b"content")
    s3_backends[ACCOUNT][PARTITION].delete_object(bucket, "gone")

    assert {key: (found.etag, found.value) for key, found in objects_of(bucket).items()} == {"a/b": (etag, b"content")}
