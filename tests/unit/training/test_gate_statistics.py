"""Intervals and earlier versions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import bootstrap
from tests.support.tiny_version import folder_store

from fieldwise_common.store.manifest import Manifest, Verdict, entry_of, version_name
from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.corpus import Form
from fieldwise_training.evaluation.ancestors import MAX_ANCESTORS, best_ancestor
from fieldwise_training.evaluation.intervals import Difference, differences
from fieldwise_training.evaluation.predictions import Part, Predictions, PredictionsFile, TruthForm, digest


def form(site: str, *truths: str) -> TruthForm:
    return TruthForm.of(Form.model_validate({"site": site, "lang": "en", "fields": [{"label": "x", "truth": truth} for truth in truths]}))


def guesses(forms: list[TruthForm], *predicted: tuple[str, ...]) -> Predictions:
    return Predictions(forms_sha256=digest(forms), predicted=predicted, by_method={})


def test_a_difference_has_the_interval_of_a_bootstrap_over_sites() -> None:
    rng = np.random.default_rng(3)
    forms = [form(f"{number}.example", *["email"] * 4) for number in range(60)]
    before = [tuple("email" if hit else "tel" for hit in rng.random(4) < 0.6) for _ in forms]
    after = [tuple("email" if hit else "tel" for hit in rng.random(4) < 0.8) for _ in forms]

    made = differences(forms, guesses(forms, *after), guesses(forms, *before))["accuracy"]

    by_site = np.array([(new.count("email") - old.count("email")) / 4 for new, old in zip(after, before, strict=True)])
    expected = bootstrap((by_site,), np.mean, method="percentile", rng=np.random.default_rng(1), n_resamples=5_000).confidence_interval
    assert made.value == pytest.approx(by_site.mean(), abs=1e-5)
    assert (made.low, made.high) == pytest.approx((expected.low, expected.high), abs=0.01)
    assert made.is_clear


def test_the_forms_of_a_site_are_drawn_together() -> None:
    one_site = [form("a.example", "email") for _ in range(40)]
    after, before = [("email",)] * 20 + [("tel",)] * 20, [("tel",)] * 40

    made = differences(one_site, guesses(one_site, *after), guesses(one_site, *before))["accuracy"]

    assert made == Difference(value=0.5, low=0.5, high=0.5)  # one site: nothing can vary


def test_a_share_of_nothing_has_no_difference() -> None:
    forms = [form("a.example", "none"), form("b.example", "none")]
    nothing = guesses(forms, ("none",), ("none",))

    assert differences(forms, nothing, nothing).keys() == {"accuracy", "false_fill"}
    assert differences([], guesses([]), guesses([])) == {}


NOW = datetime(2026, 11, 29, tzinfo=UTC)
FORMS = [form("a.example", "email", "tel"), form("b.example", "email")]


def line(tmp_path: Path, *right: int, **recorded_parameters: object) -> tuple[ModelStore, list[str]]:
    """Versions, each the parent of the next, with so many of three fields right. Returns their names."""
    store = ModelStore(folder_store(tmp_path / "store"))
    names: list[str] = []
    for number, count in enumerate(right):
        predicted = [guess if position < count else "none" for position, guess in enumerate(("email", "tel", "email"))]
        made = PredictionsFile(parts={Part.EVALUATION: guesses(FORMS, tuple(predicted[:2]), tuple(predicted[2:]))})
        name = version_name("embeddings", NOW + timedelta(hours=number), f"run-{number}")
        store.objects.put(f"{name}/predictions.json", made.model_dump_json().encode())
        store.objects.download(f"{name}/predictions.json", tmp_path / "predictions.json")
        manifest = Manifest(
            version=name,
            created_at=NOW,
            mode="build-index",
            parent=names[-1] if names else None,
            code_version="test",
            run_id=f"run-{number}",
            files={"predictions.json": entry_of(tmp_path / "predictions.json")},
            data={},
            parameters=recorded_parameters,
            metrics={},
            verdict=Verdict(promote=True, reason="a test's version"),
        )
        store.seal(manifest)
        names.append(name)
    return store, names


def test_the_best_of_the_versions_behind_the_parent_is_compared_with(tmp_path: Path) -> None:
    store, names = line(tmp_path, 1, 3, 2, 3, 0)

    found = best_ancestor(store, names[-1], 2.0, FORMS)

    assert found is not None
    assert (found.version, found.of) == (names[3], 4)  # the newest of equals; the parent has a check of its own


def test_a_version_for_other_forms_or_another_cost_is_no_measure(tmp_path: Path) -> None:
    store, names = line(tmp_path, 3, 0, wrong_cost=2.0)

    assert best_ancestor(store, names[-1], 2.0, FORMS[:1]) is None
    assert best_ancestor(store, names[-1], 3.0, FORMS) is None
    assert best_ancestor(store, names[-1], 2.0, FORMS) is not None


def test_the_line_ends_at_a_version_that_is_damaged_or_gone(tmp_path: Path) -> None:
    store, names = line(tmp_path, 3, 2, 1)
    store.objects.put(f"{names[1]}/manifest.json", b"{")

    assert best_ancestor(store, names[-1], 2.0, FORMS) is None
    assert best_ancestor(store, "embeddings_v20260101T000000Z-000000", 2.0, FORMS) is None


def test_only_so_many_versions_are_looked_at(tmp_path: Path) -> None:
    store, names = line(tmp_path, 3, *[2] * (MAX_ANCESTORS + 1))

    found = best_ancestor(store, names[-1], 2.0, FORMS)

    assert found is not None
    assert (found.version, found.of) == (names[-2], MAX_ANCESTORS)
