import json
import re
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from tests.support.tiny_training import tiny_model, unquantisable_model

from fieldwise_common.errors import ExportMismatch, SettingsError
from fieldwise_common.store import layout
from fieldwise_inference.serving.encoder import PASS_COST, EncoderSettings, OnnxEncoder, batches_by_length
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.encoder import build
from fieldwise_training.encoder.build import build_encoder
from fieldwise_training.encoder.exporter import export_onnx, write_tokenizer
from fieldwise_training.encoder.model_manager import base_model_name, digest_of, load_base_model, local_folder
from fieldwise_training.encoder.parity import Parity
from fieldwise_training.encoder.quantiser import quantise
from fieldwise_training.state import RequestedPrecision


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def exported(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    build_encoder(str(base), "fp32", folder)
    return folder


def opened(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(*(folder / name for name in layout.ENCODER))


def test_the_export_gives_the_vectors_of_the_model_it_came_from(base: Path, exported: Path) -> None:
    texts = ["first name", "email", "search last name first"]

    vectors = opened(exported).encode(texts)

    expected = load_base_model(str(base)).encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, expected, atol=1e-5)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_batch_size_and_length_are_dynamic_and_padding_changes_nothing(exported: Path) -> None:
    together = opened(exported).encode(["email", "first name last name search", "name"])

    alone = [opened(exported).encode([text])[0] for text in ("email", "first name last name search", "name")]
    assert np.allclose(together, alone, atol=1e-6)


def test_texts_of_the_same_tokens_have_exactly_the_same_vector_whatever_else_is_embedded(exported: Path) -> None:
    vectors = opened(exported).embed(["First name", "email", "first  NAME", "search last", "first name"])

    assert np.array_equal(vectors[0], vectors[2])
    assert np.array_equal(vectors[0], vectors[4])
    assert not np.allclose(vectors[0], vectors[1])


def test_texts_of_similar_length_share_a_batch_and_each_runs_once() -> None:
    lengths = [5, 31, 4, 5, 7, 30, 4, 6, 5, 5]

    batches = list(batches_by_length(lengths))

    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    assert [sorted(lengths[position] for position in batch) for batch in batches] == [[4, 4, 5, 5, 5, 5, 6, 7], [30, 31]]
    assert all(sum(max(lengths[i] for i in batch) - lengths[i] for i in batch) <= PASS_COST for batch in batches)


def test_a_long_list_is_run_in_batches() -> None:
    assert [len(batch) for batch in batches_by_length([16] * 300)] == [128, 128, 44]


def test_the_settings_are_stored_with_the_encoder(exported: Path) -> None:
    assert json.loads((exported / "encoder.json").read_text()) == {
        "dimension": 64,
        "max_tokens": 64,
        "precision": "fp32",
        "base_model": "tiny",
        "kind": "transformer",
    }


def test_the_model_is_saved_as_safetensors_and_loads_again(exported: Path) -> None:
    names = {path.name for path in (exported / "model").iterdir()}

    assert "model.safetensors" in names
    assert not any(name.endswith((".bin", ".pt", ".pkl")) for name in names)
    assert load_base_model(str(exported / "model")).get_embedding_dimension() == 64


def test_int8_weights_are_compared_with_the_model_and_replace_the_exact_graph(base: Path, tmp_path: Path) -> None:
    facts = build_encoder(str(base), "int8-weights", tmp_path).facts

    assert (facts.precision, facts.fallback) == (Precision.INT8_WEIGHTS, None)
    assert facts.lowest_cosine[Precision.FP32] >= 0.999
    assert 0.99 <= facts.lowest_cosine[Precision.INT8_WEIGHTS] < 1.0
    assert opened(tmp_path).settings == EncoderSettings(dimension=64, max_tokens=64, precision=Precision.INT8_WEIGHTS, base_model="tiny")
    assert [path.name for path in tmp_path.glob("*.onnx")] == ["encoder.onnx"]


def test_a_model_that_int8_weights_ruin_is_kept_exact_with_the_reason(tmp_path: Path) -> None:
    base = unquantisable_model(tmp_path / "base")

    facts = build_encoder(str(base), "int8-weights", tmp_path)

    assert facts.facts.precision is Precision.FP32
    assert set(facts.facts.lowest_cosine) == {Precision.FP32}
    pattern = r"the int8-weights encoder has cosine -?0\.\d+ to its model on '.*', below 0.99; the exact encoder is used instead"
    assert re.fullmatch(pattern, str(facts.facts.fallback))
    encoder = opened(tmp_path)
    assert (encoder.settings.precision, encoder.settings.fallback) == (Precision.FP32, facts.facts.fallback)
    expected = load_base_model(str(base)).encode(["first name"], normalize_embeddings=True, show_progress_bar=False)
    assert np.allclose(encoder.encode(["first name"]), expected, atol=1e-5)
    assert [path.name for path in tmp_path.glob("*.onnx")] == ["encoder.onnx"]


def test_a_quantised_graph_that_the_runtime_can_not_load_is_not_used(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "quantise_weights", lambda _, target: target.write_bytes(b"not a graph"))

    facts = build_encoder(str(base), "int8-weights", tmp_path).facts

    assert (facts.precision, facts.fallback) == (Precision.FP32, "encoder.onnx can't be loaded; the exact encoder is used instead")
    assert opened(tmp_path).encode(["first name"]).shape == (1, 64)


def test_an_export_with_other_vectors_is_refused(base: Path, exported: Path, tmp_path: Path) -> None:
    onnx, tokenizer, settings = (exported / name for name in layout.ENCODER)
    model = load_base_model(str(base))
    model[0].auto_model.embeddings.word_embeddings.weight.data.neg_()

    with pytest.raises(ExportMismatch, match=r"the fp32 encoder has cosine -?0\.\d+ to its model on '.*', below 0.999"):
        Parity(model, tokenizer, settings).require(onnx, Precision.FP32)


@pytest.mark.parametrize("axis", [0, 1])
def test_codes_are_within_half_a_scale_of_the_weights_and_a_slice_of_zeros_stays_zero(axis: int) -> None:
    weights = np.random.default_rng(3).normal(size=(40, 30)).astype(np.float32)
    weights[4] = weights[:, 7] = 0

    codes, scales = quantise(weights, axis)

    assert codes.dtype == np.int8
    assert scales.shape == ((1, 30), (40, 1))[axis]
    assert np.abs(codes * scales - weights).max() <= scales.max() / 2 + 1e-7
    assert not codes[4].any()
    assert not codes[:, 7].any()


def test_every_matrix_and_table_is_stored_as_int8_unless_it_is_small(base: Path, tmp_path: Path) -> None:
    build_encoder(str(base), "int8-weights", tmp_path)

    tensors = onnx.load(str(tmp_path / "encoder.onnx")).graph.initializer

    large = [tensor for tensor in tensors if np.prod(tensor.dims) >= 1024 and tensor.name.endswith(".codes")]
    assert len(large) >= 7  # four of attention, two of the feed-forward part, the positions
    assert {tensor.data_type for tensor in large} == {onnx.TensorProto.INT8}
    assert not [tensor.name for tensor in tensors if len(tensor.dims) == 2 and np.prod(tensor.dims) >= 1024 and tensor not in large]


@pytest.mark.parametrize("precision", ["fp32", "int8-weights"])
def test_an_exported_graph_names_no_file_of_the_machine_that_made_it(base: Path, tmp_path: Path, precision: RequestedPrecision) -> None:
    build_encoder(str(base), precision, tmp_path)

    graph = (tmp_path / layout.ENCODER_GRAPH).read_bytes()

    assert b'.py"' not in graph
    assert bytes(Path(build.__file__).parent) not in graph


def test_a_model_with_another_pooling_is_refused(base: Path, tmp_path: Path) -> None:
    model = load_base_model(str(base))
    model[1].pooling_mode = "cls"

    with pytest.raises(SettingsError, match="only a transformer with mean pooling"):
        export_onnx(model, tmp_path / "encoder.onnx")


def test_a_model_without_a_fast_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no tokenizer\.json"):
        write_tokenizer(tmp_path, tmp_path / "tokenizer.json")


def test_a_folder_without_a_model_and_damaged_weights_are_refused(base: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    shutil.copytree(base, tmp_path / "damaged")
    (tmp_path / "damaged" / "model.safetensors").write_bytes(b"damaged")

    for name in ("empty", "damaged"):
        with pytest.raises(SettingsError, match=f"BASE_MODEL: {name} can't be loaded"):
            load_base_model(str(tmp_path / name))


def test_the_default_base_model_is_the_built_in_one() -> None:
    folder = local_folder("")

    assert base_model_name("") == "all-MiniLM-L6-v2"
    assert folder is not None
    assert (folder / "model.safetensors").is_file()
    assert local_folder("some/hub-name") is None
    assert base_model_name("some/hub-name") == "some/hub-name"


def test_the_digest_of_a_model_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    before = digest_of(tmp_path)
    (tmp_path / "b").write_text("2")

    assert before != digest_of(tmp_path)
