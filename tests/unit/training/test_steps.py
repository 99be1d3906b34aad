import json
from pathlib import Path

import pytest
from tests.support.tiny_training import CANONICAL, tiny_context
from tests.support.tiny_version import write_encoder

from fieldwise_common.decision_log import field_cell
from fieldwise_common.errors import CorruptVersion, DataError, SettingsError
from fieldwise_common.store import layout
from fieldwise_common.store.reports import read_report
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_inference.serving.index import read_meta
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.encoder.model_manager import digest_of
from fieldwise_training.evaluation.agreed import is_for_calibration, is_held_out
from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.details import Budget, CalibrationDetails, FineTuningDetails
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.feedback.judged import JudgedField, write_judged
from fieldwise_training.state import EncoderFacts, FeedbackFacts, FineTuningFacts, RunState, parse_request
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.encoder import encoder
from fieldwise_training.steps.evaluate import evaluate
from fieldwise_training.steps.gate import gate
from fieldwise_training.steps.index import index
from fieldwise_training.steps.load import load, smoke_slice
from fieldwise_training.steps.notify import notify
from fieldwise_training.steps.promote import promote
from fieldwise_training.steps.ranker import ranker
from fieldwise_training.steps.seal import seal
from fieldwise_training.steps.validate import begin, validate


@pytest.fixture
def context(tmp_path: Path) -> TrainingContext:
    """The base model is a folder that is only hashed; the tests write the encoder's files without exporting."""
    base = tmp_path / "base"
    base.mkdir()
    (base / "weights").write_text("weights")
    return tiny_context(tmp_path, str(base), min_accuracy=0.5)


def loaded(context: TrainingContext, mode: str = "build-index", run_id: str = "run-1") -> RunState:
    return load(context, validate(context, begin(context, parse_request({"mode": mode}), run_id)))


EXACT = EncoderFacts(precision=Precision.FP32, lowest_cosine={Precision.FP32: 1.0})
FALLEN_BACK = EXACT.model_copy(update={"fallback": "the int8-weights encoder has cosine 0.1"})


def measured(
    context: TrainingContext, tmp_path: Path, mode: str = "build-index", run_id: str = "run-1", facts: EncoderFacts = EXACT
) -> RunState:
    """The state after `evaluate`, with a ready-made encoder instead of an exported one."""
    state = loaded(context, mode, run_id)
    write_encoder(tmp_path / "encoder")
    (tmp_path / "encoder" / "model").mkdir(exist_ok=True)
    (tmp_path / "encoder" / "model" / "config.json").write_text("{}")
    context.draft(state).upload(tmp_path / "encoder")
    digest = digest_of(Path(state.parameters.base_model))
    made = {"encoder_reused": False, "base_model_sha256": digest, "encoder": facts}
    return evaluate(context, index(context, state.model_copy(update=made)))


def sealed(
    context: TrainingContext, tmp_path: Path, mode: str = "build-index", run_id: str = "run-1", facts: EncoderFacts = EXACT
) -> RunState:
    return seal(context, measured(context, tmp_path, mode, run_id, facts))


def ranked(context: TrainingContext, tmp_path: Path, parameters: dict[str, int], run_id: str) -> RunState:
    """The state after `ranker`, with a ready-made encoder instead of an exported one."""
    write_encoder(tmp_path / "encoder")
    request = parse_request({"mode": "build-index", "parameters": parameters})
    state = load(context, validate(context, begin(context, request, run_id)))
    context.draft(state).upload(tmp_path / "encoder")
    made = {"encoder_reused": False, "base_model_sha256": digest_of(Path(state.parameters.base_model)), "encoder": EXACT}
    return ranker(context, index(context, state.model_copy(update=made)))


def test_validate_names_the_version_and_notes_that_nothing_is_live(context: TrainingContext) -> None:
    state = validate(context, begin(context, parse_request({"mode": "build-index"}), "run-1"))

    assert state.version.startswith("embeddings_v")
    assert (state.parent, state.note, state.parameters.min_accuracy) == (None, None, 0.5)


