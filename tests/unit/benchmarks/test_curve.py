"""Shares of the sites are nested, each is trained on and measured, and the curve through the points says what more fields bring."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks.curve.__main__ import app
from benchmarks.curve.points import Point, share_of_sites
from benchmarks.curve.slope import ALL, MORE_FIELDS, NOT_ENGLISH, curves, gain_of_more
from benchmarks.shared.site_counts import COLUMNS, Counts, MeasuredForms
from tests.support.tiny_training import CALIBRATION_SITE, CANONICAL, HELD_OUT_SITE
from tests.support.tiny_version import folder_store, publish
from typer.testing import CliRunner

from fieldwise_training.corpus import FieldExample, Form
from fieldwise_training.evaluation.predictions import TruthForm

FIELDS = (
    {"label": "First name *", "truth": "given-name"},
    {"label": "Last name", "truth": "family-name"},
    {"label": "Email", "truth": "email"},
    {"label": "Search", "truth": "none"},
)


def training_sites(number: int) -> list[str]:
    """Sites of neither the held-out nor the calibration part."""
    named = (f"shop-{n}.example" for n in range(10 * number))
    return [site for site in named if is_for_training(form(site))][:number]


def is_for_training(one: Form) -> bool:
    return not one.is_held_out and not one.is_for_calibration


def form(site: str, lang: str = "en") -> Form:
    return Form(site=site, lang=lang, fields=tuple(FieldExample.model_validate(field) for field in FIELDS))


def counted(rows: Sequence[tuple[int, int]]) -> Counts:
    """Of sites that have so many fields, of which so many are right."""
    counts = np.zeros((len(rows), len(COLUMNS)))
    for name, column in (("fields", 0), ("right", 1), ("meaningful", 0), ("recognised", 1), ("filled", 0)):
        counts[:, COLUMNS.index(name)] = [row[column] for row in rows]
    return counts


def test_a_larger_share_has_all_sites_of_a_smaller_one_in_every_language() -> None:
    sites = training_sites(18)
    forms = [*(form(site) for site in sites[:16]), *(form(site, "de") for site in sites[16:]), form(HELD_OUT_SITE), form(CALIBRATION_SITE)]

    eighth, half, every = (share_of_sites(forms, share) for share in (1 / 8, 1 / 2, 1))

    assert eighth < half < every == set(sites)
    assert (len(eighth), len(half)) == (2 + 1, 8 + 1)


def test_the_fitted_curve_is_that_of_errors_that_fall_as_a_power() -> None:
    fields = np.array([250.0, 500.0, 1000.0])
    errors = 40_000 * (fields / 250) ** -0.5  # of a million fields, so that the half that is added does not matter
    counts = counted([(1_000_000, round(1_000_000 - error)) for error in errors])

    gain, exponent = gain_of_more(counts, fields)

    assert float(exponent) == pytest.approx(-0.5, abs=1e-3)
    at_1000, at_2000 = (4 * (n / 250) ** -0.5 for n in (1000, 1000 + MORE_FIELDS))
    assert float(gain) == pytest.approx(at_1000 - at_2000, abs=0.01)


def test_languages_come_in_the_order_of_what_more_fields_would_bring() -> None:
    langs = ("en", "en", "fi", "fi", "he")
    forms = [TruthForm.of(form(f"{n}.example", lang)) for n, lang in enumerate(langs)]
    measured = MeasuredForms("forms", tuple(forms), frozenset())
    before, after = ([(100, 90), (100, 90), (100, 50), (100, 60), (5, 1)], [(100, 91), (100, 90), (100, 70), (100, 75), (5, 5)])
    points = [Point(0.5, {"en": 1000, "fi": 100}, (counted(before),)), Point(1, {"en": 2000, "fi": 200}, (counted(after),))]

    everything, others, first, second = curves(points, 0, measured, min_fields=50)

    assert (everything.language, others.language, first.language, second.language) == (ALL, NOT_ENGLISH, "fi", "en")
    assert (everything.trained_on, everything.measured_fields) == ((1100, 2200), 405)
    assert (others.trained_on, others.measured_fields) == ((100, 200), 205)
    assert first.overall == (55.0, 72.5)
    assert first.last_doubling is not None
    assert (first.last_doubling.value, first.last_doubling.low, first.last_doubling.high) == (17.5, 15.0, 20.0)
    assert first.is_far
    assert not second.is_far
    assert first.more_fields is not None
    assert second.more_fields is not None
    assert first.more_fields.value > second.more_fields.value > 0


def test_a_language_without_training_fields_has_no_estimate() -> None:
    measured = MeasuredForms("forms", (TruthForm.of(form("1.example", "fi")),), frozenset())
    points = [Point(share, {"en": int(100 * share)}, (counted([(60, 30)]),)) for share in (0.5, 1)]

    _, finnish = curves(points, 0, measured, min_fields=50)

    assert (finnish.trained_on, finnish.last_doubling, finnish.more_fields) == ((0, 0), None, None)


def test_the_command_trains_measures_and_writes(tmp_path: Path) -> None:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch")
    for folder, name, lines in (
        ("canonical", "en.json", [json.dumps(CANONICAL)]),
        ("corpus", "en.jsonl", [form(site).model_dump_json() for site in (*training_sites(4), HELD_OUT_SITE, CALIBRATION_SITE)]),
    ):
        (tmp_path / "data" / folder).mkdir(parents=True)
        (tmp_path / "data" / folder / name).write_text("\n".join(lines), "utf-8")
    real = tmp_path / "real.jsonl"
    real.write_text(json.dumps({"i": 1, "site": "a.example", "form": "1", "order": 0, "lang": "en", "label": "Email", "truth": "email"}))
    options = ("--store", tmp_path / "store", "--data", tmp_path / "data", "--out", tmp_path / "out", "--fields", real)

    result = CliRunner().invoke(app, [str(one) for one in (*options, "--doublings", 1, "--epochs", 1)])

    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "out" / "curve.json").read_text("utf-8"))
    assert found["shares"] == [0.5, 1.0]
    assert list(found["curves"]) == ["held-out forms", "real.jsonl"]
    [everything] = found["curves"]["held-out forms"]
    assert (everything["measured_fields"], everything["trained_on"]) == (4, [8, 16])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"curve.json", "curve.png", "curve-1.png"}
    assert "fields trained on" in result.output


def test_a_corpus_without_held_out_forms_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "canonical").mkdir()
    (tmp_path / "corpus").mkdir()
    (tmp_path / "canonical" / "en.json").write_text(json.dumps(CANONICAL))
    (tmp_path / "corpus" / "en.jsonl").write_text(form(CALIBRATION_SITE).model_dump_json())

    result = CliRunner().invoke(app, ["--data", str(tmp_path)])

    assert (result.exit_code, result.stderr.strip()) == (1, "corpus: no form is held out for evaluation")
