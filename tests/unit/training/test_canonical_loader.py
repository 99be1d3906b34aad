import json
from pathlib import Path

import pytest

from fieldwise_common.errors import DataError
from fieldwise_training.canonical_loader import Entry, dump_canonical, ids_of, load_canonical


def write(folder: Path, **files: object) -> Path:
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.json").write_text(text, "utf-8")
    return folder


def test_a_folder_is_read_file_by_file_in_the_order_of_names(tmp_path: Path) -> None:
    folder = write(tmp_path, de={"given-name": ["Vorname"]}, en={"given-name": ["First name"], "none:search": ["Search"]})

    entries = load_canonical(folder)

    assert entries == (Entry("given-name", "Vorname"), Entry("given-name", "First name"), Entry("none:search", "Search"))
    assert ids_of(entries) == {"given-name", "none:search"}


def test_one_file_is_read_by_itself(tmp_path: Path) -> None:
    write(tmp_path, en={"email": ["E-mail"]})

    assert load_canonical(tmp_path / "en.json") == (Entry("email", "E-mail"),)


def test_the_same_text_under_the_same_id_counts_once_however_it_is_written(tmp_path: Path) -> None:
    write(tmp_path, en={"given-name": ["First name", "FIRST NAME *"]}, names={"given-name": ["first name"]})

    assert load_canonical(tmp_path) == (Entry("given-name", "First name"),)


def test_what_is_dumped_is_read_back(tmp_path: Path) -> None:
    entries = (Entry("given-name", "Prénom"), Entry("given-name", "名"), Entry("email", "E-mail"))
    (tmp_path / "all.json").write_text(dump_canonical(entries), "utf-8")

    assert load_canonical(tmp_path) == entries


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"email": ["E-mail"], "tel": ["e mail"]}, "bad.json, tel: 'e mail' is already a synonym of email (in bad.json)"),
        ({"email": []}, "bad.json, email: the list of synonyms is empty"),
        ({"email": "E-mail"}, "bad.json, email: expected a list of synonyms, found str"),
        ({"email": ["E-mail", 7]}, "bad.json, email: synonym 1 is int, not text"),
        ({"email": ["**"]}, "bad.json, email: synonym 0 ('**') has no letter or digit"),
        ({" ": ["E-mail"]}, "bad.json: an id is empty"),
        (["email"], "bad.json: expected an object {id: [synonyms]}, found list"),
        ('{"email": ["a"], "email": ["b"]}', "bad.json, email: duplicate id"),
        ('{"email":\n["a",]}', "bad.json, line 2: not JSON"),
    ],
)
def test_a_malformed_file_is_refused_naming_file_and_key(tmp_path: Path, content: object, message: str) -> None:
    write(tmp_path, bad=content)

    with pytest.raises(DataError) as refused:
        load_canonical(tmp_path)

    assert str(refused.value).startswith(message)


def test_a_synonym_under_two_ids_in_two_files_names_both_files(tmp_path: Path) -> None:
    write(tmp_path, de={"honorific-prefix": ["Titel"]}, sv={"job-title": ["Titel"]})

    with pytest.raises(DataError, match=r"sv\.json, job-title: 'Titel' is already a synonym of honorific-prefix \(in de\.json\)"):
        load_canonical(tmp_path)


def test_an_id_that_is_not_known_is_refused_where_a_list_is_given(tmp_path: Path) -> None:
    write(tmp_path, en={"emial": ["E-mail"]})

    with pytest.raises(DataError, match=r"en\.json, emial: unknown id"):
        load_canonical(tmp_path, known=frozenset({"email"}))


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"email": ["Caf\xe9"]}')

    with pytest.raises(DataError, match=r"latin\.json: not UTF-8 \(byte 15\)"):
        load_canonical(tmp_path)


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_canonical(tmp_path / "gone.json")
    with pytest.raises(DataError, match=r"no \*\.json file"):
        load_canonical(tmp_path)
