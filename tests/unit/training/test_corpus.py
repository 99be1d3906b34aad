import json
from pathlib import Path

import pytest

from fieldwise_common.errors import DataError
from fieldwise_training.corpus import Form, dump_forms, load_forms
from fieldwise_training.steps.context import SHIPPED_DATA

KNOWN = frozenset({"email", "none:search"})


def write(folder: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "forms.jsonl").write_text(text, "utf-8")
    return folder


def form(*fields: dict[str, object], site: str = "a.example") -> dict[str, object]:
    return {"site": site, "lang": "en", "kind": "login", "note": "ignored", "fields": fields}


def test_a_form_becomes_the_request_a_client_would_send(tmp_path: Path) -> None:
    email = {"label": "E-mail", "type": "email", "maxlength": 60, "required": True, "truth": "email"}
    choice = {"label": "Find", "options": [["1", "One"], "Two"], "truth": "none:search"}
    write(tmp_path, form(email, choice), "")

    (loaded,) = load_forms(tmp_path, KNOWN)

    first, second = loaded.request().fields
    assert (first.selector, first.label, first.maxlength, first.required) == ("#field-0", "E-mail", 60, True)
    assert [(o.value, o.text) for o in second.options] == [("1", "One"), ("Two", "Two")]
    assert [field.truth for field in loaded.fields] == ["email", "none:search"]


def test_a_folder_is_read_with_its_subfolders_in_the_order_of_paths(tmp_path: Path) -> None:
    for folder, site in (("de", "b.example"), ("en", "c.example"), ("ar", "a.example")):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, form({"truth": "email"}, site=site))

    assert [loaded.site for loaded in load_forms(tmp_path, KNOWN)] == ["a.example", "b.example", "c.example"]


def test_a_file_in_a_subfolder_is_named_with_it(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    write(tmp_path / "en", "{nonsense")

    with pytest.raises(DataError, match=r"^en/forms\.jsonl, line 1: not JSON"):
        load_forms(tmp_path, KNOWN)


def test_none_is_a_truth_without_being_a_known_id(tmp_path: Path) -> None:
    write(tmp_path, form({"label": "Gift note", "truth": "none"}))

    assert load_forms(tmp_path, KNOWN)[0].fields[0].truth == "none"


def test_what_is_dumped_is_read_back(tmp_path: Path) -> None:
    write(tmp_path, form({"label": "Find", "options": [["1", "One"]], "truth": "none"}))
    loaded = load_forms(tmp_path, KNOWN)
    (tmp_path / "copy.jsonl").write_text(dump_forms(loaded), "utf-8")

    assert load_forms(tmp_path / "copy.jsonl", KNOWN) == loaded


def test_about_one_site_in_five_is_held_out_and_always_the_same(tmp_path: Path) -> None:
    field = {"label": "E-mail", "truth": "email"}
    forms = [Form.model_validate(form(field, site=f"site-{number}.example")) for number in range(500)]

    held_out = [f.site for f in forms if f.is_held_out]

    assert 70 < len(held_out) < 130
    assert held_out == [f.site for f in forms if f.is_held_out]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{nonsense", "forms.jsonl, line 2: not JSON"),
        ([], "forms.jsonl, line 2, form: "),
        (form(), "forms.jsonl, line 2, fields: "),
        (form({"label": "E-mail"}), "forms.jsonl, line 2, fields.0.truth: Field required"),
        (form({"label": 7, "truth": "email"}), "forms.jsonl, line 2, fields.0.label: "),
        (form({"labl": "E-mail", "truth": "email"}), "forms.jsonl, line 2, fields.0.labl: Extra inputs are not permitted"),
        (form({"truth": "email"}, {"truth": "emial"}), "forms.jsonl, line 2, fields.1: unknown truth 'emial'"),
        (form({"options": [{"text": {}}], "truth": "email"}), "forms.jsonl, line 2, fields.0.options.0.text: "),
        ({"lang": "en", "fields": [{"truth": "email"}]}, "forms.jsonl, line 2, site: Field required"),
    ],
)
def test_a_malformed_line_is_refused_naming_file_line_and_field(tmp_path: Path, line: object, message: str) -> None:
    write(tmp_path, form({"truth": "email"}), line)

    with pytest.raises(DataError) as refused:
        load_forms(tmp_path, KNOWN)

    assert str(refused.value).startswith(message)


def test_a_file_that_is_missing_or_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9")

    with pytest.raises(DataError, match="no such file"):
        load_forms(tmp_path / "gone.jsonl", KNOWN)
    with pytest.raises(DataError, match=r"latin\.jsonl: not UTF-8 \(byte 0\)"):
        load_forms(tmp_path, KNOWN)


def test_a_shipped_field_of_somebody_else_has_no_id_and_a_sites_name_is_in_one_folder() -> None:
    corpus = SHIPPED_DATA / "corpus"
    files = {path: [json.loads(line) for line in path.read_text("utf-8").splitlines() if line] for path in corpus.rglob("*.jsonl")}
    others = [(page["site"], field) for forms in files.values() for page in forms for field in page["fields"] if field.get("whose")]
    folders: dict[str, set[str]] = {}
    for path, forms in files.items():
        for page in forms:
            folders.setdefault(page["site"], set()).add("blocks" if path.parent.name == "blocks" else "elsewhere")

    assert len(others) > 3000
    assert [site for site, field in others if field["whose"] not in ("self", "earlier") and field["truth"] != "none"] == []
    assert [site for site, found in folders.items() if len(found) > 1] == []


def test_the_shipped_data_is_well_formed_and_holds_out_at_least_200_fields() -> None:
    from fieldwise_training.canonical_loader import ids_of, load_canonical

    ids = ids_of(load_canonical(SHIPPED_DATA / "canonical"))
    forms = load_forms(SHIPPED_DATA / "corpus", ids)

    assert len(ids) >= 90
    assert sum(len(f.fields) for f in forms if f.is_held_out) >= 200


def test_the_shipped_forms_are_in_the_folder_of_their_language_or_of_their_theme() -> None:
    themes = ("job-applications", "blocks", "local", "plain", "questions")
    folders = {path: path.parent.name for path in (SHIPPED_DATA / "corpus").rglob("*.jsonl")}

    found = {(folder, json.loads(line)["lang"]) for path, folder in folders.items() for line in path.read_text("utf-8").splitlines()}

    assert [(folder, lang) for folder, lang in found if folder not in (lang, *themes)] == []


def test_the_members_of_a_shipped_question_have_one_truth_and_what_is_invisible_has_none() -> None:
    folder = SHIPPED_DATA / "corpus" / "questions"
    forms = [json.loads(line) for file in folder.rglob("*.jsonl") for line in file.read_text("utf-8").splitlines()]

    truths: dict[tuple[str, str], set[str]] = {}
    for number, shipped in enumerate(forms):
        for field in shipped["fields"]:
            if field.get("type") in ("radio", "checkbox") and field.get("name"):
                truths.setdefault((f"{number}: {shipped['site']}", field["name"]), set()).add(field["truth"])
    invisible = [field["truth"] for shipped in forms for field in shipped["fields"] if not field.get("visible", True)]

    assert [question for question, found in truths.items() if len(found) > 1] == []
    assert set(invisible) == {"none"}
