"""Reading forms with known truth."""

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.shared.forms import read_truth
from benchmarks.shared.truth import TruthField, equivalent
from tests.support.tiny_training import HELD_OUT_SITE

from fieldwise_common.errors import DataError


def row(i: object, **changes: Any) -> dict[str, Any]:
    """A valid line with changes; a change to None removes the key."""
    usual = {"i": i, "site": "a.example", "source": "s", "lang": "en", "form": "1", "order": i, "label": "Email", "truth": "email"}
    return {key: value for key, value in {**usual, **changes}.items() if value is not None}


def truth_file(folder: Path, *rows: object) -> Path:
    path = folder / "fields.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in rows), "utf-8")
    return path


def authored(folder: Path, truth: str = "email") -> Path:
    forms = [
        {"site": site, "lang": "en", "kind": "signup", "fields": [{"label": "Email", "truth": truth}, {"label": "?", "truth": "none"}]}
        for site in ("indexed-1.example", HELD_OUT_SITE)
    ]
    path = folder / "forms.jsonl"
    path.write_text("".join(json.dumps(form) + "\n" for form in forms), "utf-8")
    return path


def described(field: TruthField) -> dict[str, Any]:
    """The field as JSON, without what it does not have."""
    return field.descriptor.model_dump(mode="json", exclude_defaults=True)


def test_a_form_is_the_fields_of_one_site_and_form_in_their_order(tmp_path: Path) -> None:
    path = truth_file(
        tmp_path, row(0, order=2), row(1, form="2"), row(2, order=1), row(3, site="b.example"), "", row(4, order=3, form="2", label="Tel")
    )

    forms = read_truth(path).forms

    assert [[field.i for field in form] for form in forms] == [[2, 0], [1, 4], [3]]


def test_a_field_is_described_as_a_client_would_and_never_by_its_value(tmp_path: Path) -> None:
    sent = {"placeholder": "you@", "name": "mail", "id": "m", "type": "email", "autocomplete": "email", "maxlength": 40}
    path = truth_file(tmp_path, row(7, **sent, options=["a"], required=True, value="ada@example.org", peer="email", origin="page"), row(8))

    full, bare = read_truth(path).forms[0]

    expected = {"selector": "#field-7", "label": "Email", **sent, "options": [{"value": "a", "text": "a"}], "required": True}
    assert described(full) == expected
    assert full.peer == "email"
    assert described(bare) == {"selector": "#field-8", "label": "Email"}


def test_the_vocabulary_is_the_files_truths_and_their_equivalents(tmp_path: Path) -> None:
    vocabulary = read_truth(truth_file(tmp_path, row(0), row(1, truth="none"))).vocabulary

    assert {"email", "none", "tel-local", "street-address"} <= vocabulary
    assert "salary" not in vocabulary


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{not json", r"fields\.jsonl, line 2: not JSON"),
        ("[1]", r"fields\.jsonl, line 2: expected an object, found list"),
        (row(1, truth=None), r"fields\.jsonl, line 2, truth: Field required"),
        (row(1, site=""), r"fields\.jsonl, line 2, site: "),
        (row(1, order="first"), r"fields\.jsonl, line 2, order: "),
        (row(1, label=["Email"]), r"fields\.jsonl, line 2, label: "),
        (row(0), r"fields\.jsonl, line 2, i: 0 is used twice"),
        (row("0"), r"fields\.jsonl, line 2, i: '0' is used twice"),
    ],
)
def test_an_error_names_file_line_and_key(tmp_path: Path, bad: object, message: str) -> None:
    path = truth_file(tmp_path, row(0), bad)

    with pytest.raises(DataError, match=message):
        read_truth(path)


def test_files_with_nothing_to_measure_are_refused(tmp_path: Path) -> None:
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes(b'{"i": "\xe9"}')

    with pytest.raises(DataError, match=r"nowhere\.jsonl: no such file"):
        read_truth(tmp_path / "nowhere.jsonl")
    with pytest.raises(DataError, match=r"fields\.jsonl: there is no field in it"):
        read_truth(truth_file(tmp_path))
    with pytest.raises(DataError, match=r"latin\.jsonl: not UTF-8"):
        read_truth(latin)
    with pytest.raises(DataError, match="line 301, form: more than 300 fields"):
        read_truth(truth_file(tmp_path, *(row(i) for i in range(301))))


def test_authored_forms_are_told_by_their_first_line_and_numbered_consecutively(tmp_path: Path) -> None:
    truth = read_truth(authored(tmp_path))

    assert [[field.i for field in form] for form in truth.forms] == [[0, 1], [2, 3]]
    first = truth.forms[0][0]
    assert (first.site, first.source, first.lang, first.truth, first.peer) == ("indexed-1.example", "signup", "en", "email", "")
    assert described(first) == {"selector": "#field-0", "label": "Email"}
    assert {"work-authorization", "none"} <= truth.vocabulary


def test_held_out_takes_only_the_sites_no_version_is_made_from(tmp_path: Path) -> None:
    authored(tmp_path)

    forms = read_truth(tmp_path, held_out=True).forms

    assert {field.site for form in forms for field in form} == {HELD_OUT_SITE}


def test_errors_of_authored_forms_name_file_and_line_too(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    with pytest.raises(DataError, match=r"forms\.jsonl, line 1, fields\.0: unknown truth 'mail'"):
        read_truth(authored(tmp_path, truth="mail"))
    with pytest.raises(DataError, match="empty: there is no held-out form in it"):
        read_truth(empty, held_out=True)
    with pytest.raises(DataError, match="only authored forms have held-out sites"):
        read_truth(truth_file(tmp_path, row(0)), held_out=True)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("address-line1", "street-address", True),
        ("country", "country-name", True),
        ("tel-national", "tel-local", True),
        ("tel", "tel-local", True),
        ("current-password", "new-password", True),
        ("email", "email", True),
        ("address-line2", "street-address", False),
        ("tel", "tel-area-code", False),
        ("tel", "country", False),
    ],
)
def test_ids_that_pages_do_not_tell_apart_are_equivalent_and_no_others(one: str, other: str, expected: bool) -> None:
    assert equivalent(one, other) is expected
    assert equivalent(other, one) is expected
