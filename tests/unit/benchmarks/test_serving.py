"""The benchmark of the serving path over a tiny version: what its figures are named for is what is measured."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from benchmarks.cost import PUBLISHED, per_million, read_measured
from benchmarks.serving.cli import app, chosen
from benchmarks.serving.compare import AGAIN_PASSES, Forms, Replies, compare
from benchmarks.serving.driven import Setting, entries_of, setting
from benchmarks.serving.figures import Bench, Case, Memory, Parts, Start, Threads, Timing, rows_of
from benchmarks.serving.parts import Stopwatch
from benchmarks.serving.picture import draw
from benchmarks.serving.reference import MAX_DISTANCE, Reference, build_index, open_reference
from benchmarks.serving.tables import tables
from benchmarks.shared.cut_forms import CutForm, unseen_forms
from rich.console import Console
from tests.support.tiny_version import SYNONYMS, folder_store, publish, write_version
from typer.testing import CliRunner

from fieldwise_common.errors import DataError
from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_inference.classify.decide import classify, texts_to_embed
from fieldwise_inference.serving.version import load_version


def labelled(*labels: str) -> list[FieldDescriptor]:
    return [FieldDescriptor(selector=f"#original-{number}", label=label) for number, label in enumerate(labels)]


def labels_of(form: CutForm) -> list[str | None]:
    return [field.label for field in form.fields]


def test_forms_are_cut_so_that_no_text_is_in_two_of_them() -> None:
    fields = labelled("First name", "Phone", "Email", "Phone", "Office", "office", "Search", "Remote", "too few for a form")

    forms = unseen_forms(fields, 2, most=10)

    assert [labels_of(form) for form in forms] == [["First name", "Phone"], ["Office", "office"], ["Search", "Remote"]]
    assert [[field.selector for field in form.fields] for form in forms] == [["#field-0", "#field-1"]] * 3
    assert [labels_of(form) for form in unseen_forms(fields, 2, most=1, but=forms[0].texts)] == [["Office", "office"]]


def test_a_form_is_asked_as_a_request_and_as_the_texts_of_the_same_fields() -> None:
    [form] = unseen_forms(labelled("First name", "Email"), 2, most=1)

    asked = json.loads(json.dumps(form.message))

    assert asked["texts"] == ["First name", "Email"]
    assert MlClassifyRequest.model_validate(asked["body"]).fields == tuple(form.fields)


def test_forms_of_every_size_are_chosen_and_those_that_warm_up_share_no_text_with_them() -> None:
    authored, real = labelled(*(f"Field {number}" for number in range(700))), labelled(*(f"Box {number}" for number in range(25)))

    every = chosen(authored, real, most=4)

    assert [(forms.kind, forms.size, len(forms.forms)) for forms in every] == [
        ("authored forms", 20, 4),
        ("real forms", 20, 1),
        ("authored forms", 1, 4),
        ("authored forms", 5, 4),
        ("authored forms", 300, 2),
    ]
    assert all(forms.warm_up for forms in every)
    for forms in every:
        measured = {text for form in forms.forms for text in form.texts if text}
        assert measured.isdisjoint(text for form in forms.warm_up for text in form.texts)
    with pytest.raises(DataError, match="fewer than 20 fields"):
        chosen(authored, real[:5], most=4)


class AxisModel:
    """Embeds a text as the unit vector along the axis of its first letter."""

    def encode(self, texts: list[str], **_: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
        return np.stack([np.eye(26, dtype=np.float32)[ord(text[0]) - ord("a")] for text in texts])


def test_the_reference_answers_the_nearest_synonyms_id_up_to_its_threshold() -> None:
    model = AxisModel()
    index = faiss.IndexIDMap(faiss.IndexFlatL2(26))
    index.add_with_ids(model.encode(["email", "phone"]), np.arange(2))
    reference = Reference(model, index, ["email", "tel"])  # type: ignore[arg-type]  # of a model, only `encode` is used

    answers = reference.answer(["place", "ebay", "zoo"])

    assert [canonical for canonical, _ in answers] == ["tel", "email", ""]
    assert answers[2][1] > MAX_DISTANCE > answers[0][1] == 0.0


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """A setting over a tiny version; the index of the reference has no vectors, as torch would take seconds to make them."""
    root = tmp_path_factory.mktemp("serving")
    publish(folder_store(root / "store"), root / "scratch")
    entries = entries_of((root / "scratch" / "first" / "meta.json").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.serving.driven.build_index", lambda given, cache: cache if given == entries else None)
        with setting(str(root / "store"), root / "cache") as made:
            yield made


FORM = CutForm(labelled("Phone friend", "Email", "Office remote"))


def test_a_version_is_measured_with_its_own_canonical_texts(processes: Setting) -> None:
    assert processes.entries == sum(map(len, SYNONYMS.values()))
    assert processes.index.name == "cache"
    assert processes.memory_mb == 1769


@pytest.mark.parametrize(
    ("side", "phases"), [("classify", {"imports", "version"}), ("parts", {"imports", "version"}), ("handler", {"handler"})]
)
def test_a_side_runs_in_a_process_of_its_own_and_reports_times_and_memory(processes: Setting, side: str, phases: set[str]) -> None:
    with processes.started(side, 1, FORM.message) as process:
        again = process.ask(FORM.message)

    assert process.phases.keys() == phases
    assert 0 < process.first["elapsed"] < process.milliseconds
    assert min(process.peak, process.first["peak"], again["peak"]) > 0
    assert again["processor"] > 0
    assert side != "parts" or (again["parts"].keys() == {"encoder", "index", "ranker"} and again["texts"] == 2)


def test_the_floor_is_imports_and_a_session_alone(processes: Setting) -> None:
    with processes.started("floor", 1) as process:
        assert process.phases.keys() == {"imports", "session"}
        assert process.processor > 0


def test_a_process_that_fails_is_an_error_with_its_last_words(processes: Setting) -> None:
    with processes.started("handler", 1) as process, pytest.raises(DataError, match="process of handler failed: the handler answered 422"):
        process.ask({"body": {"fields": "none"}})


def test_a_stopwatch_counts_the_texts_that_reach_the_encoder_and_starts_again(tmp_path: Path) -> None:
    version = load_version("tiny", write_version(tmp_path))
    request = MlClassifyRequest(fields=tuple(FORM.fields))
    watch = Stopwatch()
    timed = watch.timing(version)

    answer = classify(timed, request)
    read = watch.read()

    assert [decision.predicted for decision in answer.decisions] == [d.predicted for d in classify(version, request).decisions]
    assert read["texts"] == len(texts_to_embed(version, request.fields)) == 2
    assert min(read["parts"].values()) > 0
    assert watch.read() == {"parts": dict.fromkeys(("encoder", "index", "ranker"), 0.0), "texts": 0}


class FakeSetting:
    """Starts nothing, and records who is started and asked."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def started(self, side: str, threads: int) -> "FakeSetting.Process":
        self.log.append(f"start {side}")
        return self.Process(side, self.log)

    class Process:
        peak = 100.0

        def __init__(self, side: str, log: list[str]) -> None:
            self.side, self.log = side, log

        def __enter__(self) -> "FakeSetting.Process":
            return self

        def __exit__(self, *_: object) -> None:
            self.log.append(f"end {self.side}")

        def ask(self, form: Mapping[str, Any]) -> Mapping[str, Any]:
            self.log.append(f"{self.side} {form['texts'][0]}")
            elapsed = 60.0 if self.side == "reference" else 10.0
            return {"elapsed": elapsed, "processor": elapsed, "peak": 110.0}


