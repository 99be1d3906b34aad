from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test
from tests.support.tiny_version import folder_store, publish, write_version

from fieldwise_common.errors import DataError
from fieldwise_common.store.manifest import Verdict
from fieldwise_common.store.model_store import ModelStore
from fieldwise_inference.serving.version import load_version
from fieldwise_training.corpus import Form
from fieldwise_training.evaluation.comparison import MAX_FLIPS, Comparison, Flip, compare, p_of_loss
from fieldwise_training.evaluation.measure import Parts, measure_champion, measured_on, predict_parts
from fieldwise_training.evaluation.metrics import Confusion, Figures, Outcome, figures, measured
from fieldwise_training.evaluation.predictions import Part, Predictions, PredictionsFile, TruthForm, digest
from fieldwise_training.evaluation.record import Ancestor, Metrics
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


def precise(accuracy: float, precision: float | None, version: str = "new") -> Metrics:
    metrics = with_accuracy(accuracy, version)
    overall = metrics.candidate.overall.model_copy(update={"precision": precision})
    return metrics.model_copy(update={"candidate": metrics.candidate.model_copy(update={"overall": overall})})


def against(metrics: Metrics, champion: float, precision: float | None = None, **more: object) -> Metrics:
    return metrics.model_copy(update={"champion": precise(champion, precision, "old").candidate, **more})


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
    forms = [TruthForm.of(FORM), TruthForm.of(FORM)]

    found = predict_parts(load_version("v", write_version(tmp_path)), {Part.EVALUATION: forms})[Part.EVALUATION]

    assert found.predicted == (("given-name", "none", "email", "none"),) * 2
    made = measured_on("v", forms, found)
    assert made.overall == Figures(fields=8, accuracy=0.75, recall=0.5, precision=0.5, false_fill=0.0)
    assert made.by_method["ranker"] == 6
    assert made.confusions == (Confusion(truth="tel", predicted="email", count=2),)


def test_evaluating_on_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no forms to evaluate on"):
        predict_parts(load_version("v", write_version(tmp_path)), {Part.EVALUATION: [], Part.GUARD: []})


def test_a_part_other_than_the_evaluation_may_be_empty(tmp_path: Path) -> None:
    found = predict_parts(load_version("v", write_version(tmp_path)), {Part.EVALUATION: [TruthForm.of(FORM)], Part.GUARD: []})

    assert found[Part.GUARD].predicted == ()


PARTS: Parts = {Part.EVALUATION: [TruthForm.of(FORM)], Part.GUARD: []}


def recorded(forms: Sequence[TruthForm], *predicted: str) -> bytes:
    """A `predictions.json` in which the evaluation has these predictions, which no version makes."""
    own = Predictions(forms_sha256=digest(forms), predicted=(predicted,), by_method={"ranker": 4})
    return PredictionsFile(parts={Part.EVALUATION: own}).model_dump_json().encode()


def champion_with(tmp_path: Path, instead: dict[str, bytes], code: str = "test") -> Predictions:
    objects = folder_store(tmp_path / "store")
    champion, problem = measure_champion(ModelStore(objects), publish(objects, tmp_path, instead=instead), code, PARTS)
    assert champion is not None, problem
    return champion[Part.EVALUATION]


MEASURED = ("given-name", "none", "email", "none")
RECORDED = ("tel", "tel", "tel", "tel")


def test_a_champion_of_an_earlier_release_that_recorded_no_predictions_is_measured(tmp_path: Path) -> None:
    champion = champion_with(tmp_path, {})

    assert champion.predicted == (MEASURED,)


def test_what_the_champion_recorded_for_the_same_forms_is_not_measured_again(tmp_path: Path) -> None:
    champion = champion_with(tmp_path, {"predictions.json": recorded(PARTS[Part.EVALUATION], *RECORDED)})

    assert champion.predicted == (RECORDED,)


def test_a_champion_with_other_evaluation_data_is_measured_again(tmp_path: Path) -> None:
    other = TruthForm.of(FORM.model_copy(update={"fields": FORM.fields[:3]}))

    champion = champion_with(tmp_path, {"predictions.json": recorded([other], *RECORDED[:3])})

    assert champion.predicted == (MEASURED,)


def test_a_champion_is_measured_again_by_other_code(tmp_path: Path) -> None:
    champion = champion_with(tmp_path, {"predictions.json": recorded(PARTS[Part.EVALUATION], *RECORDED)}, code="newer")

    assert champion.predicted == (MEASURED,)


