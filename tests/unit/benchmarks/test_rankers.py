"""The comparison of rankers over a version in miniature: everybody gets the same forms, and is counted the same way."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks.rankers.calibrated import calibrated
from benchmarks.rankers.cli import app
from benchmarks.rankers.forms import Shown, as_captured, show, truth_fields
from benchmarks.rankers.measure import assess
from benchmarks.rankers.run import compare
from tests.support.tiny_version import SYNONYMS, folder_store, publish, write_version
from typer.testing import CliRunner

from fieldwise_inference.classify.decide import LoadedVersion
from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.serving.version import load_version
from fieldwise_training.corpus import FieldExample, Form
from fieldwise_training.ranker.examples import Vocabulary, vocabulary

WORDS = vocabulary(tuple(SYNONYMS))
LABELS = {"given-name": "First name", "family-name": "Last name", "email": "Email", "tel": "Phone", "none:search": "Search"}


def a_form(site: str, *truths: str) -> Form:
    fields = tuple(FieldExample(label=LABELS[truth], name=truth[:4], type="text", truth=truth) for truth in truths)
    return Form(site=site, lang="en", kind="signup", fields=fields)


@pytest.fixture
def version(tmp_path: Path) -> LoadedVersion:
    return load_version("tiny", write_version(tmp_path / "version"))


class Oracle:
    """Knows the truth, and is sure of it to a degree."""

    size, varies = 1, False

    def __init__(self, sureness: float) -> None:
        self._sureness = sureness

    def learn(self, taught: Sequence[Shown], words: Vocabulary) -> None:
        """Knows already."""

    def probabilities(self, form: Shown) -> Floats:
        classes = len(form.words.classes)
        shares = np.full((len(form.fields), classes), (1 - self._sureness) / (classes - 1), np.float32)
        shares[np.arange(len(form.fields)), form.truth] = self._sureness
        return shares


def test_a_captured_form_keeps_labels_names_and_truths() -> None:
    captured = as_captured(truth_fields(a_form("a.example", "email", "tel")))

    assert [(one.descriptor.label, one.descriptor.name, one.descriptor.type) for one in captured] == [
        ("Email", "emai", ""),
        ("Phone", "tel", ""),
    ]
    assert [one.truth for one in captured] == ["email", "tel"]


def test_who_knows_the_truth_has_all_of_it(version: LoadedVersion) -> None:
    forms = [show(truth_fields(a_form("a.example", *LABELS)), WORDS, version) for _ in range(3)]

    ready = calibrated(Oracle(0.6), forms)
    part = assess(ready.rulings, forms, frozenset(LABELS))

    assert (part.fields, part.recall, part.precision, part.false_fill, part.overall) == (15, 1.0, 1.0, 0.0, 1.0)
    assert part.recall_when_precise == 1.0
    assert part.calibration_error is not None
    assert part.calibration_error < 0.2


def test_a_form_is_timed_from_its_words_on(version: LoadedVersion) -> None:
    form = show(truth_fields(a_form("a.example", "email")), WORDS, version)
    form.evidence.nearness.sum()

    assert "evidence" not in vars(form.unread())


def _sites() -> dict[str, str]:
    """A site of each part, by the part's name."""
    found: dict[str, str] = {}
    for number in range(400):
        form = a_form(f"{number}.example", "email")
        part = "held" if form.is_held_out else "calibrating" if form.is_for_calibration else "taught"
        found.setdefault(part, form.site)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "canonical").mkdir(parents=True)
    (folder / "corpus").mkdir()
    (folder / "canonical" / "en.json").write_text(json.dumps({canonical: list(texts) for canonical, texts in SYNONYMS.items()}))
    forms = [a_form(site, *order) for site in _sites().values() for order in (list(LABELS), [*reversed(LABELS)]) * 4]
    (folder / "corpus" / "all.jsonl").write_text("".join(form.model_dump_json(exclude_defaults=True) + "\n" for form in forms))
    return folder


def test_every_approach_is_fitted_on_the_same_and_measured_on_others(tmp_path: Path, data: Path) -> None:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch")

    found = compare(str(tmp_path / "store"), None, ("no-ranker", "linear", "boosting", "tagger-1"), lambda _: None, data)

    assert [one.approach for one in found.approaches] == ["no-ranker", "linear", "boosting", "tagger-1"]
    assert (found.taught_forms, found.calibration_forms, found.taught_fields) == (8, 8, 40)
    for one in found.approaches:
        assert one.parts["held out, English"].fields == 40
        assert one.parts["held out, English"].overall is not None
        assert one.parts["held out, English"].overall > 0.5
        assert "held out, job applications" not in one.parts


def test_an_unknown_approach_is_named_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--only", "crystal-ball", "--store", str(tmp_path)])

    assert result.exit_code == 1
    assert result.stderr.strip() == "--only: there is no approach crystal-ball"
