"""The static encoder: distilled from a transformer, exported, and served as any other."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tests.support.tiny_training import WORDS, tiny_context, tiny_model
from tokenizers import Tokenizer, models, pre_tokenizers

from fieldwise_common.store import layout
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.serving.encoder import EncoderKind, OnnxEncoder
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.corpus import FieldExample, Form
from fieldwise_training.encoder import distillation, fine_tuning
from fieldwise_training.encoder.build import BuiltEncoder, build_encoder
from fieldwise_training.encoder.distillation_texts import DistillationTexts, distillation_texts
from fieldwise_training.encoder.model_manager import load_base_model
from fieldwise_training.state import RunParameters, RunState, parse_request
from fieldwise_training.steps.encoder import encoder, encoder_identity
from fieldwise_training.steps.evaluate import evaluate
from fieldwise_training.steps.finetune import finetune
from fieldwise_training.steps.gate import gate
from fieldwise_training.steps.index import index
from fieldwise_training.steps.load import load
from fieldwise_training.steps.promote import promote
from fieldwise_training.steps.seal import seal
from fieldwise_training.steps.validate import begin, validate

PAIRS = sorted(f"{one} {other}" for one in WORDS for other in WORDS if one != other)
TEXTS = DistillationTexts(learned=tuple(PAIRS[2:]), unseen=tuple(PAIRS[:2]))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("base"))


def built(base: Path, folder: Path) -> BuiltEncoder:
    folder.mkdir(exist_ok=True)
    return build_encoder(str(base), "int8-weights", folder, distil_on=TEXTS)


@pytest.fixture(scope="module")
def static(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fine_tuning, "THREADS", 1)
        built(base, folder)
    return folder


def opened(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(*(folder / name for name in layout.ENCODER))


def test_the_vector_of_a_text_is_the_mean_of_its_tokens_whatever_their_order(static: Path) -> None:
    encoder = opened(static)

    together, turned, first, last = encoder.embed(["first last", "last first", "first", "last"])

    assert encoder.settings.kind is EncoderKind.STATIC
    assert np.array_equal(together, turned)
    assert np.allclose(np.linalg.norm([together, first, last], axis=1), 1, atol=1e-6)
    assert np.linalg.matrix_rank(np.stack([together, first, last]), tol=1e-4) == 2  # the mean lies between the two


def test_a_text_has_the_same_vector_in_any_batch(static: Path) -> None:
    encoder = opened(static)
    long = " ".join(WORDS * 20)

    assert np.array_equal(encoder.embed(["first name", long, "email"])[0], encoder.embed(["first name"])[0])


def test_no_special_token_is_in_the_mean(static: Path) -> None:
    tokenizer = json.loads((static / layout.TOKENIZER).read_text("utf-8"))

    assert tokenizer["post_processor"] is None
    assert (tokenizer["padding"], tokenizer["truncation"]["max_length"]) == (None, 64)


def test_fitting_to_texts_brings_the_vectors_of_others_nearer_to_the_transformers(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distillation, "EPOCHS", 30)
    monkeypatch.setattr(distillation, "LEARNING_RATE", 0.02)
    fitted = built(base, tmp_path / "fitted").facts
    monkeypatch.setattr(distillation, "LEARNING_RATE", 1e-12)
    tokens_alone = built(base, tmp_path / "alone").facts

    assert fitted.distilled_cosine is not None
    assert tokens_alone.distilled_cosine is not None
    assert fitted.distilled_cosine > tokens_alone.distilled_cosine


def test_the_same_texts_give_the_same_files(base: Path, static: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine_tuning, "THREADS", 1)

    built(base, tmp_path)

    for name in layout.ENCODER:
        assert (tmp_path / name).read_bytes() == (static / name).read_bytes(), name


def test_the_model_of_the_version_is_the_static_one(static: Path) -> None:
    saved = load_base_model(str(static / layout.BASE_MODEL))

    expected = saved.encode(["last email"], show_progress_bar=False)
    assert np.allclose(opened(static).embed(["last email"]), expected, atol=1e-6)


def test_a_large_table_is_stored_as_int8_and_gives_nearly_the_same_vectors(tmp_path: Path) -> None:
    torch.manual_seed(1)
    vocabulary = {f"w{number}": number for number in range(200)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=64), Normalize()], device="cpu").save(
        str(tmp_path / "large"), create_model_card=False
    )

    facts = build_encoder(str(tmp_path / "large"), "int8-weights", tmp_path).facts

    tables = [tensor for tensor in onnx.load(str(tmp_path / layout.ENCODER_GRAPH)).graph.initializer if tensor.dims == [200, 64]]
    assert [tensor.data_type for tensor in tables] == [onnx.TensorProto.INT8]
    assert 0.999 < facts.lowest_cosine[Precision.INT8_WEIGHTS] < 1


def form(site: str, *fields: FieldExample) -> Form:
    return Form(site=site, lang="en", kind="contact", fields=fields)


def test_it_learns_synonyms_unknown_texts_and_options_and_is_measured_on_those_of_calibration_forms() -> None:
    plan = FieldExample.model_validate({"label": "Plan", "type": "select-one", "options": ["Basic", "Gold"], "truth": "none"})
    known, surname, town = (
        FieldExample(label=label, truth=truth) for label, truth in (("Known", "email"), ("Surname", "family-name"), ("Town", "none"))
    )
    training, calibration = form("training-1.example", known, surname, plan), form("calibration-6.example", surname, town)
    assert calibration.is_for_calibration
    assert not training.is_for_calibration

    found = distillation_texts([Entry("email", "Known")], [training, calibration], Lexicon(exact={"known": "email"}))

    assert found == DistillationTexts(learned=("Basic", "Gold", "Known", "Plan", "Surname"), unseen=("Town",))


@pytest.mark.parametrize("kind", list(EncoderKind))
def test_a_run_makes_the_kind_of_encoder_that_it_is_asked_for(base: Path, tmp_path: Path, kind: EncoderKind) -> None:
    context = tiny_context(tmp_path, str(base), min_accuracy=0.1)
    request = parse_request({"mode": "build-index", "parameters": {"encoder": kind, "ranker_members": 0}})

    state = encoder(context, finetune(context, load(context, validate(context, begin(context, request, "run-1")))))

    assert state.encoder is not None
    assert state.encoder.kind is kind
    assert json.loads(context.draft(state).read(layout.ENCODER_SETTINGS))["kind"] == kind


def test_an_encoder_of_another_kind_is_not_copied_from_the_parent() -> None:
    kinds = [RunParameters(min_accuracy=0.5, feedback_log="", base_model="", encoder=kind) for kind in EncoderKind]

    first, second = (encoder_identity(parameters, None) for parameters in kinds)

    assert first != second


def test_a_static_encoder_is_copied_from_the_parent_unless_its_texts_have_changed(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fine_tuning, "THREADS", 1)
    context = tiny_context(tmp_path, str(base), min_accuracy=0.1)

    def made(run_id: str) -> RunState:
        request = parse_request({"mode": "build-index", "parameters": {"ranker_members": 0}})
        return encoder(context, finetune(context, load(context, validate(context, begin(context, request, run_id)))))

    first = seal(context, evaluate(context, index(context, made("run-1"))))
    promote(context, gate(context, first))
    same = made("run-2")
    canonical = context.data / "canonical" / "en.json"
    canonical.write_text(json.dumps(json.loads(canonical.read_text()) | {"nickname": ["First search"]}))
    other = made("run-3")

    assert (first.encoder_reused, same.encoder_reused, other.encoder_reused) == (False, True, False)