def test_sides_alternate_and_fieldwises_processes_are_fresh_for_every_round() -> None:
    fake = FakeSetting()
    forms = Forms("authored forms", [CutForm(labelled("A")), CutForm(labelled("B"))], [CutForm(labelled("Warm"))])

    found, parts = compare(fake, 1, [forms], rounds=2)  # type: ignore[arg-type]  # it starts no processes

    first, second = fake.log[1:], fake.log[1 + (len(fake.log) - 2) // 2 : -1]
    assert fake.log[0] == "start reference" and fake.log[-1] == "end reference"
    assert first[: len(second)] == second
    assert second[:2] == ["start classify", "start handler"]
    assert second[2:5] == ["reference Warm", "classify Warm", "handler Warm"]
    assert second[5:11] == ["reference A", "classify A", "handler A", "classify B", "handler B", "reference B"]
    assert len([line for line in second if line == "classify A"]) == 1 + AGAIN_PASSES
    assert (found.cases[0].forms, found.cases[0].rounds, parts) == (2, 2, [])
    assert found.memory["handler"] == Memory(after_start=100.0, after_forms=110.0)


def test_a_timing_is_of_the_passes_it_is_asked_for() -> None:
    replies = Replies()
    for which, elapsed in (("unseen", 10.0), ("unseen", 30.0), ("unseen", 20.0), ("again", 2.0)):
        replies.add("classify", which, {"elapsed": elapsed, "processor": elapsed / 2})

    assert replies.timing("classify", "unseen") == Timing(median=20.0, p95=20.0, processor=10.0)
    assert replies.timing("classify", "unseen", "again").median == 15.0


def timing(milliseconds: float) -> Timing:
    return Timing(median=milliseconds, p95=milliseconds, processor=milliseconds)


def a_case(fields: int, reference: float, unseen: float, again: float) -> Case:
    times = {"reference": timing(reference), "unseen": timing(unseen), "again": timing(again)}
    return Case(
        kind="authored forms", fields=fields, forms=9, rounds=2, handler_unseen=timing(unseen + 5), handler_again=timing(again + 5), **times
    )


@pytest.fixture
def bench() -> Bench:
    cases = (a_case(20, 60, 12, 3), a_case(1, 8, 1, 0.5), a_case(5, 20, 4, 1), a_case(300, 900, 100, 80))
    memory = {
        side: Memory(after_start=mb, after_forms=mb + 20) for side, mb in (("handler", 190.0), ("reference", 500.0), ("classify", 150.0))
    }
    starts = {"handler": 600.0, "reference": 6000.0, "floor": 400.0}
    parts = {"encoder": 5.0, "index": 3.0, "ranker": 2.0, "the rest": 2.0}
    measured = Bench(
        model_version="embeddings_v20261130T000000Z-abcdef",
        entries=5,
        machine={"VNNI": "no"},
        memory_mb=1769,
        by_threads=tuple(Threads(threads=count, cases=cases, memory=memory) for count in (1, 2)),
        parts=(Parts(kind="authored forms", unseen=parts, again=parts, fields=20, texts=5.0),),
        start={side: Start(milliseconds=ms, processor=ms, phases={"imports": ms}) for side, ms in starts.items()},
    )
    return measured.model_copy(update={"rows": rows_of(measured)})


def test_each_figure_of_the_issue_is_judged_by_its_goal(bench: Bench) -> None:
    judged = {row.name: (round(row.better, 2) if row.better else None, row.is_met) for row in bench.rows if row.is_met is not None}

    assert judged == {
        "20 fields, authored forms, unseen": (5.0, False),
        "20 fields, authored forms, again": (20.0, True),
        "300 fields, authored forms, unseen": (9.0, True),
        "peak memory after the start": (2.63, True),
        "peak memory after the forms": (2.48, False),
        "process start to first answer": (10.0, True),
        "… divided by the floor": (None, True),
    }


def test_the_tables_show_figures_ratios_goals_and_the_share_that_reaches_the_encoder(bench: Bench) -> None:
    console = Console(width=180, record=True, file=Path("/dev/null").open("w"))  # noqa: SIM115  # nothing is written
    for piece in tables(bench):
        console.print(piece)
    text = console.export_text()
    console.file.close()

    assert "the texts of 25% of the fields reach the encoder" in " ".join(text.split())
    assert [
        word for word in ("≥ 6 ×", "≤ 120 ms", "≤ 0.4 ×", "≤ 1.6 ×", "5.0 ×", "0.40 ×", "not met", "2 threads") if word not in text
    ] == []


def test_the_picture_is_drawn(bench: Bench, tmp_path: Path) -> None:
    draw(bench, tmp_path / "bench.png")

    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_costs_are_computed_from_the_figures_that_were_written(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "bench.json").write_text(bench.model_dump_json())

    measured = read_measured(tmp_path / "bench.json")

    assert measured.one_thread == {1: 6.0, 5: 9.0, 20: 17.0}
    assert (measured.replaced[20], measured.peak_mb, measured.replaced_mb) == (60.0, 210.0, 520.0)
    inference = per_million(measured)["Inference, 1769 MB"]
    assert inference[20] == pytest.approx(0.20 + 1_000_000 * 0.017 * 1769 / 1024 * 0.0000166667)
    assert per_million(PUBLISHED).keys() == per_million(measured).keys()


@pytest.mark.parametrize("content", ["", '{"by_threads": []}', "{"])
def test_figures_that_can_not_be_priced_are_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bench.json"
    path.write_text(content)

    with pytest.raises(DataError, match=r"bench\.json lacks figures"):
        read_measured(path)
    with pytest.raises(DataError, match="run make bench first"):
        read_measured(tmp_path / "missing.json")


def test_the_index_of_the_reference_is_read_from_the_cache_when_it_is_complete(tmp_path: Path) -> None:
    entries = [("email", "Email")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.serving.reference.load_model", lambda: EncodesToAxes())
        folder = build_index(entries, tmp_path)
    answers = open_reference(build_index(entries, tmp_path), EncodesToAxes()).answer(["egg"])  # type: ignore[arg-type]

    assert folder == build_index(entries, tmp_path)
    assert answers == [("email", 0.0)]


class EncodesToAxes(AxisModel):
    def encode(self, texts: list[str], **named: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
        return super().encode([text.lower() for text in texts], **named)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--store", "empty"], "no version published"), (["--store", "empty", "--threads", "1,x"], "not a list of numbers")],
)
def test_an_error_is_reported_in_one_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(app, [*arguments, "--forms", "1", "--out", str(tmp_path)])

    assert done.exit_code == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
