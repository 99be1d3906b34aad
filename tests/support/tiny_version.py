"""A tiny but complete model version: a real tokenizer of a few words, a real ONNX graph of 8 dimensions, a real index."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import faiss
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tests.support.tiny_ranker import write_ranker
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.manifest import Manifest, Verdict, entry_of, version_name
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.objects import ObjectStore
from fieldwise_inference.serving.encoder import OnnxEncoder

DIMENSION = 8
WORDS = ("[PAD]", "[UNK]", "first", "last", "name", "email", "phone", "search", "remote", "office", "friend", "recruiter")
SYNONYMS = {
    "given-name": ("First name",),
    "family-name": ("Last name",),
    "email": ("Email",),
    "tel": ("Phone",),
    "none:search": ("Search",),
}


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


def _graph() -> onnx.ModelProto:
    """Mean-pools the word embeddings, without padding, and normalises the result to a unit vector."""
    table = np.random.default_rng(7).normal(size=(len(WORDS), DIMENSION)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
        helper.make_node("Mul", ["words", "wide_mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "over_words"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["wide_mask", "over_words"], ["count"], keepdims=0),
        helper.make_node("Div", ["sum", "count"], ["mean"]),
        helper.make_node("LpNormalization", ["mean"], ["vector"], axis=-1, p=2),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", DIMENSION])
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([-1], np.int64), "last"),
        numpy_helper.from_array(np.array([1], np.int64), "over_words"),
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, [output], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def write_encoder(folder: Path) -> OnnxEncoder:
    """Writes the tiny encoder's three files into `folder`; returns the encoder."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_graph(), str(folder / "encoder.onnx"))
    _tokenizer().save(str(folder / "tokenizer.json"))
    settings = {"dimension": DIMENSION, "max_tokens": 16, "precision": "fp32", "base_model": "tiny"}
    (folder / "encoder.json").write_text(json.dumps(settings))
    return OnnxEncoder(folder / "encoder.onnx", folder / "tokenizer.json", folder / "encoder.json")


def write_version(folder: Path, synonyms: Mapping[str, tuple[str, ...]] = SYNONYMS, has_ranker: bool = True) -> dict[str, Path]:
    """Writes every served file of a version into `folder`; returns them by name."""
    encoder = write_encoder(folder)
    pairs = [(canonical, text) for canonical, texts in synonyms.items() for text in texts]
    index = faiss.IndexIDMap(faiss.IndexFlatIP(DIMENSION))
    index.add_with_ids(encoder.encode([text for _, text in pairs]), np.arange(len(pairs), dtype=np.int64))
    faiss.write_index(index, str(folder / "index.faiss"))
    entries = {str(number): pair for number, pair in enumerate(pairs)}
    meta = {"metric": "inner_product", "kind": "per-synonym", "dimension": DIMENSION, "entries": entries}
    (folder / "meta.json").write_text(json.dumps(meta))
    lexicon = {"exact": {text.lower(): canonical for canonical, text in pairs}, "rejected": {}}
    (folder / "lexicon.json").write_text(json.dumps(lexicon))
    (folder / "thresholds.json").write_text("{}")
    if has_ranker:
        write_ranker(folder, synonyms)
    return {path.name: path for path in folder.iterdir()}


def publish(
    objects: ObjectStore,
    scratch: Path,
    run_id: str = "first",
    synonyms: Mapping[str, tuple[str, ...]] = SYNONYMS,
    has_ranker: bool = True,
    instead: Mapping[str, bytes] | None = None,
    damage: Mapping[str, bytes] | None = None,
) -> str:
    """Seals and promotes a version in a store; returns its name.

    `instead`: by name, file contents to seal instead of the good ones, or in addition to them; `damage`: contents to overwrite files
    with after sealing.
    """
    store = ModelStore(objects)
    now = datetime.now(UTC)
    name = version_name("embeddings", now, run_id)
    files = write_version(scratch / run_id, synonyms, has_ranker)
    for file, body in (instead or {}).items():
        files.setdefault(file, scratch / run_id / file).write_bytes(body)
    for file, path in files.items():
        objects.upload(f"{name}/{file}", path)
    store.seal(
        Manifest(
            version=name,
            created_at=now,
            mode="build-index",
            parent=None,
            code_version="test",
            run_id=run_id,
            files={file: entry_of(path) for file, path in files.items()},
            data={},
            parameters={},
            metrics={},
            verdict=Verdict(promote=True, reason="a test's version"),
        )
    )
    for file, body in (damage or {}).items():
        objects.put(f"{name}/{file}", body)
    live = store.published_or_none()
    store.promote(name, "a test", live.pointer.version if live is not None else None)
    return name


def folder_store(root: Path) -> FolderObjects:
    """An empty store in a folder."""
    return FolderObjects(root)