def test_recorded_predictions_that_can_not_be_parsed_are_measured_again(tmp_path: Path) -> None:
    champion = champion_with(tmp_path, {"predictions.json": b'{"parts": {"evaluation": 7}}'})

    assert champion.predicted == (MEASURED,)


def test_a_damaged_record_of_a_champion_that_works_does_not_spare_it_the_comparison(tmp_path: Path) -> None:
    objects = folder_store(tmp_path / "store")
    made = {"predictions.json": recorded(PARTS[Part.EVALUATION], *RECORDED)}
    name = publish(objects, tmp_path, instead=made, damage={"predictions.json": b"damaged"})

    champion, problem = measure_champion(ModelStore(objects), name, "test", PARTS)

    assert problem is None
    assert champion is not None
    assert champion[Part.EVALUATION].predicted == (MEASURED,)


def test_a_corrected_truth_needs_no_new_measurement() -> None:
    fields = (FORM.fields[0].model_copy(update={"truth": "nickname"}), *FORM.fields[1:])

    assert digest([TruthForm.of(FORM.model_copy(update={"fields": fields}))]) == digest([TruthForm.of(FORM)])


@pytest.mark.parametrize(
    ("damage", "instead", "reason"),
    [
        ({"meta.json": b"{}"}, {}, "/meta.json differs from its manifest"),
        ({}, {"sites.json": b"[]"}, ": sites.json: 1 wrong values"),
    ],
)
def test_a_champion_that_can_not_be_loaded_is_reported_and_not_compared_with(
    tmp_path: Path, damage: dict[str, bytes], instead: dict[str, bytes], reason: str
) -> None:
    objects = folder_store(tmp_path / "store")
    name = publish(objects, tmp_path, damage=damage, instead=instead)

    champion, problem = measure_champion(ModelStore(objects), name, "test", PARTS)

    assert champion is None
    assert problem == f"{name}{reason}"


def one_field(name: str, truth: str = "email") -> TruthForm:
    return TruthForm.of(Form.model_validate({"site": name, "lang": "en", "fields": [{"label": f"Field of {name}", "truth": truth}]}))


def guesses(*predicted: str) -> Predictions:
    return Predictions(forms_sha256="", predicted=tuple((one,) for one in predicted), by_method={})


def test_a_comparison_names_the_fields_that_flipped_the_lost_ones_first() -> None:
    forms = [one_field("won.example"), one_field("lost.example"), one_field("same.example"), one_field("wrong.example")]

    made = compare(forms, after=guesses("email", "tel", "email", "url"), before=guesses("none", "email", "email", "tel"))

    assert (made.fields, made.right, made.champion_right, made.lost, made.won, made.p) == (4, 2, 2, 1, 1, 0.75)
    assert made.flipped == (
        Flip(form="lost.example", label="Field of lost.example", truth="email", before="email", after="tel"),
        Flip(form="won.example", label="Field of won.example", truth="email", before="none", after="email"),
    )


def test_forms_of_one_cluster_are_one_piece_of_evidence() -> None:
    forms = [one_field(f"{number}.example") for number in range(6)]
    related = [replace(form, cluster="one") for form in forms]
    lost = {"after": guesses(*["tel"] * 6), "before": guesses(*["email"] * 6)}

    assert (compare(forms, **lost).p, compare(related, **lost).p) == (1 / 64, 0.5)


def test_fields_held_back_and_wrong_fills_are_counted_and_tested_apart() -> None:
    forms = [one_field(f"{number}.example") for number in range(6)] + [one_field(f"none-{number}.example", "none") for number in range(5)]
    before, after = guesses(*["email"] * 6, *["none"] * 5), guesses(*["none"] * 6, *["tel"] * 5)
    likeliest = guesses(*["email"] * 5, "name", *["tel"] * 5).predicted

    made = compare(forms, after.model_copy(update={"guesses": likeliest}), before)

    assert (made.lost, made.held_back, made.wrong_fills, made.champion_wrong_fills) == (11, 5, 5, 0)
    assert (made.p, made.p_unless_held_back, made.p_of_wrong_fills) == (round(1 / 2048, 6), 1 / 64, 1 / 32)
    assert [flip.is_held_back for flip in made.flipped] == [False] * 6 + [True] * 5
    assert compare(forms, after, before).held_back == 0  # not recorded: nothing is excused


def test_a_wrong_fill_in_place_of_another_is_no_more_of_them() -> None:
    made = compare([one_field("a.example")], guesses("tel"), guesses("url"))

    assert (made.wrong_fills, made.champion_wrong_fills, made.p_of_wrong_fills) == (1, 1, 1.0)


