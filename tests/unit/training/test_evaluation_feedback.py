import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.tiny_version import write_version

from fieldwise_common.store.overrides import Override, Overrides
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_inference.serving.version import load_version
from fieldwise_training.evaluation.agreed import (
    MAX_FIELDS_IN_ALL,
    MAX_FORMS,
    MAX_FORMS_PER_USER,
    agreed_forms,
    for_calibration,
    held_out,
    is_for_calibration,
    is_held_out,
)
from fieldwise_training.evaluation.comparison import Comparison, compare
from fieldwise_training.evaluation.measure import measured_on
from fieldwise_training.evaluation.metrics import measured
from fieldwise_training.evaluation.overrides import review
from fieldwise_training.evaluation.predictions import Part, Predictions, predict_part
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.evaluation.verdict import checks
from fieldwise_training.feedback.agreement import agree
from fieldwise_training.feedback.judged import JudgedField
from fieldwise_training.feedback.votes import Vote

SITE, CALIBRATION_SITE = (
    next(name for number in range(100) if is_held_out(name := f"{number:016x}") and is_for_calibration(name) is chosen)
    for chosen in (False, True)
)
OTHER_SITE = next(name for number in range(100) if not is_held_out(name := f"{number:016x}"))
EMAIL = {"label": "Email", "name": "contact", "type": "text"}
SEARCH = {"label": "Search", "name": "q", "type": "text"}


def judged(
    site: str,
    request_id: str,
    *fields: dict[str, str],
    at: str = "2026-11-29T10:00:00.000Z",
    origin: str = "https://a.example",
    user: str = "u1",
) -> list[JudgedField]:
    """A form with feedback, with the signatures that inference gives its fields."""
    descriptors = [FieldDescriptor.model_validate({"selector": "#x", **field}) for field in fields]
    made = signatures([FieldView(field) for field in descriptors], origin)
    return [
        JudgedField(
            site=site,
            request_id=request_id,
            position=position,
            signature=str(signature),
            user=user,
            at=at,
            model_version="v",
            field=json.dumps(field),
            predicted="",
        )
        for position, (field, signature) in enumerate(zip(fields, made, strict=True))
    ]


def agreed_on(rows: Sequence[JudgedField], answer: SiteAnswer) -> SiteAnswers:
    """The answer for the first field of a form."""
    return SiteAnswers(sites={rows[0].site: {rows[0].signature: answer}})


AGREED = SiteAnswer(canonical="tel", agree=3)


@pytest.mark.parametrize("origin", ["https://a.example", ""])
def test_agreed_fields_are_right_for_a_stranger_and_held_out_ones_are_decided_without_the_sites_answers(
    tmp_path: Path, origin: str
) -> None:
    rows = judged(SITE, "r1", EMAIL, SEARCH, origin=origin)
    files = write_version(tmp_path)
    (tmp_path / "sites.json").write_text(agreed_on(rows, AGREED).model_dump_json())
    version = load_version("v", {**files, "sites.json": tmp_path / "sites.json"})

    forms = agreed_forms(rows, version.sites)

    assert [form.truths for form in forms] == [("tel", "")]
    assert predict_part(version, Part.AGREED, forms).predicted == (("tel", "none"),)
    assert predict_part(version, Part.HELD_OUT_VOTES, forms).predicted == (("email", "none"),)
    assert measured_on("v", forms, predict_part(version, Part.AGREED, forms)).overall.fields == 1


def test_votes_are_held_out_by_site() -> None:
    every = (SITE, CALIBRATION_SITE, OTHER_SITE)
    rows = [row for site in every for row in judged(site, f"r-{site}", EMAIL)]
    sites = SiteAnswers(sites={site: {rows[0].signature: AGREED} for site in every})

    forms = agreed_forms(rows, sites)

    assert {form.request.site for form in forms} == set(every)
    assert [form.request.site for form in held_out(forms)] == [SITE]
    assert [form.request.site for form in for_calibration(forms)] == [CALIBRATION_SITE]