def test_validate_refuses_malformed_data_before_anything_is_written(context: TrainingContext, tmp_path: Path) -> None:
    (context.data / "canonical" / "bad.json").write_text('{"tel": []}')

    with pytest.raises(DataError, match=r"bad\.json, tel"):
        validate(context, begin(context, parse_request({"mode": "build-index"}), "run-1"))

    assert not (tmp_path / "store").exists()


def test_validate_refuses_a_corrupt_pointer(context: TrainingContext) -> None:
    context.store.objects.put("latest", b"{")

    with pytest.raises(CorruptVersion, match="pointer"):
        validate(context, begin(context, parse_request({"mode": "build-index"}), "run-1"))


def test_load_stores_the_data_in_the_version(context: TrainingContext) -> None:
    state = loaded(context)

    assert (state.entries, state.evaluation_fields, state.feedback) == (4, 4, FeedbackFacts())
    assert "First name" in context.draft(state).read(layout.CANONICAL)


@pytest.mark.parametrize(("mode", "confirmed"), [("build-index", 0), ("build-index-feedback", 1), ("full-train", 1), ("smoke-test", 0)])
def test_feedback_is_read_in_the_modes_that_use_it(tmp_path: Path, mode: str, confirmed: int) -> None:
    (tmp_path / "feedback.csv").write_text("query_key,matched_key,correct\nRufname,given-name,yes\n")
    context = tiny_context(tmp_path, feedback_log=str(tmp_path / "feedback.csv"))

    state = loaded(context, mode)

    assert state.feedback is not None
    assert state.feedback.confirmed == confirmed
    assert ("Rufname" in context.draft(state).read(layout.FEEDBACK)) is bool(confirmed)


def test_load_refuses_a_corpus_with_nothing_held_out(context: TrainingContext) -> None:
    (context.data / "corpus" / "en.jsonl").write_text("")

    with pytest.raises(DataError, match="no form is held out"):
        loaded(context)


def test_a_smoke_test_takes_a_few_synonyms_of_a_few_ids() -> None:
    entries = tuple(Entry(f"id-{number % 20}", f"text {number}") for number in range(200))

    slice_ = smoke_slice(entries)

    assert len(slice_) == 36
    assert len({entry.canonical for entry in slice_}) == 12


def indexed(meta: bytes) -> list[tuple[str, str]]:
    """(canonical id, text) of each vector."""
    read = read_meta(meta)
    return [(read.ids[number], text) for number, text in zip(read.id_numbers, read.texts, strict=True)]


def test_texts_confirmed_in_a_plain_csv_reach_index_and_lexicon(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "feedback.csv").write_text("query_key,matched_key,correct\nRufname,given-name,yes\nEmail,email,no\n")
    context = tiny_context(tmp_path, str(tmp_path / "base"), feedback_log=str(tmp_path / "feedback.csv"), lex_threshold=0.77)

    draft = context.draft(measured(context, tmp_path, "build-index-feedback"))

    lexicon = json.loads(draft.read("lexicon.json"))
    assert lexicon["exact"]["rufname"] == "given-name"
    assert "email" not in lexicon["exact"]
    assert ("given-name", "Rufname") in indexed(draft.read("meta.json"))
    assert json.loads(draft.read("thresholds.json"))["lexical"] == 0.77


@pytest.mark.parametrize(("kind", "given_names"), [("per-synonym", ["First name"]), ("blob", ["First name Email"])])
def test_a_pair_between_ids_adds_texts_to_the_blob_index_only(tmp_path: Path, kind: str, given_names: list[str]) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "feedback.csv").write_text("query_key,matched_key,correct\nemail,given-name,yes\n")
    context = tiny_context(tmp_path, str(tmp_path / "base"), feedback_log=str(tmp_path / "feedback.csv"))
    request = parse_request({"mode": "build-index-feedback", "parameters": {"index_kind": kind}})
    state = load(context, validate(context, begin(context, request, "run-1")))
    write_encoder(tmp_path / "encoder")
    context.draft(state).upload(tmp_path / "encoder")

    index(context, state.model_copy(update={"encoder_reused": False}))

    entries = indexed(context.draft(state).read("meta.json"))
    assert [text for canonical, text in entries if canonical == "given-name"] == given_names


