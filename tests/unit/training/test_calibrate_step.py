"""The step `calibrate`, in a tiny world of three forms in one language."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.support.deciding import a_version
from tests.support.tiny_training import tiny_context
from tests.support.tiny_version import write_encoder

from fieldwise_common.decision_log import field_cell
from fieldwise_common.store import layout
from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_inference.classify.thresholds import Thresholds
from fieldwise_training.calibration.evidence import AUTOCOMPLETE, Evidence, gathered
from fieldwise_training.canonical_loader import load_canonical
from fieldwise_training.evaluation.agreed import is_for_calibration, is_held_out
from fieldwise_training.evaluation.details import CalibrationDetails
from fieldwise_training.evaluation.predictions import UNKNOWN, TruthForm
from fieldwise_training.feedback.agreement import agree
from fieldwise_training.feedback.judged import JudgedField, write_judged
from fieldwise_training.feedback.votes import Vote
from fieldwise_training.index.lexicon_builder import build_lexicon
from fieldwise_training.state import FeedbackFacts, RunState, parse_request
from fieldwise_training.steps.calibrate import begin_thresholds, calibrate, summary
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.index import index
from fieldwise_training.steps.load import load
from fieldwise_training.steps.ranker import ranker
from fieldwise_training.steps.validate import begin, validate

HELD_OUT, FOR_THE_GATE, TRAINED_ON = (
    next(site for site in map(str, range(100)) if (is_held_out(site), is_held_out(site) and is_for_calibration(site)) == chosen)
    for chosen in ((True, True), (True, False), (False, False))
)
FIELD = FieldDescriptor(selector="#a", label="Email")
[SIGNATURE] = map(str, signatures([FieldView(FIELD)], ""))


@pytest.fixture
def context(tmp_path: Path) -> TrainingContext:
    (tmp_path / "base").mkdir()
    return tiny_context(tmp_path, str(tmp_path / "base"))


def made(context: TrainingContext, tmp_path: Path, **parameters: float) -> RunState:
    """The state after `ranker`, with a ready-made encoder."""
    write_encoder(tmp_path / "encoder")
    request = parse_request({"mode": "build-index", "parameters": {"ranker_members": 1, "ranker_epochs": 1, **parameters}})
    state = load(context, validate(context, begin(context, request, "run-1")))
    context.draft(state).upload(tmp_path / "encoder")
    return ranker(context, index(context, state.model_copy(update={"encoder_reused": False})))


def thresholds(context: TrainingContext, state: RunState) -> Thresholds:
    return Thresholds.model_validate_json(context.draft(state).read(layout.THRESHOLDS))


def details(context: TrainingContext, state: RunState) -> CalibrationDetails:
    return CalibrationDetails.model_validate_json(context.draft(state).read(layout.CALIBRATION))


def with_judged_form(context: TrainingContext, state: RunState, tmp_path: Path, sites: SiteAnswers, site: str = HELD_OUT) -> None:
    row = JudgedField(site, "request", 0, SIGNATURE, "user", "2026-11-30T00:00:00.000Z", "v0", field_cell(FIELD), "email", "correct")
    (tmp_path / "judged" / "data").mkdir(parents=True, exist_ok=True)
    write_judged([row], tmp_path / "judged" / layout.JUDGED)
    context.draft(state).upload(tmp_path / "judged")
    context.draft(state).write(layout.SITES, sites.model_dump_json())


def test_it_alone_writes_the_thresholds_that_serve_and_what_they_were_fitted_to(context: TrainingContext, tmp_path: Path) -> None:
    state = calibrate(context, made(context, tmp_path))

    found = details(context, state)
    assert state.calibration is not None
    assert (state.calibration.fields, state.calibration.votes, state.calibration.budget) == (4, 0, None)
    assert (found.budget, thresholds(context, state).ranker_without_budget) == (None, None)
    assert found.lexical is not None
    assert thresholds(context, state).lexical == found.lexical.value
    assert len(found.reliability) == 15
    assert "fitted to 4 authored fields" in summary(state)


def test_a_given_cut_off_of_fuzzy_matches_is_not_fitted(context: TrainingContext, tmp_path: Path) -> None:
    state = calibrate(context, made(context, tmp_path, lex_threshold=0.77))

    assert thresholds(context, state).lexical == 0.77
    assert details(context, state).lexical is None


def test_a_budget_that_three_forms_cant_support_is_reported_with_its_reason(context: TrainingContext, tmp_path: Path) -> None:
    state = calibrate(context, made(context, tmp_path, wrong_fill_budget=0.01))

    found = details(context, state).budget
    assert found is not None
    assert (found.budget, found.is_kept, found.is_void) == (0.01, False, False)
    assert "can be promised" in found.reason
    assert thresholds(context, state).ranker_without_budget is not None
    assert thresholds(context, state).without_budget().ranker == thresholds(context, state).ranker_without_budget
    assert "can't be promised" in summary(state)


def test_a_version_without_a_ranker_promises_nothing(context: TrainingContext, tmp_path: Path) -> None:
    state = calibrate(context, made(context, tmp_path, ranker_members=0, wrong_fill_budget=0.01))

    found = details(context, state).budget
    assert found is not None
    assert not found.is_kept
    assert "no ranker" in found.reason


def test_fields_of_held_out_sites_that_users_agree_on_count(context: TrainingContext, tmp_path: Path) -> None:
    state = made(context, tmp_path)
    with_judged_form(context, state, tmp_path, SiteAnswers(sites={HELD_OUT: {SIGNATURE: SiteAnswer(canonical="email", agree=3)}}))

    calibrated = calibrate(context, state).calibration

    assert calibrated is not None
    assert (calibrated.fields, calibrated.votes) == (4, 1)


@pytest.mark.parametrize("site", [FOR_THE_GATE, TRAINED_ON])
def test_votes_that_the_gate_judges_by_or_that_were_trained_on_change_no_threshold(
    context: TrainingContext, tmp_path: Path, site: str
) -> None:
    state = made(context, tmp_path)
    calibrate(context, state)
    before = [context.draft(state).read(name) for name in (layout.THRESHOLDS, layout.CALIBRATION)]
    with_judged_form(context, state, tmp_path, SiteAnswers(sites={site: {SIGNATURE: SiteAnswer(canonical="email", agree=3)}}), site)

    begin_thresholds(context, state, build_lexicon(load_canonical(context.data / "canonical")))
    calibrated = calibrate(context, state).calibration

    assert calibrated is not None
    assert calibrated.votes == 0
    assert [context.draft(state).read(name) for name in (layout.THRESHOLDS, layout.CALIBRATION)] == before


def test_an_agreed_rejection_is_evidence_against_the_prediction_and_no_other() -> None:
    version = a_version()
    assert version.ranker is not None
    fields = tuple(FieldDescriptor(selector=label, label=label) for label in ("Email address", "Telephone", "First name"))
    truths, rejected = (UNKNOWN, UNKNOWN, "given-name"), (("email",), ("email",), ())

    evidence = gathered(
        version, version.ranker, [("a", TruthForm("a", "en", MlClassifyRequest(fields=fields), truths, rejected=rejected))], voted=True
    )

    assert (evidence.group, evidence.right.tolist(), evidence.has_id.tolist()) == (("email", "given-name"), [False, True], [False, True])


def declared(label: str, **keys: str) -> Evidence:
    """The evidence of a field that the page declares to be the family name, and whose truth is the email address."""
    version = a_version()
    assert version.ranker is not None
    field = FieldDescriptor(selector="a", label=label, type="text", autocomplete="family-name", **keys)
    return gathered(version, version.ranker, [("a", TruthForm("a", "en", MlClassifyRequest(fields=(field,)), ("email",)))])


def test_the_score_of_a_declared_id_is_the_rankers_probability_of_it() -> None:
    evidence = declared("quantum flux capacitor")

    assert (evidence.group, evidence.right.tolist()) == ((AUTOCOMPLETE,), [False])
    assert evidence.score[0] < 0.1


def test_a_declared_id_that_the_ranker_does_not_believe_calibrates_what_it_decides_instead() -> None:
    evidence = declared("quantum flux capacitor", described_by="Email address")

    assert (evidence.group, evidence.right.tolist()) == (("email",), [True])
    assert evidence.score[0] > 0.5


def test_a_field_whose_label_contradicts_the_page_calibrates_the_ranker() -> None:
    evidence = declared("Email address")

    assert (evidence.group, evidence.right.tolist()) == (("email",), [True])


def test_feedback_that_contradicts_itself_changes_no_threshold(context: TrainingContext, tmp_path: Path) -> None:
    state = made(context, tmp_path)
    calibrate(context, state)
    before = context.draft(state).read(layout.THRESHOLDS)
    words = [("email", ""), ("given-name", ""), ("", "email"), ("none", "email"), ("email", "given-name"), ("", "given-name")]
    votes = [Vote(HELD_OUT, SIGNATURE, f"user {n}", canonical, rejected, at="2026") for n, (canonical, rejected) in enumerate(words * 3)]
    sites = agree(votes, 3, SiteAnswers(), frozenset({"email", "given-name"}))
    with_judged_form(context, state, tmp_path, sites)

    again = calibrate(context, state)

    assert sites.sites == {}
    assert again.calibration is not None
    assert again.calibration.votes == 0
    assert context.draft(state).read(layout.THRESHOLDS) == before


@pytest.mark.parametrize(
    ("rate", "is_kept", "is_void"), [(0.03, True, True), (0.01, True, False), (None, True, None), (0.03, False, None), (0.03, None, None)]
)
def test_feedback_on_the_live_version_voids_the_budget_it_was_promised_to_keep(
    context: TrainingContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rate: float | None,
    is_kept: bool | None,
    is_void: bool | None,
) -> None:
    parent = SimpleNamespace(metrics={"calibration": {"budget": 0.02, "is_kept": is_kept}})
    monkeypatch.setattr("fieldwise_training.steps.calibrate.parent_manifest", lambda *_: parent)
    state = made(context, tmp_path).model_copy(update={"feedback": FeedbackFacts(live_fills=500, live_wrong=20, live_rate=rate)})

    calibrated = calibrate(context, state)

    assert calibrated.calibration is not None
    assert calibrated.calibration.is_void is is_void
    assert calibrated.calibration.void_budget == (0.02 if is_void else None)
    assert ("wrong more often than its budget" in summary(calibrated)) is bool(is_void)


def test_the_same_inputs_give_the_same_files(context: TrainingContext, tmp_path: Path) -> None:
    state = made(context, tmp_path, wrong_fill_budget=0.02)
    calibrate(context, state)
    before = [context.draft(state).read(name) for name in (layout.THRESHOLDS, layout.CALIBRATION)]

    calibrate(context, state)

    assert [context.draft(state).read(name) for name in (layout.THRESHOLDS, layout.CALIBRATION)] == before
    assert json.loads(before[1])["budget"]["budget"] == 0.02