def test_of_the_same_form_sent_by_many_the_newest_stands_for_all() -> None:
    older = judged(SITE, "r2", EMAIL)
    newer = judged(SITE, "r1", EMAIL | {"placeholder": "new"}, at="2026-11-29T11:00:00.000Z")

    (form,) = agreed_forms([*older, *newer], agreed_on(older, AGREED))

    assert form.request.fields[0].placeholder == "new"


def variants(count: int, *more: dict[str, str], user: str = "") -> list[JudgedField]:
    """Forms with one field in common, each of a user of its own unless they are all of `user`."""
    texts = ("x" * number for number in range(count))
    return [row for x in texts for row in judged(SITE, f"r{x}", EMAIL, SEARCH | {"label": x}, *more, user=user or f"u{x}")]


def test_at_most_so_many_forms_are_measured_the_same_ones_each_time() -> None:
    rows = variants(MAX_FORMS + 20)
    sites = agreed_on(rows, AGREED)

    forms = agreed_forms(rows, sites)

    assert len(forms) == MAX_FORMS
    assert agreed_forms(reversed(rows), sites) == forms


def test_the_largest_forms_are_measured_only_as_far_as_a_step_can_run() -> None:
    rows = variants(35, *(EMAIL | {"name": f"n{number}"} for number in range(298)))

    forms = agreed_forms(rows, agreed_on(rows, AGREED))

    assert sum(len(form.truths) for form in forms) == MAX_FIELDS_IN_ALL // 300 * 300


def test_one_user_does_not_crowd_out_the_forms_of_others() -> None:
    rows = [*variants(200, user="liar"), *judged(SITE, "honest", EMAIL)]

    forms = agreed_forms(rows, agreed_on(rows, AGREED))

    assert len(forms) == MAX_FORMS_PER_USER + 1


@pytest.mark.parametrize(
    "answer",
    [
        SiteAnswer(rejected=("email",), agree=3),  # that it is no e-mail address is all they agree on
        None,
    ],
)
def test_forms_whose_users_agree_on_no_id_are_not_measured(answer: SiteAnswer | None) -> None:
    rows = judged(SITE, "r1", EMAIL)

    assert agreed_forms(rows, agreed_on(rows, answer) if answer is not None else SiteAnswers()) == ()


def test_contradicting_votes_give_nothing_to_measure_on() -> None:
    rows = judged(SITE, "r1", EMAIL)
    votes = [Vote(SITE, rows[0].signature, f"u{number}", canonical) for number, canonical in enumerate(("tel", "email", "none", "url"))]

    sites = agree(votes, 2, SiteAnswers(), frozenset({"tel", "email", "url"}))

    assert agreed_forms(rows, sites) == ()


def test_rows_without_a_signature_or_a_field_are_left_out() -> None:
    rows = judged(SITE, "r1", EMAIL, SEARCH)
    damaged = [JudgedField(**{**vars_of(rows[1]), **change}) for change in ({"signature": ""}, {"field": "[1]"}, {"field": "{"})]

    forms = [agreed_forms([rows[0], row], agreed_on(rows, AGREED)) for row in damaged]

    assert [[form.truths for form in made] for made in forms] == [[("tel",)]] * 3


def vars_of(row: JudgedField) -> dict[str, object]:
    return {name: getattr(row, name) for name in JudgedField.__dataclass_fields__}


def override(canonical: str, field: dict[str, str] | None, signature: str = "aa-bb-0") -> Override:
    described = FieldDescriptor.model_validate({"selector": "#x", **field}) if field is not None else None
    at = datetime(2026, 11, 29, tzinfo=UTC)
    return Override(
        site=SITE, origin="https://secret.example", signature=signature, canonical=canonical, by="admin", at=at, why="x", field=described
    )