def test_the_manifest_has_what_made_the_version_and_its_metrics(context: TrainingContext, tmp_path: Path) -> None:
    state = sealed(context, tmp_path)

    manifest = context.store.manifest(state.version, state.manifest_sha256)
    assert {"encoder.onnx", "index.faiss", "metrics.json", "report.html", "data/feedback.csv", "model/config.json"} <= set(manifest.files)
    assert layout.PREDICTIONS in manifest.files
    assert set(manifest.data) == {*layout.DATA, "base_model"}
    assert (manifest.run_id, manifest.mode, manifest.parent, manifest.metrics["accuracy"]) == ("run-1", "build-index", None, 1.0)
    assert (manifest.parameters["min_accuracy"], len(manifest.code_version), manifest.verdict.promote) == (0.5, 12, True)


def test_sealing_again_changes_nothing(context: TrainingContext, tmp_path: Path) -> None:
    state = sealed(context, tmp_path)

    assert seal(context, state) == state


def test_a_successful_run_ends_with_its_version_live(context: TrainingContext, tmp_path: Path) -> None:
    state = notify(context, promote(context, gate(context, sealed(context, tmp_path))))

    assert (state.promote, state.promoted, state.notified) == (True, True, False)
    assert context.store.published().pointer.version == state.version
    assert context.store.published().pointer.promoted_by == "run-1"


def test_a_rejected_version_is_sealed_and_the_pointer_stays(context: TrainingContext, tmp_path: Path) -> None:
    state = measured(context, tmp_path)
    strict = state.model_copy(update={"parameters": state.parameters.model_copy(update={"min_accuracy": 1.0}), "accuracy": 0.9})
    metrics = json.loads(context.draft(state).read("metrics.json"))
    metrics["candidate"]["overall"]["accuracy"] = 0.9
    context.draft(state).write("metrics.json", json.dumps(metrics))

    after = gate(context, seal(context, strict))

    assert (after.promote, after.reason) == (False, "top-1 accuracy 0.9000 on 4 fields is below the required 1.0000")
    assert context.store.published_or_none() is None
    assert context.store.manifest(state.version).verdict.promote is False


def test_a_smoke_test_passes_every_step_and_is_not_promoted(context: TrainingContext, tmp_path: Path) -> None:
    state = gate(context, sealed(context, tmp_path, "smoke-test"))

    assert state.version.startswith("smoketest_v")
    assert (state.promote, state.reason) == (False, "smoke-test")


def test_of_two_runs_at_once_the_gate_supersedes_the_second(context: TrainingContext, tmp_path: Path) -> None:
    first, second = sealed(context, tmp_path, run_id="run-1"), sealed(context, tmp_path, run_id="run-2")
    promote(context, gate(context, first))

    after = gate(context, second)

    assert (after.promote, after.promoted, after.superseded) == (False, False, True)
    assert after.reason == f"{first.version} went live during this run, and this version was not compared with it: train again"


def test_of_two_runs_past_the_gate_at_once_only_one_wins(context: TrainingContext, tmp_path: Path) -> None:
    first, second = (gate(context, sealed(context, tmp_path, run_id=run_id)) for run_id in ("run-1", "run-2"))
    promote(context, first)

    after = promote(context, second)

    assert (second.promote, second.superseded) == (True, False)
    assert (after.promote, after.promoted, after.superseded) == (False, False, True)
    assert context.store.published().pointer.version == first.version


def test_the_next_run_reuses_the_encoder_and_is_compared_with_its_parent(context: TrainingContext, tmp_path: Path) -> None:
    parent = promote(context, gate(context, sealed(context, tmp_path)))

    state = seal(context, evaluate(context, index(context, encoder(context, loaded(context, run_id="run-2")))))

    assert (state.parent, state.encoder_reused, state.encoder) == (parent.version, True, EXACT)
    assert state.champion_accuracy == 1.0
    files, parents = (context.store.manifest(version).files for version in (state.version, parent.version))
    assert {name: files[name] for name in ("encoder.onnx", "model/config.json")} == {
        name: parents[name] for name in ("encoder.onnx", "model/config.json")
    }


