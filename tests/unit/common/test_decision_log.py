import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldwise_common.decision_log import (
    COLUMNS,
    EARLIER_COLUMNS,
    FORMULA_STARTS,
    MAX_FIELD_CELL,
    NOT_LOGGED,
    LogRow,
    decode,
    encode,
    field_cell,
    is_cut,
    read_options,
    signals_cell,
    site_hash,
    user_hash,
)
from fieldwise_common.errors import DataError
from fieldwise_common.wire import FieldDescriptor, Option
from fieldwise_common.wire_types import origin_of


def row(**cells: str) -> LogRow:
    return LogRow(**{"timestamp": "2026-11-22T10:15:00.000Z", "route": "classify", "selector": "#a", **cells})


def test_the_columns_are_the_original_ones_and_those_for_tracing_learning_and_replaying() -> None:
    originals = "timestamp,route,selector,label,placeholder,field_type,required,predicted,score,threshold_used,confidence_signals,decision"
    for_tracing = "decision_id,user_hash,origin,model_version,method,text,corrected_to"
    for_learning = "request_id,position,signature,site,trusted,field"
    for_replaying = "known,form_fields,code"

    assert ",".join(COLUMNS) == f"{originals},{for_tracing},{for_learning},{for_replaying}"


def test_every_cell_is_quoted_and_every_row_is_one_line() -> None:
    text = encode([row(label='say "hi", you'), row(label="two\r\nlines\u2028three")])

    first, second = text.splitlines()
    assert '"say ""hi"", you"' in first
    assert '"two lines three"' in second
    assert all(line.startswith('"2026-11-22T10:15:00.000Z","classify","#a",') for line in (first, second))
    assert text.endswith("\n")


@pytest.mark.parametrize("start", [start for start in FORMULA_STARTS if start != "\t"])
def test_no_cell_is_a_formula_and_every_cell_is_restored(start: str) -> None:
    dangerous = row(selector="#a", label=f"{start}HYPERLINK(1)")

    text = encode([dangerous])

    (cells,) = csv.reader(io.StringIO(text))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)
    assert list(decode(text, "log")) == [dangerous]


@pytest.mark.parametrize("label", ["\n=1+1", "\x00=1+1", "\r@x", "''quoted", "'=x"])
def test_a_formula_behind_removed_characters_is_guarded_too(label: str) -> None:
    (cells,) = csv.reader(io.StringIO(encode([row(label=label)])))

    assert cells[3].startswith(("'", " "))


@given(label=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])), selector=st.text(alphabet="=+-@'\"#;, a"))
def test_a_text_of_one_line_survives_encoding(label: str, selector: str) -> None:
    written = [row(label=label, selector=selector), row(text=label)]

    assert list(decode(encode(written), "log")) == written