def test_overrides_that_the_version_agrees_with_are_for_removal(tmp_path: Path) -> None:
    given = Overrides(
        overrides=(
            override("tel", None),
            override("tel", EMAIL),
            override("email", EMAIL),
            override("none:search", SEARCH),
            override("tel", EMAIL, "?"),
        )
    )

    made = review(given, load_version("v", write_version(tmp_path)))

    assert [(one.review, one.canonical, one.without) for one in made] == [
        ("for removal", "email", "email"),
        ("for removal", "none:search", "none"),
        ("field unknown", "tel", ""),
        ("field unknown", "tel", ""),
        ("needed", "tel", "email"),
    ]


def test_an_override_is_reviewed_with_the_answers_of_its_site(tmp_path: Path) -> None:
    rows = judged(SITE, "r1", EMAIL)
    files = write_version(tmp_path)
    (tmp_path / "sites.json").write_text(agreed_on(rows, AGREED).model_dump_json())
    given = Overrides(overrides=(override("tel", EMAIL, rows[0].signature),))

    made = review(given, load_version("v", {**files, "sites.json": tmp_path / "sites.json"}))

    assert [(one.review, one.without) for one in made] == [("for removal", "tel")]


def sites_of(count: int) -> list[str]:
    return [name for number in range(9_999) if is_held_out(name := f"{number:016x}") and not is_for_calibration(name)][:count]


def clusters(*forms: tuple[str, str]) -> list[str]:
    """The clusters of forms, each of a site and the user who gave the newest feedback on it, in the order of the sites."""
    rows = [row for number, (site, user) in enumerate(forms) for row in judged(site, f"r{number}", EMAIL | {"name": user}, user=user)]
    answers: dict[str, dict[str, SiteAnswer]] = {}
    for row in rows:
        answers.setdefault(row.site, {})[row.signature] = AGREED
    return [form.cluster for form in sorted(agreed_forms(rows, SiteAnswers(sites=answers)), key=lambda form: form.request.site)]


def test_sites_that_share_a_user_are_one_piece_of_evidence() -> None:
    one, two, three, four = sites_of(4)

    assert len(set(clusters((one, "u1"), (two, "u2"), (three, "u3")))) == 3
    assert len(set(clusters((one, "u1"), (two, "u1"), (two, "u2"), (three, "u2"), (four, "u9")))) == 2
    assert len(set(clusters((one, ""), (two, "")))) == 2  # unknown users are not the same user


def test_three_who_collude_on_many_held_out_sites_can_not_stop_a_version() -> None:
    sites = sites_of(12)
    rows = [row for number, site in enumerate(sites) for row in judged(site, f"r{number}", EMAIL, user=f"liar {number % 3}")]
    answers = SiteAnswers(sites={row.site: {row.signature: AGREED} for row in rows})
    forms = held_out(agreed_forms(rows, answers))
    says = Predictions(forms_sha256="", predicted=(("tel",),) * len(forms), by_method={})
    knows = Predictions(forms_sha256="", predicted=(("email",),) * len(forms), by_method={})

    made = compare(forms, after=knows, before=says)

    assert (made.lost, made.p) == (12, 1 / 8)
    assert [check.passed for check in checks(with_votes(made), 0.0) if check.name == "held-out votes"] == [True]


def test_five_independent_sites_that_lose_stop_a_version() -> None:
    sites = sites_of(5)
    rows = [row for number, site in enumerate(sites) for row in judged(site, f"r{number}", EMAIL, user=f"u{number}")]
    forms = agreed_forms(rows, SiteAnswers(sites={row.site: {row.signature: AGREED} for row in rows}))
    right, wrong = (Predictions(forms_sha256="", predicted=((said,),) * 5, by_method={}) for said in ("tel", "email"))

    made = compare(forms, after=wrong, before=right)

    assert [check.passed for check in checks(with_votes(made), 0.0) if check.name == "held-out votes"] == [False]


def with_votes(compared: Comparison) -> Metrics:
    return Metrics(candidate=measured("new", (), {}), champion=None, encoder=None, held_out_votes=compared)