def test_a_run_that_reuses_an_encoder_repeats_its_fallback(context: TrainingContext, tmp_path: Path) -> None:
    promote(context, gate(context, sealed(context, tmp_path, facts=FALLEN_BACK)))

    state = seal(context, evaluate(context, index(context, encoder(context, loaded(context, run_id="run-2")))))

    assert (state.encoder, state.note) == (FALLEN_BACK, FALLEN_BACK.fallback)
    assert context.store.manifest(state.version).metrics["encoder"] == FALLEN_BACK.model_dump(mode="json")
    assert str(FALLEN_BACK.fallback) in context.draft(state).read("report.html")


def test_an_encoder_with_the_facts_of_an_earlier_release_is_not_reused(
    context: TrainingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = promote(context, gate(context, sealed(context, tmp_path)))
    manifest = context.store.manifest(parent.version)
    before = manifest.model_copy(update={"metrics": {**manifest.metrics, "encoder": {"fp32": 1.0}}})
    monkeypatch.setattr("fieldwise_training.steps.encoder.parent_manifest", lambda *_: before)

    with pytest.raises(SettingsError, match=r"BASE_MODEL: .* can't be loaded"):  # so it was about to be exported
        encoder(context, loaded(context, run_id="run-2"))


def test_a_ranker_is_reused_only_with_the_encoder_it_was_trained_with(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    context = tiny_context(tmp_path, str(tmp_path / "base"), min_accuracy=0.5)
    quick = {"ranker_members": 1, "ranker_epochs": 1}
    parent = ranked(context, tmp_path, quick, "run-1")
    promote(context, gate(context, seal(context, evaluate(context, parent))))

    exported, reused = (ranked(context, tmp_path, quick, run_id) for run_id in ("run-2", "run-3"))

    assert exported.encoder_reused is False
    assert exported.ranker_reused is False
    assert ranker(context, reused.model_copy(update={"encoder_reused": True})).ranker_reused is True


@pytest.mark.parametrize("differing", [{"features": 1}, {"recipe": "an earlier one"}, {"lex_threshold": 0.5}])
def test_a_ranker_made_otherwise_is_not_reused(differing: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of the features is among what a parent's ranker is asked for, so that nobody has to think of it."""
    (tmp_path / "base").mkdir()
    context = tiny_context(tmp_path, str(tmp_path / "base"), min_accuracy=0.5)
    quick = {"ranker_members": 1, "ranker_epochs": 1}
    parent = promote(context, gate(context, seal(context, evaluate(context, ranked(context, tmp_path, quick, "run-1")))))
    manifest = context.store.manifest(parent.version)
    before = manifest.model_copy(update={"parameters": {**manifest.parameters, "ranker": {**manifest.parameters["ranker"], **differing}}})
    monkeypatch.setattr("fieldwise_training.steps.ranker.parent_manifest", lambda *_: before)
    state = ranked(context, tmp_path, quick, "run-2").model_copy(update={"encoder_reused": True})

    assert set(differing) <= set(manifest.parameters["ranker"])
    assert ranker(context, state).ranker_reused is False


def test_an_encoder_damaged_at_the_parent_does_not_get_into_a_sealed_version(context: TrainingContext, tmp_path: Path) -> None:
    parent = promote(context, gate(context, sealed(context, tmp_path)))
    context.store.objects.put(f"{parent.version}/model/config.json", b"[]")

    state = evaluate(context, index(context, encoder(context, loaded(context, run_id="run-2"))))

    with pytest.raises(CorruptVersion, match=r"model/config\.json differs"):
        seal(context, state)


def test_a_missing_champion_does_not_stop_its_successor(context: TrainingContext, tmp_path: Path) -> None:
    parent = promote(context, gate(context, sealed(context, tmp_path)))
    (tmp_path / "store" / parent.version / "manifest.json").unlink()

    state = gate(context, sealed(context, tmp_path, run_id="run-2"))

    assert state.promote is True
    assert "could not be measured" in str(state.reason)


def metrics_of(context: TrainingContext, state: RunState) -> Metrics:
    return Metrics.model_validate_json(context.draft(state).read(layout.METRICS))


def write_guard(context: TrainingContext, truth: str = "family-name") -> None:
    (context.data / "guard").mkdir()
    form = {"site": "guard.example", "lang": "en", "kind": "signup", "fields": [{"label": "Surname", "truth": truth}]}
    (context.data / "guard" / "en.jsonl").write_text(json.dumps(form) + "\n")


def with_synonyms(context: TrainingContext, *of_family_name: str) -> None:
    (context.data / "canonical" / "en.json").write_text(json.dumps(CANONICAL | {"family-name": ["Last name", *of_family_name]}))


def test_validate_refuses_a_malformed_guard_form(context: TrainingContext) -> None:
    write_guard(context, truth="no-such-id")

    with pytest.raises(DataError, match=r"en\.jsonl, line 1, fields\.0: unknown truth 'no-such-id'"):
        validate(context, begin(context, parse_request({"mode": "build-index"}), "run-1"))


def test_without_guard_forms_the_verdict_says_that_there_are_none(context: TrainingContext, tmp_path: Path) -> None:
    state = gate(context, sealed(context, tmp_path))

    assert state.promote is True
    assert "there is no guard set" in str(state.reason)
    assert context.draft(state).read(layout.GUARD) == ""


def test_guard_forms_are_stored_and_measured_but_neither_trained_nor_evaluated_on(context: TrainingContext, tmp_path: Path) -> None:
    write_guard(context)
    with_synonyms(context, "Surname")

    state = sealed(context, tmp_path)

    draft = context.draft(state)
    assert "Surname" in draft.read(layout.GUARD)
    assert "Surname" not in draft.read(layout.CORPUS) + draft.read(layout.EVALUATION)
    assert metrics_of(context, state).guard == Comparison(fields=1, right=1)
    assert context.store.manifest(state.version).metrics["gate"]["guard"]["right"] == 1


def test_a_version_that_loses_a_guard_field_is_rejected(context: TrainingContext, tmp_path: Path) -> None:
    write_guard(context)
    with_synonyms(context, "Surname")
    promote(context, gate(context, sealed(context, tmp_path)))
    with_synonyms(context)

    state = gate(context, sealed(context, tmp_path, run_id="run-2"))

    assert state.promote is False
    assert str(state.reason).startswith(
        "guard set: 0 of 1 fields right, 1 lost that the version in production has right: 'Surname' of guard.example"
    )
    assert "guard.example, signup" in context.draft(state).read(layout.REPORT)


def test_a_champion_is_not_measured_again_on_the_same_data(context: TrainingContext, tmp_path: Path) -> None:
    parent = promote(context, gate(context, sealed(context, tmp_path)))
    state = measured(context, tmp_path, run_id="run-2")
    context.store.objects.put(f"{parent.version}/{layout.INDEX_VECTORS}", b"")  # so that it could not be measured

    state = evaluate(context, state)

    assert state.champion_accuracy == 1.0
    assert metrics_of(context, state).champion_problem is None


def with_agreed_field(context: TrainingContext, state: RunState, tmp_path: Path) -> None:
    """Adds to a version, before it is evaluated, a form whose users agree that the field "Email" asks for the family name."""
    field = FieldDescriptor.model_validate({"selector": "#a", "label": "Email"})
    signature = str(signatures([FieldView(field)], "https://a.example")[0])
    row = JudgedField(
        site=HELD_OUT,
        request_id="r1",
        position=0,
        signature=signature,
        user="u1",
        at="2026-11-29T10:00:00.000Z",
        model_version="v",
        field=field_cell(field),
        predicted="email",
    )
    sites = SiteAnswers(sites={HELD_OUT: {signature: SiteAnswer(canonical="family-name", agree=3)}})
    (tmp_path / "agreed" / "data").mkdir(parents=True)
    write_judged([row], tmp_path / "agreed" / layout.JUDGED)
    (tmp_path / "agreed" / layout.SITES).write_text(sites.model_dump_json())
    context.draft(state).upload(tmp_path / "agreed")


HELD_OUT = next(site for number in range(100) if is_held_out(site := f"{number:016x}") and not is_for_calibration(site))


def test_agreed_fields_are_compared_for_a_stranger_and_held_out_ones_without_what_was_agreed(
    context: TrainingContext, tmp_path: Path
) -> None:
    promote(context, gate(context, sealed(context, tmp_path)))
    state = measured(context, tmp_path, run_id="run-2")
    with_agreed_field(context, state, tmp_path)

    state = gate(context, seal(context, evaluate(context, state)))

    metrics = metrics_of(context, state)
    assert (metrics.agreed.champion_right, metrics.agreed.right) == (0, 1)
    assert (metrics.held_out_votes.fields, metrics.held_out_votes.champion_right, metrics.held_out_votes.right) == (1, 0, 0)
    assert state.promote is True
    assert "held-out votes: 0 of 1 agreed fields right without their sites' answers, 0 in production" in str(state.reason)


def test_damaged_overrides_do_not_stop_a_run_and_the_report_gives_the_reason(context: TrainingContext, tmp_path: Path) -> None:
    context.store.objects.put(layout.OVERRIDES, b"{")

    state = gate(context, sealed(context, tmp_path))

    assert state.promote is True
    assert "could not be reviewed: overrides.json can&#39;t be parsed" in context.draft(state).read(layout.REPORT)


BUDGET = Budget(budget=0.005, bound=0.004, is_kept=True, sites=9, fills=900, wrong=3, coverage=0.8, coverage_without=0.9, is_void=True)


def test_what_calibration_and_fine_tuning_wrote_is_in_the_report_and_the_report_is_sealed(context: TrainingContext, tmp_path: Path) -> None:
    state = measured(context, tmp_path)
    draft = context.draft(state)
    draft.write(layout.CALIBRATION, CalibrationDetails(budget=BUDGET).model_dump_json())
    draft.write(layout.FINE_TUNING, FineTuningDetails(losses=(2.0, 1.0)).model_dump_json())
    tuned = FineTuningFacts(kept=False, reason="It is worse in German.")

    state = seal(context, state.model_copy(update={"fine_tuning": tuned}))

    page = read_report(context.store, state.version).page.decode()
    for shown in ('id="budget"', "It is worse in German.", "epoch 2: 1.0000", state.parameters.base_model):
        assert shown in page


def test_a_seal_that_is_repeated_changes_nothing(context: TrainingContext, tmp_path: Path) -> None:
    state = sealed(context, tmp_path)

    assert seal(context, state.model_copy(update={"seconds": {"load": 9.0}})).manifest_sha256 == state.manifest_sha256
    assert read_report(context.store, state.version).version == state.version  # the page is still the one that was sealed


@pytest.mark.parametrize(
    ("cost", "stricter", "looser"),
    [(3.0, "wrong_cost is 3 instead of 2", None), (1.5, None, "wrong_cost is 1.5 instead of 2"), (2.0, None, None)],
)
def test_a_changed_price_of_wrong_fills_is_recorded_with_both_values(
    context: TrainingContext, tmp_path: Path, cost: float, stricter: str | None, looser: str | None
) -> None:
    promote(context, gate(context, sealed(context, tmp_path)))
    state = measured(context, tmp_path, run_id="run-2")
    changed = state.parameters.model_copy(update={"wrong_cost": cost})

    metrics = metrics_of(context, evaluate(context, state.model_copy(update={"parameters": changed})))

    assert (metrics.stricter, metrics.looser) == (stricter, looser)


def test_a_version_is_compared_with_those_before_its_parent(context: TrainingContext, tmp_path: Path) -> None:
    first = promote(context, gate(context, sealed(context, tmp_path)))
    promote(context, gate(context, sealed(context, tmp_path, run_id="run-2")))

    third = sealed(context, tmp_path, run_id="run-3")

    ancestor = metrics_of(context, third).ancestor
    assert ancestor is not None
    assert (ancestor.version, ancestor.of, ancestor.compared.p) == (first.version, 1, 1.0)
    assert f"no significant loss against {first.version}, an earlier version" in str(gate(context, third).reason)