@given(label=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_encoded_as_one_line_per_row(label: str) -> None:
    text = encode([row(label=label), row()])

    assert len(text.splitlines()) == 2
    assert len(list(decode(text, "log"))) == 2


def test_a_header_and_empty_lines_are_skipped() -> None:
    text = ",".join(COLUMNS) + "\n\n" + encode([row()])

    assert list(decode(text, "log")) == [row()]


def test_tabs_become_spaces_because_they_would_shift_columns_in_athena() -> None:
    text = encode([row(label="\tFirst\tname", selector="#a\t.b")])

    assert "\t" not in text
    assert next(decode(text, "log")).label == " First name"


@pytest.mark.parametrize("columns", EARLIER_COLUMNS[1:])
def test_a_row_of_an_earlier_release_is_read_with_empty_new_columns(columns: int) -> None:
    text = encode([row(corrected_to="tel")]).replace(',""' * (len(COLUMNS) - columns) + "\n", "\n")

    [found] = decode(text, "log")

    assert text.count(",") == columns - 1
    assert (found.corrected_to, found.signature, found.field, found.code) == ("tel", "", "", "")


def test_the_originals_own_log_is_read_with_its_header_and_in_our_words() -> None:
    header = "timestamp,route,selector,label,placeholder,field_type,required,predicted,score,threshold_used,confidence_signals,decision"
    line = '2024-05-01T10:00:00,/classify,#a,Phone,,tel,True,tel,0.91,0.6,"label,type",accept'

    [found] = decode(f"{header}\n{line}\n", "model_calls.csv")

    assert (found.route, found.required, found.confidence_signals, found.decision) == ("classify", "true", "label;type", "accepted")


def test_a_fields_description_is_bounded_json_without_its_selector_and_without_empty_keys() -> None:
    options = [{"value": f"v{i}", "text": "x" * 500} for i in range(300)]
    field = FieldDescriptor.model_validate(
        {"selector": "#a", "label": "Country", "type": "select-one", "options": options, "value": "secret"}
    )

    cell = field_cell(field)

    described = json.loads(cell)
    assert len(cell) <= MAX_FIELD_CELL
    assert set(described) == {"label", "type", "options"}
    assert not is_cut(cell)
    assert described["options"][:15] == [{"value": f"v{i}", "text": "x" * 500} for i in range(15)]
    assert described["options"][15:] == [{"value": f"v{i}", "text": "x" * 60} for i in (15, 50, 86, 121, 157, 192, 228, 263, 299)]


def test_a_description_survives_the_log() -> None:
    field = FieldDescriptor.model_validate({"selector": "#a", "label": 'Say "hi", =you', "name": "x;y", "options": ["a", "b"]})

    [found] = decode(encode([row(field=field_cell(field))]), "log")

    assert FieldDescriptor.model_validate({"selector": "#a", **json.loads(found.field)}) == field


@given(label=st.text(), option=st.text(), placeholder=st.text(st.characters(codec="utf-8")))
def test_a_description_holds_every_text_that_is_not_too_long(label: str, option: str, placeholder: str) -> None:
    texts = {"label": label, "placeholder": placeholder, "options": [option, {"value": option}, {"text": option}]}
    field = FieldDescriptor.model_validate({"selector": "#a", **texts})

    [found] = decode(encode([row(field=field_cell(field))]), "log")

    again = FieldDescriptor.model_validate({"selector": "#a", **json.loads(found.field)})
    assert is_cut(found.field) or [o.text or o.value for o in again.options] == [o.text or o.value for o in field.options]
    assert is_cut(found.field) or again.model_copy(update={"options": ()}) == field.model_copy(update={"options": ()})


@pytest.mark.parametrize("count", [0, 1, 15, 16, 23, 24, 25, 26, 40, 5_000])
def test_of_the_options_that_are_read_all_are_read(count: int) -> None:
    options = [Option(text=str(number)) for number in range(count)]

    read = read_options(options)

    assert (len(read), len(set(read))) == (min(count, 24),) * 2
    assert read[:15] == tuple(options[:15]) if count > 24 else read == options
    assert [*read[-1:]] == options[-1:]
    assert read_options(read) == read


def test_options_without_texts_but_with_long_values_are_cut() -> None:
    field = FieldDescriptor.model_validate({"selector": "#a", "label": "Sort by", "options": [{"value": "v" * 4_000}] * 15})

    assert is_cut(field_cell(field))
    assert len(field_cell(field)) <= MAX_FIELD_CELL


def test_a_site_is_a_keyed_hash_of_its_origin() -> None:
    site = site_hash(b"key", "https://shop.example")

    assert re.fullmatch("[0-9a-f]{16}", site)
    assert len({site, site_hash(b"other", "https://shop.example"), site_hash(b"key", "https://shop.test"), site_hash(b"key", "")}) == 4


def test_a_row_with_a_wrong_number_of_cells_is_refused_by_file_and_line() -> None:
    with pytest.raises(DataError, match=r"decisions/part-1, line 2: 3 cells instead of 28"):
        list(decode(encode([row()]) + '"a","b","c"\n', "decisions/part-1"))


def test_signals_are_joined_and_a_separator_inside_one_is_replaced() -> None:
    assert signals_cell(["label", "type;email"]) == "label;type,email"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://shop.example/basket?user=ada#top", "https://shop.example"),
        ("http://ada:secret@shop.example:8080/", "http://shop.example:8080"),
        (" HTTPS://Shop.Example ", "https://shop.example"),
        ("http://[::1]:3000/form", "http://[::1]:3000"),
        ("http://[::1]", "http://[::1]"),
        ("file:///home/ada/form.html", ""),
        ("javascript:alert(1)", ""),
        ("https://shop.example:port/", ""),
        ("https://[half", ""),
        ("shop.example", ""),
        ("", ""),
    ],
)
def test_only_the_origin_of_a_url_is_logged(url: str, origin: str) -> None:
    assert origin_of(url) == origin
    assert origin_of(origin) == origin


@pytest.mark.parametrize(("character", "is_too_long"), [("x", False), ('"', False), ("\x01", True), ("語", False)])
def test_a_field_of_nothing_but_long_texts_is_described_within_the_bound(character: str, is_too_long: bool) -> None:
    keys = [key for key, about in FieldDescriptor.model_fields.items() if about.annotation is str and key not in NOT_LOGGED]
    texts = dict.fromkeys(keys, character * 512)
    field = FieldDescriptor.model_validate({"selector": "#a", **texts, "options": ["one"] * 50_000})

    cell = field_cell(field)

    assert len(cell) <= MAX_FIELD_CELL
    assert is_cut(cell) == is_too_long
    assert set(json.loads(cell)) - {"options", "cut"} == set(texts)


def test_the_longest_description_is_within_the_bound() -> None:
    keys = [key for key, about in FieldDescriptor.model_fields.items() if about.annotation is str and key not in NOT_LOGGED]
    flags = {"readonly": True, "disabled": True, "multiple": True, "visible": False, "required": True, "entry": 99, "maxlength": 99_999}
    options = [{"value": "v" * 100, "text": "t" * 512}] * 20
    field = FieldDescriptor.model_validate({"selector": "#a", **dict.fromkeys(keys, "x" * 600), **flags, "options": options})

    assert not is_cut(field_cell(field))


def test_what_the_user_has_chosen_is_not_logged() -> None:
    own = {"checked": True, "filled": True, "value": "secret", "question": "d-1"}

    cell = field_cell(FieldDescriptor.model_validate({"selector": "#a", "label": "Male", "type": "radio", **own}))

    assert json.loads(cell) == {"label": "Male", "type": "radio"}


def test_the_new_keys_survive_the_log() -> None:
    keys = {"group": "Sex", "section": "You", "form": "apply", "nearby": "or", "lang": "de", "min": 1, "visible": False, "entry": 2}
    field = FieldDescriptor.model_validate({"selector": "#a", **keys})

    [found] = decode(encode([row(field=field_cell(field))]), "log")

    assert FieldDescriptor.model_validate({"selector": "#a", **json.loads(found.field)}) == field


def test_a_user_hash_depends_on_key_issuer_and_subject() -> None:
    hashes = {user_hash(key, iss, sub) for key in (b"k1", b"k2") for iss in ("a", "b") for sub in ("x", "y")}

    assert len(hashes) == 8
    assert user_hash(b"k1", "a", "x") == user_hash(b"k1", "a", "x")
    assert all(len(h) == 64 for h in hashes)
