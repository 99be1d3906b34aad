import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.support.tiny_training import tiny_model

from fieldwise_common.errors import ExportMismatch, SettingsError
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_training.encoder.build import ENCODER_FILES, build_encoder
from fieldwise_training.encoder.exporter import export_onnx, write_tokenizer
from fieldwise_training.encoder.model_manager import base_model_name, digest_of, load_base_model, local_folder
from fieldwise_training.encoder.parity import check_parity


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def exported(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    build_encoder(str(base), "fp32", folder)
    return folder


def opened(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(*(folder / name for name in ENCODER_FILES))


def test_the_export_gives_the_vectors_of_the_model_it_came_from(base: Path, exported: Path) -> None:
    texts = ["first name", "email", "search last name first"]

    vectors = opened(exported).encode(texts)

    expected = load_base_model(str(base)).encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, expected, atol=1e-5)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_batch_and_length_are_free_and_padding_changes_nothing(exported: Path) -> None:
    together = opened(exported).encode(["email", "first name last name search", "name"])

    alone = [opened(exported).encode([text])[0] for text in ("email", "first name last name search", "name")]
    assert np.allclose(together, alone, atol=1e-6)


def test_settings_travel_with_the_encoder(exported: Path) -> None:
    assert json.loads((exported / "encoder.json").read_text()) == {
        "dimension": 8,
        "max_tokens": 64,
        "precision": "fp32",
        "base_model": "tiny",
    }


def test_the_model_is_saved_as_safetensors_and_loads_again(exported: Path) -> None:
    names = {path.name for path in (exported / "model").iterdir()}

    assert "model.safetensors" in names
    assert not any(name.endswith((".bin", ".pt", ".pkl")) for name in names)
    assert load_base_model(str(exported / "model")).get_embedding_dimension() == 8


def test_int8_is_measured_by_itself_and_leaves_no_fp32_graph_behind(base: Path, tmp_path: Path) -> None:
    built = build_encoder(str(base), "int8", tmp_path)

    assert built.fp32_cosine >= 0.999
    assert built.int8_cosine is not None
    assert 0.98 <= built.int8_cosine < 1.0
    assert opened(tmp_path).settings.precision == "int8"
    assert [path.name for path in tmp_path.glob("*.onnx")] == ["encoder.onnx"]


def test_an_export_that_says_something_else_is_refused(base: Path, exported: Path, tmp_path: Path) -> None:
    model = load_base_model(str(base))
    model[0].auto_model.embeddings.word_embeddings.weight.data.neg_()

    with pytest.raises(ExportMismatch, match=r"the fp32 encoder has cosine -?0\.\d+ to its model on '.*'; 0.999 is asked"):
        check_parity(model, *(exported / name for name in ENCODER_FILES), precision="fp32")


def test_a_model_that_pools_in_another_way_is_refused(base: Path, tmp_path: Path) -> None:
    model = load_base_model(str(base))
    model[1].pooling_mode = "cls"

    with pytest.raises(SettingsError, match="only a transformer with mean pooling"):
        export_onnx(model, tmp_path / "encoder.onnx")


def test_a_model_without_a_fast_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no tokenizer\.json"):
        write_tokenizer(tmp_path, tmp_path / "tokenizer.json")


def test_a_folder_that_is_no_model_and_damaged_weights_are_refused(base: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    shutil.copytree(base, tmp_path / "damaged")
    (tmp_path / "damaged" / "model.safetensors").write_bytes(b"damaged")

    for name in ("empty", "damaged"):
        with pytest.raises(SettingsError, match=f"BASE_MODEL: {name} can't be loaded"):
            load_base_model(str(tmp_path / name))


def test_the_default_base_model_is_the_one_that_is_baked_in() -> None:
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
