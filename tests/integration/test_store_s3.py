from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from fieldwise_common.errors import PromotionConflict, StoreError
from fieldwise_common.store.layout import POINTER
from fieldwise_common.store.manifest import Manifest, Verdict, entry_of, version_name
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.objects import ObjectMissing, PreconditionMissed
from fieldwise_common.store.prune import prune
from fieldwise_common.store.s3 import CONFLICT_TRIES, DELETE_BATCH, DOWNLOAD_TRIES, S3Objects, s3_client

BUCKET = "fieldwise-data"
NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for key, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(key, value)
    with mock_aws():
        made = s3_client()
        made.create_bucket(Bucket=BUCKET)
        yield made


@pytest.fixture
def objects(client: Any) -> S3Objects:
    return S3Objects(BUCKET, "models", client)


def answer_conflict(client: Any, times: int) -> list[str]:
    """Makes S3 return 409 for the next `times` PutObject calls, as it does while another conditional write is in progress."""
    refused: list[str] = []

    def refuse(params: dict[str, Any], **_event: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        if len(refused) >= times:
            return None
        refused.append(params["headers"].get("If-Match", "none expected"))
        return AWSResponse(params["url"], 409, {}, None), {"Error": {"Code": "ConditionalRequestConflict"}}

    client.meta.events.register_first("before-call.s3.PutObject", refuse)
    return refused


def deny(client: Any, operation: str) -> None:
    """Makes S3 reject an operation as it does without permission; without s3:ListBucket, it does so for missing objects too."""

    def refuse(params: dict[str, Any], **_event: Any) -> tuple[AWSResponse, dict[str, Any]]:
        return AWSResponse(params["url"], 403, {}, None), {"Error": {"Code": "AccessDenied"}}

    client.meta.events.register_first(f"before-call.s3.{operation}", refuse)


def sealed(store: ModelStore, run_id: str) -> str:
    name = version_name("embeddings", NOW, run_id)
    store.seal(
        Manifest(
            version=name,
            created_at=NOW,
            mode="build-index",
            parent=None,
            code_version="test",
            run_id=run_id,
            files={},
            data={},
            parameters={},
            metrics={},
            verdict=Verdict(promote=True, reason="good"),
        )
    )
    return name


def test_objects_are_stored_below_the_prefix(objects: S3Objects, client: Any) -> None:
    etag = objects.put("v1/meta.json", b"{}")

    assert client.get_object(Bucket=BUCKET, Key="models/v1/meta.json")["Body"].read() == b"{}"
    assert (objects.get("v1/meta.json").body, objects.get("v1/meta.json").etag) == (b"{}", etag)
    assert objects.get_if_changed("v1/meta.json", etag) is None
    changed = objects.get_if_changed("v1/meta.json", '"older"')
    assert changed is not None
    assert changed.etag == etag


def test_a_store_at_the_root_of_a_bucket_has_no_prefix(client: Any) -> None:
    S3Objects(BUCKET, "", client).put("latest", b"{}")

    assert client.get_object(Bucket=BUCKET, Key="latest")["Body"].read() == b"{}"


def test_reading_a_missing_key_in_any_way_is_an_error(objects: S3Objects, tmp_path: Path) -> None:
    for read in (
        lambda: objects.get("gone"),
        lambda: objects.get_if_changed("gone", '"x"'),
        lambda: objects.download("gone", tmp_path / "here"),
        lambda: objects.copy("gone", "there"),
    ):
        with pytest.raises(ObjectMissing, match="s3://fieldwise-data/models/gone"):
            read()


def test_a_conditional_write_succeeds_only_with_the_current_etag(objects: S3Objects) -> None:
    first = objects.put_if("latest", b"1", None)
    objects.put_if("latest", b"2", first)

    for stale in (None, first):
        with pytest.raises(PreconditionMissed, match="has changed since it was read"):
            objects.put_if("latest", b"3", stale)

    assert objects.get("latest").body == b"2"


def test_a_conditional_write_to_a_missing_key_fails(objects: S3Objects) -> None:
    with pytest.raises(ObjectMissing):
        objects.put_if("latest", b"1", '"was-here"')


def test_a_write_that_conflicts_with_another_is_tried_again_with_the_same_etag(objects: S3Objects, client: Any) -> None:
    etag = objects.put("latest", b"1")
    refused = answer_conflict(client, 1)

    objects.put_if("latest", b"2", etag)

    assert refused == [etag]
    assert objects.get("latest").body == b"2"


def test_a_conflict_that_persists_is_a_missed_precondition(objects: S3Objects, client: Any) -> None:
    refused = answer_conflict(client, 100)

    with pytest.raises(PreconditionMissed):
        objects.put_if("latest", b"1", None)

    assert len(refused) == CONFLICT_TRIES


class Overtaken(S3Objects):
    """Runs `overtake` between the read and the write of the pointer."""

    def __init__(self, client: Any, overtake: Callable[[], object]) -> None:
        super().__init__(BUCKET, "models", client)
        self._overtake: Callable[[], object] | None = overtake

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        if key == POINTER and self._overtake is not None:
            self._overtake, overtake = None, self._overtake
            overtake()
        return super().put_if(key, body, etag)


def test_a_promotion_that_is_overtaken_between_its_read_and_its_write_fails(objects: S3Objects, client: Any) -> None:
    store = ModelStore(objects)
    first, second, third = (sealed(store, run_id) for run_id in "abc")
    store.promote(first, "a", None)
    late = ModelStore(Overtaken(client, lambda: store.promote(second, "b", first)))

    with pytest.raises(PromotionConflict, match=f"{second} is live by now"):
        late.promote(third, "c", first)

    assert store.published().pointer.version == second
    assert [move.version for move in store.history()] == [first, second]


def test_a_promotion_survives_a_prune_that_only_changed_the_pointers_notes(objects: S3Objects, client: Any) -> None:
    store = ModelStore(objects)
    old, first, second = (sealed(store, run_id) for run_id in "xab")
    store.promote(first, "a", None)
    late = ModelStore(Overtaken(client, lambda: prune(store, [old])))

    late.promote(second, "b", first)

    assert (store.published().pointer.version, store.versions()) == (second, tuple(sorted((first, second))))


def test_a_promotion_whose_response_was_lost_is_recognised_on_retry(objects: S3Objects, client: Any) -> None:
    store = ModelStore(objects)
    name = sealed(store, "a")

    def lose_the_answer(parsed: dict[str, Any], http_response: AWSResponse, **_event: Any) -> None:
        client.meta.events.unregister("after-call.s3.PutObject", lose_the_answer)
        http_response.status_code = 412
        parsed["Error"] = {"Code": "PreconditionFailed"}

    client.meta.events.register("after-call.s3.PutObject", lose_the_answer)

    assert store.promote(name, "a", None) == store.published().pointer


def test_of_two_concurrent_first_promotions_only_one_wins(objects: S3Objects) -> None:
    store = ModelStore(objects)
    first, second = sealed(store, "a"), sealed(store, "b")
    store.promote(first, "a", None)

    with pytest.raises(PromotionConflict):
        store.promote(second, "b", None)

    assert store.published().pointer.version == first


def test_files_are_uploaded_downloaded_and_copied(objects: S3Objects, tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(b"content")

    objects.upload("v1/file", tmp_path / "here")
    objects.copy("v1/file", "v2/deep/file")
    downloaded = objects.download("v2/deep/file", tmp_path / "back")

    assert (tmp_path / "back").read_bytes() == b"content"
    assert downloaded == entry_of(tmp_path / "here")


STALLED = urllib3.exceptions.ReadTimeoutError(None, None, "stalled")  # type: ignore[arg-type]
BROKEN = urllib3.exceptions.SSLError("bad record")
"""As urllib3 raises it; botocore doesn't translate it."""


class StalledBody:
    """Of a response whose bytes stop arriving after the first."""

    def __init__(self, failure: Exception) -> None:
        self.left, self._failure = [b"c"], failure

    def read(self, amount: int | None = None) -> bytes:
        if self.left and amount is not None:
            return self.left.pop()
        raise self._failure


def stall(client: Any, times: int, failure: Exception = STALLED) -> list[str]:
    """Makes the next `times` downloads fail after their first byte."""
    stalled: list[str] = []

    def respond(request: Any, **_event: Any) -> AWSResponse | None:
        if len(stalled) >= times:
            return None
        stalled.append(request.url)
        return AWSResponse(request.url, 200, {"content-length": "7"}, StalledBody(failure))

    client.meta.events.register_first("before-send.s3.GetObject", respond)
    return stalled


@pytest.mark.parametrize("failure", [STALLED, BROKEN], ids=["stalls", "TLS fails"])
def test_a_download_that_stops_is_tried_again_from_the_start(objects: S3Objects, client: Any, tmp_path: Path, failure: Exception) -> None:
    objects.put("file", b"content")
    stalled = stall(client, DOWNLOAD_TRIES - 1, failure)

    objects.download("file", tmp_path / "back")

    assert len(stalled) == DOWNLOAD_TRIES - 1
    assert (tmp_path / "back").read_bytes() == b"content"


@pytest.mark.parametrize("failure", [STALLED, BROKEN], ids=["stalls", "TLS fails"])
def test_a_download_that_keeps_stopping_is_a_store_error_and_leaves_nothing_in_the_cache(
    objects: S3Objects, client: Any, tmp_path: Path, failure: Exception
) -> None:
    (tmp_path / "made").write_bytes(b"content")
    objects.upload("v/file", tmp_path / "made")
    stalled = stall(client, 99, failure)

    with pytest.raises(StoreError, match=f"s3://fieldwise-data/models/v/file: {type(failure).__name__}"):
        ModelStore(objects).fetch("v", {"file": entry_of(tmp_path / "made")}, tmp_path / "cache")

    assert len(stalled) == DOWNLOAD_TRIES
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_object_whose_bytes_stop_arriving_is_a_store_error(objects: S3Objects, client: Any) -> None:
    objects.put("latest", b"content")
    stall(client, 99, BROKEN)

    for read in (lambda: objects.get("latest"), lambda: objects.get_if_changed("latest", '"older"')):
        with pytest.raises(StoreError, match="s3://fieldwise-data/models/latest: SSLError"):
            read()


def test_keys_and_children_are_sorted_over_all_pages(objects: S3Objects, client: Any) -> None:
    for number in range(1005):
        client.put_object(Bucket=BUCKET, Key=f"models/v1/{number:04}", Body=b"")
    objects.put("v2/deep/file", b"")
    objects.put("latest", b"")
    client.put_object(Bucket=BUCKET, Key="decisions/2026", Body=b"")

    assert len(list(objects.keys("v1/"))) == 1005
    assert list(objects.keys("v2/")) == ["v2/deep/file"]
    assert list(objects.children("")) == ["v1", "v2"]


def test_any_other_failure_is_a_store_error_with_key_and_code(client: Any, tmp_path: Path) -> None:
    elsewhere = S3Objects("no-such-bucket", "models", client)
    (tmp_path / "here").write_bytes(b"")

    for act in (
        lambda: elsewhere.get("latest"),
        lambda: elsewhere.put("latest", b""),
        lambda: elsewhere.put_if("latest", b"", None),
        lambda: elsewhere.upload("latest", tmp_path / "here"),
        lambda: list(elsewhere.keys("")),
    ):
        with pytest.raises(StoreError, match=r"s3://no-such-bucket/models/.*NoSuchBucket|s3://no-such-bucket/models/latest"):
            act()


def test_an_unreachable_endpoint_is_a_store_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    unreachable = boto3.client("s3", region_name="us-east-1", endpoint_url="http://127.0.0.1:1")
    unreachable.meta.config.retries = {"total_max_attempts": 1}
    objects = S3Objects(BUCKET, "models", unreachable)

    for act in (lambda: objects.get_if_changed("latest", '"x"'), lambda: objects.put_if("latest", b"", None)):
        with pytest.raises(StoreError, match="EndpointConnectionError"):
            act()


def test_a_denied_read_is_a_missing_object_and_a_denied_write_or_listing_an_error(objects: S3Objects, client: Any) -> None:
    for operation in ("GetObject", "PutObject", "ListObjectsV2"):
        deny(client, operation)

    with pytest.raises(ObjectMissing, match="does not exist, or access is denied"):
        objects.get("latest")
    with pytest.raises(StoreError, match="latest: AccessDenied"):
        objects.put("latest", b"{}")
    with pytest.raises(StoreError, match="latest: AccessDenied"):
        objects.put_if("latest", b"{}", None)
    with pytest.raises(StoreError, match="AccessDenied"):
        list(objects.keys(""))


def test_objects_are_deleted_in_batches_and_their_sizes_added_up(objects: S3Objects) -> None:
    for number in range(3):
        objects.put(f"v/{number}", b"12345")
    objects.put("other", b"1")

    size = objects.size("v/")
    objects.delete([*objects.keys("v/"), *(f"missing/{number}" for number in range(DELETE_BATCH))])

    assert size == 15
    assert list(objects.keys("")) == ["other"]


def test_an_object_that_may_not_be_deleted_is_named(objects: S3Objects, client: Any) -> None:
    def refuse(parsed: dict[str, Any], **_event: Any) -> None:
        parsed["Errors"] = [{"Key": "models/latest", "Code": "AccessDenied"}]

    client.meta.events.register("after-call.s3.DeleteObjects", refuse)

    with pytest.raises(StoreError, match=r"s3://fieldwise-data/models/latest: AccessDenied"):
        objects.delete(["latest"])
