"""When a new version is served, and when the old one stays in use."""

import json
from pathlib import Path

import faiss
import numpy as np
import pytest
from httpx import Client
from onnx import TensorProto, helper
from tests.support.issuer import Issuer
from tests.support.tiny_ranker import settings_of
from tests.support.tiny_version import publish
from tests.unit.inference.conftest import classify

from fieldwise_common.errors import NoVersionPublished
from fieldwise_common.observability import metrics
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.model_store import ModelStore
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.serving.holder import VersionHolder


def test_a_reload_serves_the_new_version(client: Client, objects: FolderObjects, tmp_path: Path, version: str) -> None:
    assert classify(client, {"selector": "#a", "label": "Phone"})["matches"][0]["canonical"] == "tel"
    newer = publish(objects, tmp_path / "scratch", "second", {"nickname": ("Phone",)})

    reloaded = client.post("/reload")
    again = client.post("/reload")

    assert reloaded.json() == {"model_version": newer, "changed": True}
    assert again.json() == {"model_version": newer, "changed": False}
    assert classify(client, {"selector": "#a", "label": "Phone"})["matches"][0]["canonical"] == "nickname"


def test_a_reload_needs_the_admin_scope(client: Client, issuer: Issuer, version: str) -> None:
    response = client.post("/reload", headers={"authorization": f"Bearer {issuer.token()}"})

    assert response.status_code == 403


NEWER = {"nickname": ("Phone",)}


def _other_graph() -> bytes:
    """A graph that can be loaded but has the wrong inputs for an encoder."""
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Abs", ["x"], ["y"])], "other", [given], [output])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def _graph_with_an_unknown_operator() -> bytes:
    wanted = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Divine", ["x"], ["y"])], "other", [given], [wanted])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def _other_dimension() -> dict[str, bytes]:
    """An index and its texts that fit each other, but not the encoder."""
    index = faiss.IndexIDMap(faiss.IndexFlatIP(4))
    index.add_with_ids(np.eye(1, 4, dtype=np.float32), np.zeros(1, np.int64))
    meta = {"metric": "inner_product", "kind": "per-synonym", "dimension": 4, "entries": {"0": ("nickname", "Phone")}}
    return {"index.faiss": faiss.serialize_index(index).tobytes(), "meta.json": json.dumps(meta).encode()}


def _other_type() -> bytes:
    """An index of a type that this build of FAISS does not know, by the four letters that its file begins with."""
    return b"IxZZ" + faiss.serialize_index(faiss.IndexFlatIP(8)).tobytes()[4:]


def _other_entries() -> bytes:
    """As many texts as vectors, under other numbers."""
    entries = {str(100 + number): ("nickname", "Phone") for number in range(len(NEWER))}
    return json.dumps({"metric": "inner_product", "kind": "per-synonym", "dimension": 8, "entries": entries}).encode()


@pytest.mark.parametrize(
    ("instead", "damage"),
    [
        ({}, {"index.faiss": b""}),
        ({}, {"lexicon.json": b"{}"}),
        ({}, {"meta.json": b'{"metric":'}),
        ({"encoder.onnx": b"not a graph"}, {}),
        ({"encoder.onnx": _other_graph()}, {}),
        ({"encoder.onnx": _graph_with_an_unknown_operator()}, {}),
        ({"tokenizer.json": b"{}"}, {}),
        ({"encoder.json": b"{}"}, {}),
        ({"index.faiss": b"not an index"}, {}),
        ({"index.faiss": _other_type()}, {}),
        (_other_dimension(), {}),
        ({"meta.json": _other_entries()}, {}),
        ({"lexicon.json": b"{}"}, {}),
        ({"sites.json": b'{"sites": {"s": {"f": {"agree": "many"}}}}'}, {}),
        ({"thresholds.json": b'{"semantic": 7}'}, {}),
        ({"ranker.json": settings_of(["tel"], features=FEATURES + 1).model_dump_json().encode()}, {}),
        ({"ranker.npz": b"not arrays"}, {}),
    ],
)
def test_a_damaged_or_inconsistent_version_is_refused_by_name_and_the_old_one_stays_in_use(
    instead: dict[str, bytes], damage: dict[str, bytes], client: Client, objects: FolderObjects, tmp_path: Path, version: str
) -> None:
    classify(client, {"selector": "#a", "label": "Phone"})
    bad = publish(objects, tmp_path / "scratch", "second", NEWER, instead=instead, damage=damage)

    response = client.post("/reload")
    health = client.get("/ml/health")

    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert bad in response.json()["detail"]
    assert next(iter(instead or damage)) in response.json()["detail"]
    assert response.json()["model_version"] == version
    assert classify(client, {"selector": "#a", "label": "Phone"})["model_version"] == version
    assert health.status_code == 503
    assert health.json()["status"] == "error"
    assert health.json()["model_version"] == version
    assert bad in health.json()["error"]


def test_a_manifest_whose_hash_differs_from_the_pointers_is_refused(
    client: Client, objects: FolderObjects, tmp_path: Path, version: str
) -> None:
    classify(client, {"selector": "#a", "label": "Phone"})
    bad = publish(objects, tmp_path / "scratch", "second", NEWER)
    objects.put(f"{bad}/manifest.json", objects.get(f"{bad}/manifest.json").body + b" ")

    response = client.post("/reload")

    assert response.status_code == 503
    assert f"{bad}/manifest.json" in response.json()["detail"]
    assert client.get("/ml/health").json()["model_version"] == version


def test_a_pointer_to_a_missing_version_is_refused_by_name(client: Client, objects: FolderObjects, tmp_path: Path, version: str) -> None:
    classify(client, {"selector": "#a", "label": "Phone"})
    bad = publish(objects, tmp_path / "scratch", "second", NEWER)
    (tmp_path / "models" / bad / "manifest.json").unlink()

    response = client.post("/reload")

    assert response.status_code == 503
    assert bad in response.json()["detail"]
    assert response.json()["model_version"] == version


def test_a_file_that_two_versions_share_is_downloaded_once(client: Client, objects: FolderObjects, tmp_path: Path, version: str) -> None:
    classify(client, {"selector": "#a", "label": "Phone"})
    newer = publish(objects, tmp_path / "scratch", "second", NEWER, damage={"encoder.onnx": b"not looked at"})

    assert client.post("/reload").json() == {"model_version": newer, "changed": True}


def test_health_recovers_when_the_pointer_is_moved_back(client: Client, objects: FolderObjects, tmp_path: Path, version: str) -> None:
    classify(client, {"selector": "#a", "label": "Phone"})
    publish(objects, tmp_path / "scratch", "second", NEWER, damage={"index.faiss": b""})
    client.post("/reload")
    ModelStore(objects).roll_back(version, "an operator")

    assert client.post("/reload").json() == {"model_version": version, "changed": False}
    assert client.get("/ml/health").json()["status"] == "ok"


def test_a_missing_pointer_counts_as_a_failed_load_only_after_a_version_was_loaded(
    client: Client, objects: FolderObjects, holder: VersionHolder, tmp_path: Path
) -> None:
    metrics.clear_metrics()

    assert client.get("/ml/health").status_code == 503
    assert "ModelLoadFailed" not in metrics.metric_set

    publish(objects, tmp_path / "scratch")
    holder.reload()
    (tmp_path / "models" / "latest").unlink()
    with pytest.raises(NoVersionPublished):
        holder.reload()
    assert metrics.metric_set["ModelLoadFailed"]["Value"] == [1.0]