def test_a_comparison_lists_a_bounded_number_of_flips_and_counts_all() -> None:
    forms = [one_field(f"{number}.example") for number in range(MAX_FLIPS + 5)]

    made = compare(forms, after=guesses(*["tel"] * len(forms)), before=guesses(*["email"] * len(forms)))

    assert (made.lost, len(made.flipped)) == (MAX_FLIPS + 5, MAX_FLIPS)


def test_without_a_champion_a_comparison_counts_what_is_right() -> None:
    assert compare([one_field("a.example"), one_field("b.example")], guesses("email", "tel"), None) == Comparison(
        fields=2, right=1, wrong_fills=1
    )


def test_where_forms_flip_one_field_each_the_test_is_mcnemars() -> None:
    lost, won = 9, 3

    assert p_of_loss([-1] * lost + [1] * won + [0] * 50) == pytest.approx(binomtest(won, lost + won, alternative="less").pvalue)


def test_forms_that_flip_several_fields_are_weighed_by_them() -> None:
    changes = np.array([-3, 1, -2, 2, -1, -1, 4, -5, -2, 1])

    expected = permutation_test((changes,), np.sum, permutation_type="samples", alternative="less", n_resamples=np.inf, vectorized=True)

    assert p_of_loss(changes.tolist()) == pytest.approx(expected.pvalue)


@pytest.mark.parametrize(
    ("changes", "p"),
    [
        ([], 1.0),
        ([-1], 0.5),  # one field worse
        ([-12], 0.5),  # a single form, however many of its fields flipped together
        ([-1] * 4, 1 / 16),
        ([-1] * 5, 1 / 32),
        ([1] * 5, 1.0),
    ],
)
def test_a_loss_is_significant_when_enough_forms_lose(changes: list[int], p: float) -> None:
    assert p_of_loss(changes) == pytest.approx(p)


def test_only_the_loss_beyond_what_is_allowed_counts() -> None:
    lost, won = [-1] * 60, [1] * 40

    assert p_of_loss([*lost, *won]) < 0.05
    assert p_of_loss([*lost, *won], allowed=10) > 0.15
    assert p_of_loss([-1] * 90 + [1] * 10, allowed=10) < 1e-6


LOST = Flip(form="a.example, signup", label="E-mail", truth="email", before="email", after="none")


def compared(lost: int, won: int, p: float, **more: object) -> Comparison:
    made = Comparison(fields=400, right=300 + won - lost, champion_right=300, lost=lost, won=won, p=p, p_unless_held_back=p)
    return made.model_copy(update=more)


WRONG_FILLS = {"wrong_fills": 20, "champion_wrong_fills": 10, "p_of_wrong_fills": 0.01}
HELD_BACK = compared(20, 0, 0.001, held_back=20, p_unless_held_back=1.0)


