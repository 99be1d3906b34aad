import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldwise_common.decision_log import COLUMNS, FORMULA_STARTS, LogRow, decode, encode, origin_of, signals_cell, user_hash
from fieldwise_common.errors import DataError


def row(**cells: str) -> LogRow:
    return LogRow(**{"timestamp": "2026-11-22T10:15:00.000Z", "route": "classify", "selector": "#a", **cells})


def test_the_columns_are_the_original_ones_and_those_for_tracing() -> None:
    originals = "timestamp,route,selector,label,placeholder,field_type,required,predicted,score,threshold_used,confidence_signals,decision"
    for_tracing = "decision_id,user_hash,origin,model_version,method,text,corrected_to"

    assert ",".join(COLUMNS) == f"{originals},{for_tracing}"


def test_every_cell_is_quoted_and_every_row_is_one_line() -> None:
    text = encode([row(label='say "hi", you'), row(label="two\r\nlines\u2028three")])

    first, second = text.splitlines()
    assert '"say ""hi"", you"' in first
    assert '"two lines three"' in second
    assert all(line.startswith('"2026-11-22T10:15:00.000Z","classify","#a",') for line in (first, second))
    assert text.endswith("\n")


@pytest.mark.parametrize("start", FORMULA_STARTS)
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


def test_a_row_with_a_wrong_number_of_cells_is_refused_by_file_and_line() -> None:
    with pytest.raises(DataError, match=r"decisions/part-1, line 2: 3 cells instead of 19"):
        list(decode(encode([row()]) + '"a","b","c"\n', "decisions/part-1"))


def test_signals_are_joined_and_a_separator_inside_one_is_replaced() -> None:
    assert signals_cell(["label", "type;email"]) == "label;type,email"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://shop.example/basket?user=ada#top", "https://shop.example"),
        ("http://ada:secret@shop.example:8080/", "http://shop.example:8080"),
        (" HTTPS://Shop.Example ", "https://shop.example"),
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


def test_a_user_hash_depends_on_key_issuer_and_subject() -> None:
    hashes = {user_hash(key, iss, sub) for key in (b"k1", b"k2") for iss in ("a", "b") for sub in ("x", "y")}

    assert len(hashes) == 8
    assert user_hash(b"k1", "a", "x") == user_hash(b"k1", "a", "x")
    assert all(len(h) == 64 for h in hashes)
