"""Explanations through both functions' real apps, and by the operator's command, from the real log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.both_functions import BothFunctions, both_functions
from tests.support.tiny_version import publish
from tools.why.cli import main

from fieldwise_common.decision_log import LogRow, encode

SHOP = "https://shop.example"
FORM: list[dict[str, Any]] = [
    {"selector": "#a", "label": "First name", "value": "tell-nobody"},
    {"selector": "#b", "label": "How should we call you?", "name": "nick", "type": "text"},
    {"selector": "#a", "label": "Again"},
    {
        "selector": "#c",
        "label": "Last name (as in your passport)",
        "name": "surname",
        "options": ["[bold]x"],
    },
    {"selector": "#d", "label": "Send", "type": "submit"},
]


@dataclass
class World:
    """A stack with a tiny version, and a form that a user has classified, corrected, and classified again."""

    running: BothFunctions
    version: str
    matches: dict[str, dict[str, Any]]

    def send(self, path: str, body: object) -> Any:
        token = self.running.issuer.token(sub="ada", scope="")
        answer = self.running.backend.request("POST", f"/api/autofill/{path}", json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.is_success, answer.text
        return answer.json()

    def rows(self) -> list[LogRow]:
        request_id = self.matches["#a"]["decision_id"].partition(".")[0]
        return [row for row in self.running.log() if row.route == "classify" and row.request_id == request_id]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    scratch = tmp_path_factory.mktemp("why")
    with both_functions(scratch) as running:
        made = World(running, publish(running.objects, scratch / "versions"), {})
        page = {"fields": FORM, "page": {"origin": SHOP}}
        made.send("classify", page)
        said = {"selector": "#b", "canonical": "none", "feedback": "incorrect", "corrected_to": "given-name", "url": SHOP}
        assert made.send("feedback", said)["remembered"]
        made.matches = {match["selector"]: match for match in made.send("classify", page)["matches"]}
        yield made


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """The version and the log in a folder, for the command line."""
    for key in world.running.objects.keys(""):
        if key.startswith(world.version) or key == "latest":
            (tmp_path / "models" / key).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "models" / key).write_bytes(world.running.objects.get(key).body)
    part = tmp_path / "decisions" / "2026/11/22/10" / "part-1"
    part.parent.mkdir(parents=True)
    part.write_text(encode(world.rows()), "utf-8")
    return tmp_path


def explain(folder: Path, *arguments: str) -> int:
    return main([*arguments, "--store", str(folder / "models"), "--log", str(folder / "decisions")])


def test_every_match_is_explained_by_its_decision_id_as_it_was_decided(world: World) -> None:
    assert set(world.matches) == {"#a", "#b"}
    for match in world.matches.values():
        decision = world.send("debug/threshold", {"decision_id": match["decision_id"], "fields": FORM})["decision"]

        assert (decision["predicted"], decision["score"], decision["confidence_signals"]) == (
            match["canonical"],
            match["score"],
            match["confidence_signals"],
        )
        assert decision["why"]["sentences"][0].startswith(f"It is matched to {match['canonical']}")


def test_what_the_user_said_is_part_of_the_explanation(world: World) -> None:
    asked = {"decision_id": world.matches["#b"]["decision_id"], "fields": FORM}

    found = world.send("debug/threshold", asked)["decision"]["why"]

    assert found["sentences"][0] == "It is matched to given-name: the user said so on this site."
    assert "tell-nobody" not in json.dumps(found)


def test_a_logged_decision_is_explained_by_its_id(world: World, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for match in world.matches.values():
        assert explain(folder, match["decision_id"]) == 0

        out = capsys.readouterr().out
        assert f"accepted: {match['canonical']}, by {match['method']} ({world.version})" in out
        assert "- It is matched to given-name" in out
        assert "It was decided otherwise" not in out
        assert "tell-nobody" not in out


def test_fields_that_were_not_matched_are_explained_too(world: World, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_label = {row.label: row for row in world.rows()}

    assert explain(folder, by_label["Send"].decision_id) == 0
    assert "- It is ignored: a field of type “submit” is never filled." in capsys.readouterr().out
    assert explain(folder, by_label["Last name (as in your passport)"].decision_id, "--canonical", "tel") == 0
    assert "- tel (phone number), which you asked about, has a probability of 0.09 and needs 0.67." in capsys.readouterr().out
    assert explain(folder, by_label["Again"].decision_id) == 1
    assert capsys.readouterr().err.endswith("an earlier one of the form has the same selector\n")


def test_a_decision_that_is_made_otherwise_now_is_shown_as_such(world: World, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = next((folder / "decisions").rglob("part-1"))
    part.write_text(part.read_text("utf-8").replace('"given-name"', '"family-name"'), "utf-8")

    assert explain(folder, world.matches["#a"]["decision_id"]) == 0
    assert f"It was decided otherwise: accepted, family-name, by {world.version} with the same code." in capsys.readouterr().out


def test_a_form_in_a_file_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    authored = {
        "site": "a.example",
        "lang": "en",
        "fields": [{"label": "First name", "truth": "given-name"}, {"label": "Last name", "truth": "family-name"}],
    }
    truth = [
        {"i": n, "site": "a.example", "form": 1, "order": 2 - n, "label": label, "truth": "x", "value": "tell-nobody"}
        for n, label in enumerate(("Last name", "First name", "Email"))
    ]
    (folder / "authored.jsonl").write_text("\n" + json.dumps(authored), "utf-8")
    (folder / "truth.jsonl").write_text("\n".join(map(json.dumps, truth)), "utf-8")

    assert explain(folder, "--form", f"{folder / 'authored.jsonl'}:2", "--field", "2") == 0
    out = capsys.readouterr().out
    assert "Field 2 of 2: label “Last name”" in out
    assert "accepted: family-name, by ranker" in out
    assert "the truth is family-name" in out
    assert explain(folder, "--form", f"{folder / 'truth.jsonl'}:2") == 0
    out = capsys.readouterr().out
    assert "Field 2 of 3: label “First name”" in out
    assert "tell-nobody" not in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "name either a decision id or a --form: see --help"),
        (["d-1", "--form", "a.jsonl:1"], 2, "name either a decision id or a --form: see --help"),
        (["d-1"], 1, "'d-1' is not a decision id: take it from a match, or from the column decision_id of the log"),
        ([f"{'0' * 32}.{'0' * 16}.0"], 1, "can be made again"),
        (["--form", "a.jsonl"], 1, "'a.jsonl' names no line of a file: write it as forms.jsonl:12"),
        (["--form", "nowhere.jsonl:1"], 1, "nowhere.jsonl can't be read: No such file or directory"),
        (["--form", "a.jsonl:1", "--field", "0"], 2, "Input should be greater than or equal to 1"),
        (["d-1", "--since", "yesterday"], 1, "'yesterday' is not a time"),
        (["--form", "FORM:1", "--field", "3"], 1, "name a field by its number, from 1 to 1"),
        (["--form", "FORM:1"], 1, "name a field by its number, from 1 to 1"),
        (["--form", "FORM:2"], 1, "has no line 2 with an object"),
        (["--form", "FORM:1", "--field", "1", "--version", "embeddings_v20200101T000000Z-000000"], 1, "has no manifest"),
    ],
)
def test_an_error_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str) -> None:
    (folder / "form.jsonl").write_text('{"fields": [{"label": "First name"}]}', "utf-8")

    assert explain(folder, *(argument.replace("FORM", str(folder / "form.jsonl")) for argument in arguments)) == code

    err = capsys.readouterr().err
    assert (err.count("\n"), message in err) == (1, True), err


def test_without_a_store_or_a_log_it_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODEL_STORE", raising=False)
    monkeypatch.delenv("FEEDBACK_LOG", raising=False)

    assert [main(["--form", "a.jsonl:1"]), main(["d-1", "--store", "x"])] == [2, 2]
    assert len(set(capsys.readouterr().err.splitlines())) == 1