@pytest.mark.parametrize(
    ("metrics", "promote", "reason"),
    [
        (with_accuracy(0.8), True, "top-1 accuracy 0.8000 on 400 fields reaches the required 0.8000; there is no guard set"),
        (with_accuracy(0.7999), False, "top-1 accuracy 0.7999 on 400 fields is below the required 0.8000"),
        (with_accuracy(None), False, "top-1 accuracy 0.0000 on 400 fields is below the required 0.8000"),
        (
            against(with_accuracy(0.85), 0.8525, evaluation=compared(1, 0, 0.5)),
            True,
            "no significant loss against old, in production"
            " (of 400 fields 1 lost and 0 won, p = 0.5 by McNemar's exact test on whole sites)",
        ),
        (
            against(with_accuracy(0.85), 0.86, evaluation=compared(6, 1, 0.0499)),
            False,
            "significantly worse than old, in production"
            " (of 400 fields 6 lost and 1 won, p = 0.0499 by McNemar's exact test on whole sites)",
        ),
        (with_accuracy(0.9).model_copy(update={"champion_problem": "old is broken"}), True, "could not be measured (old is broken)"),
        (with_accuracy(0.9).model_copy(update={"guard": Comparison(fields=9, right=8)}), True, "guard set: 8 of 9 fields right"),
        (against(with_accuracy(0.9), 0.8, guard=compared(0, 2, 1.0)), True, "guard set: 302 of 400 fields right, none lost"),
        (
            against(with_accuracy(0.9), 0.8, guard=compared(1, 7, 1.0, flipped=(LOST,))),
            False,
            "guard set: 306 of 400 fields right, 1 lost that the version in production has right:"
            " 'E-mail' of a.example, signup, now none instead of email",
        ),
        (with_accuracy(0.9), True, "no agreed field of a held-out site to compare on"),
        (
            with_accuracy(0.9).model_copy(update={"held_out_votes": Comparison(fields=9, right=1)}),
            True,
            "held-out votes: 1 of 9 agreed fields",
        ),
        (
            against(with_accuracy(0.9), 0.8, held_out_votes=compared(2, 2, 1.0)),
            True,
            "held-out votes: 300 of 400 agreed fields right without their sites' answers, 300 in production"
            " (of 400 fields 2 lost and 2 won, p = 1)",
        ),
        (
            against(with_accuracy(0.9), 0.8, held_out_votes=compared(2, 1, 0.5)),
            True,
            "held-out votes: 299 of 400 agreed fields right without their sites' answers, 300 in production",
        ),
        (
            against(with_accuracy(0.9), 0.8, held_out_votes=compared(5, 0, 0.03125)),
            False,
            "held-out votes: 295 of 400 agreed fields right without their sites' answers, 300 in production"
            " (of 400 fields 5 lost and 0 won, p = 0.0312)",
        ),
        (
            against(precise(0.9, 0.96), 0.8, 0.97, evaluation=compared(0, 9, 1.0, **WRONG_FILLS)),
            False,
            "significantly more wrong fills: precision 96.0%, 97.0% in production (20 wrong fills, 10 in production, p = 0.01)",
        ),
        (
            against(precise(0.9, 0.97), 0.8, 0.97, evaluation=compared(0, 9, 1.0, **WRONG_FILLS)),
            True,  # as precise: it only fills more
            "precision 97.0%, 97.0% in production (20 wrong fills, 10 in production, p = 0.01)",
        ),
        (
            against(precise(0.9, 0.96), 0.8, 0.97, evaluation=compared(0, 9, 1.0, **{**WRONG_FILLS, "p_of_wrong_fills": 0.06})),
            True,
            "precision 96.0%, 97.0% in production",
        ),
        (
            against(precise(0.9, 0.96), 0.8, 0.97, evaluation=compared(0, 9, 1.0, **WRONG_FILLS), looser="wrong_cost is 1 instead of 2"),
            True,
            "p = 0.01); allowed, because wrong_cost is 1 instead of 2",
        ),
        (
            against(with_accuracy(0.9), 0.8, evaluation=HELD_BACK),
            False,
            "significantly worse than old, in production (of 400 fields 20 lost and 0 won, p = 0.001",
        ),
        (
            against(
                with_accuracy(0.9),
                0.8,
                evaluation=HELD_BACK,
                guard=HELD_BACK,
                held_out_votes=HELD_BACK,
                stricter="wrong_cost is 3 instead of 2",
            ),
            True,
            "no significant loss against old, in production (of 400 fields 0 lost, 20 held back and 0 won, p = 1",
        ),
        (
            against(
                with_accuracy(0.9),
                0.8,
                ancestor=Ancestor(version="oldest", of=1, compared=HELD_BACK),
                stricter="wrong_cost is 3 instead of 2",
            ),
            False,  # made for the same price
            "significantly worse than oldest",
        ),
        (
            against(with_accuracy(0.9), 0.8, ancestor=Ancestor(version="oldest", of=4, compared=compared(9, 2, 0.0125))),
            True,
            "no significant loss against oldest, the best of 4 earlier versions"
            " (of 400 fields 9 lost and 2 won, p = 0.0125, required 0.0125)",
        ),
        (
            against(with_accuracy(0.9), 0.8, ancestor=Ancestor(version="oldest", of=4, compared=compared(9, 1, 0.0124))),
            False,
            "significantly worse than oldest, the best of 4 earlier versions",
        ),
    ],
)
def test_a_version_is_promoted_if_it_is_good_enough_and_no_worse(metrics: Metrics, promote: bool, reason: str) -> None:
    verdict = judge(metrics, Mode.BUILD_INDEX, 0.8)

    assert verdict.promote is promote
    assert reason in verdict.reason


def test_a_rejection_gives_the_failed_checks_alone() -> None:
    metrics = against(with_accuracy(0.7), 0.9, evaluation=compared(1, 0, 0.5), held_out_votes=compared(5, 0, 0.03125))

    assert judge(metrics, Mode.BUILD_INDEX, 0.8).reason == (
        "top-1 accuracy 0.7000 on 400 fields is below the required 0.8000; "
        "held-out votes: 295 of 400 agreed fields right without their sites' answers, 300 in production"
        " (of 400 fields 5 lost and 0 won, p = 0.0312)"
    )


def test_a_smoke_test_never_goes_into_production() -> None:
    assert judge(with_accuracy(1.0), Mode.SMOKE_TEST, 0.0) == Verdict(promote=False, reason="smoke-test")
