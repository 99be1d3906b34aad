"""Reading cases, and the cases in this repository."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from benchmarks.quality.bad_input import KINDS
from benchmarks.shared.forms import read_truth
from benchmarks.shared.truth import TruthField

from fieldwise_common.errors import DataError
from fieldwise_common.wire import FieldDescriptor

ROOT = Path(__file__).parents[3]
CASES = ROOT / "benchmarks" / "cases"
CORPUS = ROOT / "functions" / "training" / "data" / "corpus"


def case(**changes: Any) -> dict[str, Any]:
    """A valid case with changes."""
    usual = {
        "case": "other-title",
        "kind": "follow-ups",
        "lang": "en",
        "fields": [{"selector": "#t", "label": "Title"}, {"selector": "#o", "label": "If other", "section": "You"}],
        "truth": {"#t": ["honorific-prefix", "none"], "#o": "none"},
        "fills": {"#t": ["Dr.", "Dr"], "#o": None},
    }
    return {**usual, **changes}


def write(folder: Path, *rows: dict[str, Any], name: str = "cases.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_a_case_is_a_form_with_every_right_id_and_value(tmp_path: Path) -> None:
    truth = read_truth(write(tmp_path, case(whose={"#o": "thing"}, nth={"#t": 2})))

    [[title, other]] = truth.forms
    assert (title.site, title.source, title.lang, title.truth) == ("other-title", "follow-ups", "en", "honorific-prefix")
    assert (title.accepted, title.values, title.nth) == ({"honorific-prefix", "none"}, ("Dr.", "Dr"), 2)
    assert (other.accepted, other.values, other.whose) == ({"none"}, (None,), "thing")
    assert other.descriptor.section == "You"
    assert truth.has_values


def test_a_field_without_a_value_in_the_file_has_none_to_compare(tmp_path: Path) -> None:
    truth = read_truth(write(tmp_path, case(fills={})))

    assert [field.values for field in truth.forms[0]] == [(), ()]
    assert not truth.has_values


def test_a_folder_of_cases_is_read_in_the_order_of_its_files(tmp_path: Path) -> None:
    write(tmp_path, case(case="second"), name="b.jsonl")
    write(tmp_path, case(case="first"), name="a.jsonl")

    assert [form[0].site for form in read_truth(tmp_path).forms] == ["first", "second"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"truth": {"#t": "none"}}, r"line 2, truth: field '#o' is missing"),
        ({"truth": {"#t": "none", "#o": "honorific"}}, r"line 2, truth: unknown id 'honorific'"),
        ({"fills": {"#x": "a"}}, r"line 2, fills: there is no field '#x'"),
        ({"fields": [{"selector": "#t"}, {"selector": "#t"}]}, r"line 2, fields: selector '#t' is used twice"),
        ({"fields": []}, r"line 2, fields: "),
        ({"whose": {"#t": "neighbour"}}, r"line 2, whose\.#t: "),
        ({"nth": {"#t": 0}}, r"line 2, nth\.#t: "),
        ({"fills": {"#t": []}}, r"line 2, fills\.#t: "),
        ({"case": "other-title"}, r"line 2, case: 'other-title' is used twice"),
    ],
)
def test_an_error_names_file_line_and_what_is_wrong(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write(tmp_path, case(), case(**{"case": "another", **changes}))

    with pytest.raises(DataError, match=rf"cases\.jsonl, {message}"):
        read_truth(path)


def test_cases_have_no_held_out_sites(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="only authored forms have held-out sites"):
        read_truth(write(tmp_path, case()), held_out=True)


@pytest.fixture(scope="module")
def shipped() -> list[TruthField]:
    return [field for form in read_truth(CASES).forms for field in form]


def test_the_documentation_counts_the_cases_of_this_repository(shipped: list[TruthField]) -> None:
    forms, languages = len({field.site for field in shipped}), len({field.lang for field in shipped})
    text = (ROOT / "docs" / "corpus.md").read_text("utf-8")

    assert f"{forms} small forms with {len(shipped):,} fields in {languages} languages" in text
    assert {path.stem for path in CASES.glob("*.jsonl")} == {field.source for field in shipped}


def test_their_fields_have_only_keys_that_a_client_sends() -> None:
    for path in CASES.glob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            for field in json.loads(line)["fields"]:
                assert set(field) <= set(FieldDescriptor.model_fields) - {"question"}, (path.name, field)


def test_what_they_expect_can_be_written(shipped: list[TruthField]) -> None:
    """A select gets the value of an option, a box or radio a tick; what is somebody else's, nothing."""
    for field in shipped:
        options = {option.value for option in field.descriptor.options}
        for value in field.values:
            if value is not None and field.descriptor.kind == "select":
                assert value in options, field.i
            if value is not None and field.descriptor.kind in {"radio", "checkbox"}:
                assert value == "true", field.i
        assert field.values, field.i
        if field.accepted == {"none"}:
            assert field.values == (None,), field.i


def of_kind(shipped: list[TruthField], kind: str) -> dict[str, list[TruthField]]:
    """The forms of a kind of case, by their names."""
    forms: dict[str, list[TruthField]] = {}
    for field in shipped:
        if field.source == kind:
            forms.setdefault(field.site, []).append(field)
    return forms


def test_every_kind_that_is_hard_to_read_has_cases(shipped: list[TruthField]) -> None:
    assert set(KINDS) <= {field.source for field in shipped}


def test_no_training_form_is_in_one_of_the_other_languages(shipped: list[TruthField]) -> None:
    trained = {json.loads(line)["lang"] for path in CORPUS.rglob("*.jsonl") for line in path.read_text("utf-8").splitlines() if line}

    assert {form[0].lang for form in of_kind(shipped, "other-languages").values()}.isdisjoint(trained)


def test_forms_with_mixed_scripts_have_two_of_them_or_signs_that_are_no_letters(shipped: list[TruthField]) -> None:
    for name, form in of_kind(shipped, "mixed-scripts").items():
        text = "".join(field.descriptor.label + field.descriptor.name + field.descriptor.placeholder for field in form)
        scripts = {unicodedata.name(letter).split()[0] for letter in text if letter.isalpha()}
        assert len(scripts) > 1 or any(unicodedata.category(sign) in {"So", "Cf", "Mn"} for sign in text), name


def test_right_to_left_forms_are_written_in_arabic_or_hebrew_letters(shipped: list[TruthField]) -> None:
    for name, form in of_kind(shipped, "right-to-left").items():
        assert any(unicodedata.bidirectional(letter) in {"R", "AL"} for field in form for letter in field.descriptor.label), name


def test_long_labels_are_long(shipped: list[TruthField]) -> None:
    for name, form in of_kind(shipped, "long-labels").items():
        texts = [text for f in form for text in (f.descriptor.label, f.descriptor.described_by, f.descriptor.nearby)]
        assert max(map(len, texts)) >= (70 if form[0].lang in {"ja", "zh-Hans"} else 120), name
