"""What goes wrong while a version is loaded, and what a promotion keeps."""

import errno
import io
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest
from httpx import Client
from tests.support.tiny_version import publish
from tests.unit.inference.conftest import classify

from fieldwise_common.errors import CorruptVersion, DownloadRefused, FieldwiseError, NoVersionPublished, StoreError
from fieldwise_common.observability import logger, metrics
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.manifest import FileEntry
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.objects import StoredObject
from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_inference.classify import decide
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.dependencies import make_holder, preload
from fieldwise_inference.serving import holder as serving
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_inference.serving.holder import VersionHolder
from fieldwise_inference.serving.instrumented import _TimedEncoder
from fieldwise_inference.settings import InferenceSettings

NEWER = {"nickname": ("Phone",), "given-name": ("First name",)}
REQUEST = MlClassifyRequest(fields=(FieldDescriptor(selector="#a", label="Phone"), FieldDescriptor(selector="#b", label="First name")))
FOREVER = 60.0
"""Seconds; a test that takes as long fails."""


class Watched(FolderObjects):
    """A store in a folder that counts its reads, and holds those of the pointer while `is_open` is not set."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: Counter[str] = Counter()
        self.is_open = threading.Event()
        self.is_open.set()

    def get(self, key: str) -> StoredObject:
        self.reads[key] += 1
        if key == "latest":
            assert self.is_open.wait(FOREVER)
        return super().get(key)

    def download(self, key: str, path: Path) -> FileEntry:
        self.reads[key] += 1
        return super().download(key, path)


@pytest.fixture
def objects(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "models")


@pytest.fixture
def holder(objects: Watched, tmp_path: Path) -> Iterator[VersionHolder]:
    yield VersionHolder(ModelStore(objects), tmp_path / "cache", poll_seconds=3600, max_wait_seconds=FOREVER)
    metrics.clear_metrics()


def encoder_of(version: LoadedVersion) -> OnnxEncoder:
    assert isinstance(version.encoder, _TimedEncoder)
    assert isinstance(version.encoder.inner, OnnxEncoder)
    return version.encoder.inner


def herd(objects: Watched, call: Callable[[], LoadedVersion], size: int = 16) -> list[LoadedVersion | FieldwiseError]:
    """What `size` threads get that all call while the first of them reads the pointer."""
    objects.is_open.clear()
    started = threading.Semaphore(0)

    def one() -> LoadedVersion | FieldwiseError:
        started.release()
        try:
            return call()
        except FieldwiseError as error:
            return error

    with ThreadPoolExecutor(size) as pool:
        futures = [pool.submit(one) for _ in range(size)]
        for _ in range(size):
            assert started.acquire(timeout=FOREVER)
        time.sleep(0.05)  # from the semaphore to the call is no time at all; a thread that is later still finds the version loaded
        objects.is_open.set()
        return [future.result(FOREVER) for future in futures]


def test_a_herd_of_requests_on_a_cold_process_loads_the_version_once(objects: Watched, holder: VersionHolder, tmp_path: Path) -> None:
    version = publish(objects, tmp_path / "scratch")
    objects.reads.clear()

    got = herd(objects, holder.current)

    assert {one.version for one in got if isinstance(one, LoadedVersion)} == {version}
    assert len({id(one) for one in got}) == 1
    assert {objects.reads[f"{version}/{name}"] for name in ("encoder.onnx", "index.faiss", "ranker.npz")} == {1}


def test_a_herd_on_a_store_without_a_version_shares_one_attempt(objects: Watched, holder: VersionHolder) -> None:
    got = herd(objects, holder.current)

    assert {type(one) for one in got} == {NoVersionPublished}
    assert objects.reads["latest"] < len(got)


def test_a_swap_under_load_drops_nothing_and_mixes_nothing(objects: Watched, tmp_path: Path) -> None:
    answers = {publish(objects, tmp_path / "scratch", "old"): "tel", publish(objects, tmp_path / "scratch", "new", NEWER): "nickname"}
    store = ModelStore(objects)
    polling = VersionHolder(store, tmp_path / "cache", poll_seconds=0)
    ended = threading.Event()

    def ask() -> set[tuple[str, str | None]]:
        seen = set()
        while not ended.is_set() or len(seen) < 2:
            response = decide.classify(polling.current(), REQUEST)
            seen |= {(response.model_version, decision.predicted) for decision in response.decisions if decision.position == 0}
        return seen

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask) for _ in range(4)]
        try:
            for version in islice(cycle(answers), 12):
                store.roll_back(version, "a test")
                polling.reload()
        finally:
            ended.set()
        seen = set().union(*(future.result(FOREVER) for future in asked))

    assert seen == set(answers.items())
    assert polling.last_error is None
    metrics.clear_metrics()


def test_a_slow_store_delays_no_request_that_a_loaded_version_can_answer(objects: Watched, tmp_path: Path) -> None:
    old = publish(objects, tmp_path / "scratch")
    impatient = VersionHolder(ModelStore(objects), tmp_path / "cache", poll_seconds=0, max_wait_seconds=0.01)
    assert impatient.current().version == old
    new = publish(objects, tmp_path / "scratch", "second", NEWER)
    objects.is_open.clear()

    meanwhile = {impatient.current().version for _ in range(20)}
    reads = objects.reads["latest"]
    impatient.current()

    assert meanwhile == {old}
    assert objects.reads["latest"] == reads  # one poll goes on, whatever the number of requests
    objects.is_open.set()
    deadline = time.monotonic() + FOREVER
    while impatient.current().version == old:
        assert time.monotonic() < deadline
    assert impatient.current().version == new
    assert (impatient.last_error, metrics.metric_set["StoreTime"]["Value"] != []) == (None, True)
    metrics.clear_metrics()


def test_a_version_that_is_being_loaded_is_waited_for_by_each_request(
    objects: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Lambda the loading thread stands still between requests: requests that don't wait would never see the version."""
    publish(objects, tmp_path / "scratch")
    holder = VersionHolder(ModelStore(objects), tmp_path / "cache", poll_seconds=0, max_wait_seconds=0.3)
    holder.current()
    new = publish(objects, tmp_path / "scratch", "second", NEWER)
    load = serving.load_version

    def slowly(*given: object) -> LoadedVersion:
        time.sleep(1)
        return load(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(serving, "load_version", slowly)

    assert holder.current().version == new
    metrics.clear_metrics()


def test_a_load_that_takes_too_long_is_waited_for_by_those_alone_who_have_the_time(
    objects: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = publish(objects, tmp_path / "scratch")
    holder = VersionHolder(ModelStore(objects), tmp_path / "cache", poll_seconds=0, max_wait_seconds=0.05, max_load_wait_seconds=0.05)
    holder.current()
    new = publish(objects, tmp_path / "scratch", "second", NEWER)
    may_load, load = threading.Event(), serving.load_version

    def held_up(*given: object) -> LoadedVersion:
        may_load.wait(FOREVER)
        return load(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(serving, "load_version", held_up)

    assert holder.current().version == old
    threading.Timer(0.2, may_load.set).start()
    assert holder.caught_up().version == new
    metrics.clear_metrics()


def test_a_store_that_fails_while_it_is_polled_turns_health_red_and_the_loaded_version_serves(
    objects: Watched, holder: VersionHolder, client: Client, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder.current()
    metrics.clear_metrics()

    def time_out(*_: object) -> None:
        raise StoreError("s3://bucket/latest: ReadTimeoutError")

    monkeypatch.setattr(objects, "get_if_changed", time_out)
    holder.poll_next()

    assert classify(client, {"selector": "#a", "label": "Phone"})["model_version"] == version
    assert client.get("/ml/health").json()["error"] == "the model store can't be read"
    assert metrics.metric_set["ModelLoadFailed"]["Value"] == [1.0]
    monkeypatch.undo()
    holder.poll_next()
    assert client.get("/ml/health").json()["status"] == "ok"


def test_an_unforeseen_error_turns_health_red_and_the_loaded_version_serves(
    objects: Watched, holder: VersionHolder, client: Client, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder.current()
    publish(objects, tmp_path / "scratch", "second", NEWER)
    monkeypatch.setattr(serving, "load_version", lambda *_: 1 / 0)
    holder.poll_next()

    assert classify(client, {"selector": "#a", "label": "Phone"})["model_version"] == version
    assert client.get("/ml/health").json()["error"] == "the version can't be loaded: ZeroDivisionError"
    monkeypatch.undo()
    holder.poll_next()
    assert client.get("/ml/health").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.ENOSPC, r"free \d+\.\d MB or more in it"), (errno.EROFS, "make it writable")], ids=["full", "read-only"]
)
def test_a_temp_folder_that_takes_no_file_is_named_and_the_loaded_version_serves(
    number: int, advice: str, objects: Watched, holder: VersionHolder, client: Client, version: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    holder.current()
    before = {path.name for path in (tmp_path / "cache").iterdir()}
    newer = publish(objects, tmp_path / "scratch", "second", NEWER)

    def write_half(_: str, path: Path) -> FileEntry:
        if number == errno.ENOSPC:
            path.write_bytes(b"half of it")
        raise OSError(number, "")

    monkeypatch.setattr(objects, "download", write_half)
    with pytest.raises(
        DownloadRefused, match=rf"the temp folder can't take {newer}/.*\({errno.errorcode[number]}\): {advice}, or .* TMPDIR"
    ):
        holder.reload()

    assert {path.name for path in (tmp_path / "cache").iterdir()} == before
    assert classify(client, {"selector": "#a", "label": "Phone"})["model_version"] == version
    health = client.get("/ml/health")
    assert (health.status_code, health.json()["model_version"]) == (503, version)
    assert "the temp folder can't take" in health.json()["error"]
    monkeypatch.undo()
    assert client.post("/reload").json() == {"model_version": newer, "changed": True}


def test_a_store_that_fails_while_it_is_read_is_named_and_not_the_temp_folder(
    objects: Watched, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (memory := Path("/proc/self/mem")).exists():
        pytest.skip("needs a file that can be opened, but not read")
    monkeypatch.setattr(objects, "_path", lambda key: memory if key.endswith("index.faiss") else tmp_path / "models" / key)

    with pytest.raises(StoreError, match=rf"{memory} can't be read: {os.strerror(errno.EIO)}"):
        VersionHolder(ModelStore(objects), tmp_path / "cache", 3600).current()


def test_a_cached_file_that_can_not_be_read_is_downloaded_again(
    objects: Watched, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, cache = ModelStore(objects), tmp_path / "cache"
    files = store.manifest(version).served
    store.fetch(version, files, cache)

    def fail(_: Path) -> FileEntry:
        raise OSError(errno.EIO, "")

    monkeypatch.setattr("fieldwise_common.store.model_store.entry_of", fail)
    objects.reads.clear()
    store.fetch(version, files, cache)

    assert set(objects.reads) == {f"{version}/{name}" for name in files}


def test_a_temp_folder_that_can_not_be_made_is_named(objects: Watched, tmp_path: Path, version: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DownloadRefused, match=r"ENOTDIR.*TMPDIR"):
        VersionHolder(ModelStore(objects), tmp_path / "file" / "cache", 3600).current()


def test_a_damaged_file_is_named_once(objects: Watched, holder: VersionHolder, tmp_path: Path) -> None:
    version = publish(objects, tmp_path / "scratch", damage={"index.faiss": b""})

    with pytest.raises(CorruptVersion) as refused:
        holder.current()

    assert str(refused.value) == f"{version}/index.faiss differs from its manifest"


def test_a_file_that_vanishes_after_its_download_is_named(objects: Watched, version: str, tmp_path: Path) -> None:
    store = ModelStore(objects)
    files = store.fetch(version, store.manifest(version).served, tmp_path / "cache")
    files["lexicon.json"].unlink()

    with pytest.raises(CorruptVersion, match=rf"{version}: lexicon\.json can't be read: FileNotFoundError"):
        serving.load_version(version, files)


def test_a_promotion_keeps_the_encoder_and_the_vectors_it_remembers(objects: Watched, holder: VersionHolder, tmp_path: Path) -> None:
    publish(objects, tmp_path / "scratch")
    before = encoder_of(holder.current())
    vector = before.encode(["a phone"])
    publish(objects, tmp_path / "scratch", "second", NEWER)

    assert holder.reload()

    after = encoder_of(holder.current())
    assert after is before
    assert "a phone" in after._cache
    assert (after.encode(["a phone"]) == vector).all()


def test_a_promotion_of_another_encoder_remembers_nothing(objects: Watched, holder: VersionHolder, tmp_path: Path) -> None:
    publish(objects, tmp_path / "scratch")
    before = encoder_of(holder.current())
    before.encode(["a phone"])
    other = b'{"dimension": 8, "max_tokens": 2, "precision": "fp32", "base_model": "tiny"}'
    publish(objects, tmp_path / "scratch", "second", NEWER, instead={"encoder.json": other})

    holder.reload()

    after = encoder_of(holder.current())
    assert after is not before
    assert "a phone" not in after._cache
    assert after.settings.max_tokens == 2


def test_the_holder_has_the_milliseconds_of_each_phase_of_the_last_load(
    holder: VersionHolder, objects: Watched, version: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not holder.phases
    caplog.set_level("INFO", logger.name)

    holder.current()

    assert set(holder.phases) == {"download", "encoder", "index", "lexicon", "ranker", "smoke"}
    assert all(milliseconds > 0 for milliseconds in holder.phases.values())
    [live] = [record for record in caplog.records if record.getMessage() == "model version live"]
    assert set(vars(live)["milliseconds"]) == set(holder.phases)


def test_a_version_whose_parts_fail_together_is_refused(objects: Watched, holder: VersionHolder, tmp_path: Path) -> None:
    """Each part can be loaded; only a decision shows that the ranker knows no match in the lexicon."""
    publish(objects, tmp_path / "scratch")
    with np.load(tmp_path / "scratch" / "first" / "ranker.npz") as arrays:
        weights = {name: array[:, :0] if name.endswith(".lexical") else array for name, array in arrays.items()}
    with io.BytesIO() as file:
        np.savez(file, **weights)  # type: ignore[arg-type]
        version = publish(objects, tmp_path / "scratch", "second", instead={"ranker.npz": file.getvalue()})

    with pytest.raises(CorruptVersion, match=rf"{version}: its parts don't fit each other: deciding a form fails with IndexError"):
        holder.current()


def test_a_process_starts_without_a_temp_folder(tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "full").touch()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "full"))
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "full")])
    monkeypatch.setattr(tempfile, "tempdir", None)
    settings = InferenceSettings(auth_issuer="https://issuer.example", auth_audience="a", model_store=str(tmp_path / "models"))

    holder = make_holder(settings)

    preload(holder)
    with pytest.raises(DownloadRefused, match="TMPDIR"):
        holder.current()
