"""Fine-tuning with a tiny model: what it learns from, when it is kept, and that it goes on after an interruption."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.support.tiny_training import CANONICAL, tiny_context, tiny_model

from fieldwise_common.store import layout
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_training.corpus import Form
from fieldwise_training.encoder import checkpoints, fine_tuning
from fieldwise_training.encoder.model_manager import load_base_model
from fieldwise_training.evaluation.details import FineTuningDetails, LanguageGain
from fieldwise_training.feedback.votes import Vote, write_votes
from fieldwise_training.progress.report import ProgressReport
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import EncoderFacts, FineTuningFacts, RunState, parse_request
from fieldwise_training.steps import finetune as step
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.encoder import encoder
from fieldwise_training.steps.evaluate import evaluate
from fieldwise_training.steps.finetune import finetune, summary
from fieldwise_training.steps.gate import gate
from fieldwise_training.steps.index import index
from fieldwise_training.steps.load import load
from fieldwise_training.steps.promote import promote
from fieldwise_training.steps.seal import seal
from fieldwise_training.steps.validate import begin, validate

EPOCHS = 3
SYNONYMS = {canonical: own for canonical, own in CANONICAL.items() if canonical != "none:search"}
LABELS = {"search": "given-name", "search search": "given-name", "search search search": "given-name"}
"""Labels that no synonym resembles, with a meaning that only users tell. They share an id, so that each has a batch of its own."""


def sites(part: Callable[[Form], bool], count: int) -> list[str]:
    """Names of sites whose hash puts them into a part of the corpus."""
    field = {"label": "Email", "truth": "email"}
    forms = (Form.model_validate({"site": f"site-{n}.example", "lang": "en", "fields": [field]}) for n in itertools.count())
    return [form.site for form in itertools.islice(filter(part, forms), count)]


def write_corpus(context: TrainingContext, langs: tuple[str, ...] = ("en", "de")) -> None:
    """Sites for training and for calibration, in each language, with the `LABELS`; the held-out form stays."""
    parts = (lambda f: not f.is_held_out and not f.is_for_calibration, lambda f: not f.is_held_out and f.is_for_calibration)
    fields = [{"label": label, "truth": truth} for label, truth in LABELS.items()]
    forms = [
        {"site": site, "lang": lang, "kind": "signup", "fields": fields}
        for part in parts
        for site, lang in zip(sites(part, 6 * len(langs)), itertools.cycle(langs), strict=False)
    ]
    (context.data / "corpus" / "more.jsonl").write_text("".join(json.dumps(form) + "\n" for form in forms), "utf-8")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture
def context(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingContext:
    monkeypatch.setattr(step, "MIN_PAIRS", 1)
    monkeypatch.setattr(fine_tuning, "THREADS", 1)  # of tiny tensors, two are slower
    monkeypatch.setattr(fine_tuning, "LEARNING_RATE", 0.02)
    made = tiny_context(tmp_path, str(base), min_accuracy=0.1)
    (made.data / "canonical" / "en.json").write_text(json.dumps(SYNONYMS))
    write_corpus(made)
    return made


def loaded(context: TrainingContext, mode: str = "full-train", run_id: str = "run-1", **parameters: object) -> RunState:
    chosen = {"ranker_members": 0, "fine_tune_epochs": EPOCHS, **parameters}
    state = load(context, validate(context, begin(context, parse_request({"mode": mode, "parameters": chosen}), run_id)))
    vote(context, state)
    return state


def vote(context: TrainingContext, state: RunState, *others: Vote) -> None:
    """Two users agree on the `LABELS`, and there are other votes."""
    agreed = [Vote("a" * 16, f"l{n}", user, canonical, label=label) for n, (label, canonical) in enumerate(LABELS.items()) for user in "ab"]
    with temporary_folder() as folder:
        write_votes([*agreed, *others], folder / "votes.parquet")
        context.draft(state).upload_file(layout.VOTES, folder / "votes.parquet")


def facts_of(state: RunState) -> FineTuningFacts:
    assert state.fine_tuning is not None
    return state.fine_tuning


def sealed(context: TrainingContext, state: RunState) -> RunState:
    return seal(context, evaluate(context, index(context, encoder(context, state))))


def details_of(context: TrainingContext, state: RunState) -> FineTuningDetails:
    return FineTuningDetails.model_validate_json(context.draft(state).read(layout.FINE_TUNING))


class Killed(BaseException):
    """The end of the process: nothing catches it."""


def killed_in_epoch(context: TrainingContext, state: RunState, epoch: int) -> None:
    def die(report: ProgressReport) -> None:
        if report.detail.startswith(f"epoch {epoch} "):
            raise Killed

    with pytest.raises(Killed):
        finetune(replace(context, on_progress=die), state)


def test_what_is_learnt_is_kept_exported_and_told_by_language(
    context: TrainingContext, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reports: list[ProgressReport] = []

    begun = loaded(context)
    capfd.readouterr()

    state = finetune(replace(context, on_progress=reports.append), begun)

    assert facts_of(state).kept, facts_of(state).reason
    assert facts_of(state).reason.endswith("significantly worse in no language")
    assert (facts_of(state).pairs, facts_of(state).resumed_from_epoch, state.note) == (3, None, None)
    details = details_of(context, state)
    assert len(details.losses) == EPOCHS
    assert details.losses[-1] < details.losses[0]
    assert set(details.by_language) == {"de", "en"}
    assert details.by_language["de"] == LanguageGain(fields=18, before=12, after=18)
    shown = [report for report in reports if report.work == "batches trained on"]
    assert (shown[-1].done, shown[-1].total) == (3 * EPOCHS, 3 * EPOCHS)
    assert shown[-1].detail.startswith(f"epoch {EPOCHS} of {EPOCHS}, loss ")
    assert capfd.readouterr() == ("", "")

    state = sealed(context, state)

    manifest = context.store.manifest(state.version)
    assert manifest.parameters["encoder"]["fine_tuned"] == facts_of(state).weights_sha256
    assert layout.FINE_TUNING in manifest.files
    assert not [key for key in context.store.objects.keys(state.version) if layout.CHECKPOINTS in key or not is_plain(key)]
    files = context.draft(state).download(layout.ENCODER, tmp_path)
    (served,) = OnnxEncoder(*(files[name] for name in layout.ENCODER)).embed(["search"])
    (original,) = load_base_model(context.settings.base_model).encode(["search"], normalize_embeddings=True, show_progress_bar=False)
    assert served @ original < 0.99


def is_plain(key: str) -> bool:
    return not key.endswith((".bin", ".pt", ".pth", ".pkl"))


def test_the_same_inputs_give_the_same_weights_whatever_the_number_of_threads(context: TrainingContext) -> None:
    threads = torch.get_num_threads()
    found = []
    for number in (1, 3):
        torch.set_num_threads(number)
        found.append(facts_of(finetune(context, loaded(context, run_id=f"run-{number}"))).weights_sha256)
    after = torch.get_num_threads()
    torch.set_num_threads(threads)

    assert after == 3
    assert found[0] == found[1] != ""


def test_an_interrupted_fine_tuning_goes_on_from_its_last_epoch_to_the_same_weights(context: TrainingContext) -> None:
    whole = finetune(context, loaded(context))
    state = loaded(context, run_id="run-2")
    killed_in_epoch(context, state, 3)

    resumed = finetune(context, state)

    assert facts_of(resumed).resumed_from_epoch == 2
    assert resumed.note == "fine-tuning was interrupted, and went on after epoch 2."
    assert facts_of(resumed).weights_sha256 == facts_of(whole).weights_sha256
    assert details_of(context, resumed) == details_of(context, whole)


def test_a_fine_tuning_interrupted_after_its_last_epoch_is_only_measured(context: TrainingContext) -> None:
    state = loaded(context)
    whole = finetune(context, state)

    again = finetune(context, state)

    assert facts_of(again).resumed_from_epoch == EPOCHS
    assert facts_of(again).weights_sha256 == facts_of(whole).weights_sha256


def test_a_fine_tuning_interrupted_in_its_first_epoch_begins_anew(context: TrainingContext) -> None:
    state = loaded(context)
    killed_in_epoch(context, state, 1)

    again = finetune(context, state)

    assert facts_of(again).resumed_from_epoch is None
    assert again.note == "fine-tuning was interrupted in its first epoch, and began anew."
    assert facts_of(again).kept


@pytest.mark.parametrize("fault", ["missing", "damaged", "its data had changed"])
def test_a_checkpoint_that_can_not_be_used_is_named_and_the_fine_tuning_begins_anew(context: TrainingContext, fault: str) -> None:
    state = loaded(context)
    killed_in_epoch(context, state, 2)
    draft = context.draft(state)
    if fault == "missing":
        draft.remove("checkpoints/epoch-1")
    elif fault == "damaged":
        draft.write("checkpoints/epoch-1.safetensors", "damaged")
    else:
        progress = checkpoints.Progress.model_validate_json(draft.read(checkpoints.PROGRESS))
        draft.write(checkpoints.PROGRESS, progress.model_copy(update={"inputs": "other"}).model_dump_json())

    again = finetune(context, state)

    assert facts_of(again).resumed_from_epoch is None
    assert str(again.note).startswith("fine-tuning was interrupted, and began anew: ")
    assert fault in str(again.note)
    assert facts_of(again).kept


def test_a_canonical_file_that_changed_between_two_runs_gives_another_encoder_made_from_the_base_model(context: TrainingContext) -> None:
    first = finetune(context, loaded(context))
    promote(context, gate(context, sealed(context, first)))
    (context.data / "canonical" / "en.json").write_text(json.dumps(SYNONYMS | {"family-name": ["Last name", "last last"]}))

    second = finetune(context, loaded(context, run_id="run-2"))

    assert (facts_of(second).pairs, facts_of(second).resumed_from_epoch) == (5, None)
    assert second.note is None
    assert details_of(context, second).losses != details_of(context, first).losses


def test_other_modes_carry_the_fine_tuned_encoder_on(context: TrainingContext) -> None:
    parent = promote(context, gate(context, sealed(context, finetune(context, loaded(context)))))

    state = encoder(context, finetune(context, loaded(context, "build-index", "run-2")))

    assert facts_of(state).kept
    assert facts_of(state).reason == f"the fine-tuned encoder of {parent.version} is carried on"
    assert state.encoder_reused
    assert details_of(context, state) == details_of(context, parent)
    assert context.store.manifest(sealed(context, state).version).parameters["encoder"]["fine_tuned"] == facts_of(parent).weights_sha256


def test_a_fine_tuned_encoder_of_another_base_model_or_precision_is_not_used(context: TrainingContext, tmp_path: Path) -> None:
    promote(context, gate(context, sealed(context, finetune(context, loaded(context)))))
    model = load_base_model(context.settings.base_model)
    model[0].auto_model.embeddings.word_embeddings.weight.data.neg_()
    model.save(str(tmp_path / "other" / "tiny"), create_model_card=False)  # the same name: its files tell the difference

    moved = encoder(context, finetune(context, loaded(context, "build-index", "run-2", base_model=str(tmp_path / "other" / "tiny"))))
    exact = encoder(context, finetune(context, loaded(context, "build-index", "run-3", precision="fp32")))

    for state, what in ((moved, "the base model"), (exact, "its kind, precision or token limit")):
        assert not facts_of(state).kept
        assert f"is not used, because {what} changed: run full-train to fine-tune again" in facts_of(state).reason
        assert facts_of(state).reason in str(state.note)
        assert state.encoder_reused is False


@pytest.mark.parametrize(
    ("mode", "parameters", "reason"),
    [
        ("build-index", {}, "only full-train fine-tunes"),
        ("smoke-test", {}, "only full-train fine-tunes"),
        ("full-train", {"fine_tune_epochs": 0}, "no epochs of fine-tuning were asked for (fine_tune_epochs is 0)"),
    ],
)
def test_nothing_is_fine_tuned_unless_it_is_asked_for(
    context: TrainingContext, mode: str, parameters: dict[str, object], reason: str
) -> None:
    state = finetune(context, loaded(context, mode, **parameters))

    assert facts_of(state) == FineTuningFacts(kept=False, reason=reason)
    assert summary(state) == reason


def test_with_too_few_pairs_or_nothing_to_measure_on_it_is_skipped_with_the_reason(
    context: TrainingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "MIN_PAIRS", 4)
    few = finetune(context, loaded(context))
    synonyms = {canonical: [*own, *(text for text, meant in LABELS.items() if meant == canonical)] for canonical, own in SYNONYMS.items()}
    (context.data / "canonical" / "en.json").write_text(json.dumps(synonyms))
    monkeypatch.setattr(step, "MIN_PAIRS", 1)
    unmeasured = finetune(context, loaded(context, run_id="run-2"))

    assert facts_of(few).reason == "there are 3 pairs of texts, and at least 4 are needed to fine-tune"
    assert facts_of(unmeasured).reason == "there is no calibration field to measure a fine-tuned model on"


def test_without_a_significant_gain_the_base_model_stays(context: TrainingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine_tuning, "LEARNING_RATE", 1e-9)

    state = encoder(context, finetune(context, loaded(context)))

    assert not facts_of(state).kept
    assert facts_of(state).reason.startswith("no significant gain: the nearest synonym is right for")
    assert facts_of(state).weights_sha256 == ""
    assert summary(state).startswith("not kept, 3 pairs, 0 rejected texts; no significant gain")
    assert isinstance(state.encoder, EncoderFacts)
    assert details_of(context, state).by_language["en"].fields == 18


def test_a_corpus_of_one_language_is_enough(context: TrainingContext) -> None:
    write_corpus(context, ("tr",))

    state = finetune(context, loaded(context))

    assert facts_of(state).kept
    assert set(details_of(context, state).by_language) == {"tr"}


def test_feedback_that_contradicts_itself_changes_nothing_and_is_counted(context: TrainingContext, tmp_path: Path) -> None:
    without = finetune(context, loaded(context))
    state = loaded(context, run_id="run-2")
    votes = [
        Vote("a" * 16, f"s{number}", f"u{number}{canonical}", canonical, label=label)
        for number, label in enumerate(("first last", "first search", "name email"))
        for canonical in ("email", "given-name")
    ]
    vote(context, state, *votes)

    again = finetune(context, state)

    assert facts_of(again).contradictory == 3
    assert facts_of(again).weights_sha256 == facts_of(without).weights_sha256


def test_confirmed_and_rejected_texts_are_learnt_from(context: TrainingContext, tmp_path: Path) -> None:
    without = finetune(context, loaded(context))
    state = loaded(context, run_id="run-2")
    votes = [
        vote
        for user in "ab"
        for vote in (
            Vote("a" * 16, "s0", user, "email", rejected="given-name", label="first last"),
            Vote("a" * 16, "s1", user, rejected="email", label="last search"),
        )
    ]
    vote(context, state, *votes)

    again = finetune(context, state)

    assert (facts_of(again).pairs, facts_of(again).hard_negatives) == (4, 2)
    assert details_of(context, again).losses != details_of(context, without).losses
