from pathlib import Path

import pytest
from tests.support.tiny_version import folder_store, publish, write_version

from fieldwise_common.errors import DataError
from fieldwise_common.store.manifest import Verdict
from fieldwise_common.store.model_store import ModelStore
from fieldwise_inference.serving.version import load_version
from fieldwise_training.corpus import Form
from fieldwise_training.evaluation.measure import measure, measure_champion
from fieldwise_training.evaluation.metrics import Confusion, Figures, Metrics, Outcome, figures, measured
from fieldwise_training.evaluation.report import render
from fieldwise_training.evaluation.verdict import judge
from fieldwise_training.state import Mode

OUTCOMES = (
    Outcome("en", "email", "email"),
    Outcome("en", "email", "tel"),
    Outcome("de", "tel", "none"),
    Outcome("de", "none", "none"),
    Outcome("de", "none", "email"),
)
FORM = Form.model_validate(
    {
        "site": "a.example",
        "lang": "en",
        "fields": [
            {"label": "First name", "truth": "given-name"},
            {"label": "Search", "truth": "none:search"},
            {"label": "Email", "truth": "tel"},
            {"label": "Gate", "type": "hidden", "truth": "none"},
        ],
    }
)


def with_accuracy(accuracy: float | None, version: str = "new", confusions: tuple[tuple[str, str], ...] = ()) -> Metrics:
    overall = Figures(fields=400, accuracy=accuracy, recall=0.5, precision=None, false_fill=0.1)
    one = measured(version, (), {}).model_copy(
        update={
            "overall": overall,
            "by_language": {"en": overall},
            "confusions": tuple(Confusion(truth=t, predicted=p, count=3) for t, p in confusions),
        }
    )
    return Metrics(candidate=one, champion=None, encoder=None)


def against(metrics: Metrics, champion: float) -> Metrics:
    return metrics.model_copy(update={"champion": with_accuracy(champion, "old").candidate})


def test_the_metrics_are_shares() -> None:
    assert figures(OUTCOMES) == Figures(fields=5, accuracy=0.4, recall=0.3333, precision=0.3333, false_fill=0.5)


def test_a_share_of_no_fields_is_none() -> None:
    assert figures([Outcome("en", "none", "none")]) == Figures(fields=1, accuracy=1.0, recall=None, precision=None, false_fill=0.0)


def test_metrics_are_split_by_language_and_canonical_id_and_confusions_are_ranked() -> None:
    made = measured("v", (*OUTCOMES, Outcome("en", "email", "tel")), {"semantic": 6})

    assert {lang: f.accuracy for lang, f in made.by_language.items()} == {"de": 0.3333, "en": 0.3333}
    assert (made.by_canonical["email"].recall, made.by_canonical["email"].precision) == (0.3333, 0.5)
    assert (made.confusions[0].truth, made.confusions[0].predicted, made.confusions[0].count) == ("email", "tel", 2)


def test_a_version_is_measured_by_classifying_whole_forms(tmp_path: Path) -> None:
    made = measure(load_version("v", write_version(tmp_path)), [FORM, FORM])

    assert made.overall == Figures(fields=8, accuracy=0.75, recall=0.5, precision=0.5, false_fill=0.0)
    assert made.by_method["ranker"] == 6
    assert made.confusions == (Confusion(truth="tel", predicted="email", count=2),)


def test_evaluating_on_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no forms to evaluate on"):
        measure(load_version("v", write_version(tmp_path)), [])


def test_the_champion_is_measured_on_the_same_forms(tmp_path: Path) -> None:
    objects = folder_store(tmp_path / "store")
    name = publish(objects, tmp_path)

    champion, problem = measure_champion(ModelStore(objects), name, [FORM])

    assert problem is None
    assert champion is not None
    assert (champion.version, champion.overall.accuracy) == (name, 0.75)


def test_a_champion_that_can_not_be_loaded_is_reported_and_not_compared_with(tmp_path: Path) -> None:
    objects = folder_store(tmp_path / "store")
    name = publish(objects, tmp_path, damage={"meta.json": b"{}"})

    champion, problem = measure_champion(ModelStore(objects), name, [FORM])

    assert champion is None
    assert problem == f"{name}/meta.json differs from its manifest"


@pytest.mark.parametrize(
    ("metrics", "promote", "reason"),
    [
        (with_accuracy(0.8), True, "top-1 accuracy 0.8000 on 400 fields reaches the required 0.8000"),
        (with_accuracy(0.7999), False, "top-1 accuracy 0.7999 on 400 fields is below the required 0.8000"),
        (with_accuracy(None), False, "top-1 accuracy 0.0000 on 400 fields is below the required 0.8000"),
        (against(with_accuracy(0.85), 0.85), True, "and is not below the 0.8500 of old, in production"),
        (against(with_accuracy(0.85), 0.86), False, "top-1 accuracy 0.8500 on 400 fields is below the 0.8600 of old, in production"),
        (with_accuracy(0.9).model_copy(update={"champion_problem": "old is broken"}), True, "could not be measured (old is broken)"),
    ],
)
def test_a_version_is_promoted_if_it_is_good_enough_and_not_worse(metrics: Metrics, promote: bool, reason: str) -> None:
    verdict = judge(metrics, Mode.BUILD_INDEX, 0.8)

    assert verdict.promote is promote
    assert reason in verdict.reason


def test_a_smoke_test_never_goes_into_production() -> None:
    assert judge(with_accuracy(1.0), Mode.SMOKE_TEST, 0.0) == Verdict(promote=False, reason="smoke-test")


def test_the_report_is_one_page_that_loads_nothing_and_escapes_everything() -> None:
    metrics = against(with_accuracy(0.9, confusions=(("email", "tel"),)), 0.8)

    page = render(metrics, Verdict(promote=True, reason="better <than> before"), {"note": "<script>"})

    assert "better &lt;than&gt; before" in page
    assert "<script" not in page
    assert page.count("<svg") == 2
    assert "src=" not in page
    assert "90.0%" in page
    assert "in production: old" in page


def test_the_same_metrics_give_the_same_report() -> None:
    verdict = Verdict(promote=False, reason="worse")

    assert render(with_accuracy(0.5), verdict, {}) == render(with_accuracy(0.5), verdict, {})
