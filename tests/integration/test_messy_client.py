"""Clients that send what real pages contain, through both functions' real apps: the page is classified, whatever one field is like."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.both_functions import KEY, LOG, BothFunctions, both_functions
from tests.support.issuer import ISSUER
from tests.support.tiny_version import publish
from tools.replay.replay import replay

from fieldwise_common.decision_log import LogRow, user_hash
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.wire import MAX_FIELDS
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import signatures
from fieldwise_training.feedback.judged import JudgedField
from fieldwise_training.feedback.rebuild import rebuilt

CANARY = "tell-nobody"
ORIGIN = "https://shop.example"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothFunctions]:
    scratch = tmp_path_factory.mktemp("messy")
    with both_functions(scratch) as both:
        publish(both.objects, scratch / "versions")
        yield both


class Client:
    """One user; the name of each test's user is its own, so that no test finds another's forms."""

    def __init__(self, running: BothFunctions, user: str) -> None:
        self.running = running
        self.headers = {"authorization": f"Bearer {running.issuer.token(sub=user)}"}
        self._hash = user_hash(KEY.encode(), ISSUER, user)

    def send(self, path: str, body: object, method: str = "POST", **headers: str) -> Any:
        return self.running.backend.request(method, path, content=json.dumps(body), headers=self.headers | headers)

    def classify(self, fields: list[Any], origin: str = ORIGIN) -> dict[str, Any]:
        answer = self.send("/api/autofill/classify", {"fields": fields, "page": {"origin": origin}})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def log(self, route: str = "classify") -> list[LogRow]:
        """What is logged of this user, in the order of time and position."""
        rows = (row for row in self.running.log() if (row.user_hash, row.route) == (self._hash, route))
        return sorted(rows, key=lambda row: (row.timestamp, int(row.position)))


@pytest.fixture
def client(running: BothFunctions, request: pytest.FixtureRequest) -> Client:
    return Client(running, request.node.name)


def named(number: int, **keys: Any) -> dict[str, Any]:
    return {"selector": f"#f{number}", "label": "First name", "name": f"first{number}", **keys}


def test_an_elements_own_properties_are_read_and_what_the_user_typed_stays_with_them(client: Client) -> None:
    elements = [
        {
            "selector": "#first",
            "htmlName": "fname",
            "type": "text",
            "ariaLabel": "First name",
            "autoComplete": "on",
            "maxLength": 30,
            "minLength": -1,
            "readOnly": False,
            "disabled": False,
            "inputMode": "",
            "form": {"id": "signup"},
            "value": CANARY,
            "filled": True,
            "isVisible": True,
            "offsetParent": None,
        },
        {"selector": "#news", "type": "checkbox", "aria-label": "Newsletter", "checked": True, "value": "on", "defaultValue": CANARY},
        {"selector": "#age", "type": "number", "aria-label": "Email", "min": 18, "max": 120.5, "step": "any", "value": CANARY},
    ]

    answer = client.classify(elements)

    (first,) = (m for m in answer["matches"] if m["selector"] == "#first")
    assert (first["canonical"], first["field"]["maxlength"], first["field"]["filled"]) == ("given-name", 30, True)
    rows = client.log()
    assert json.loads(rows[0].field) == {"type": "text", "maxlength": 30, "name": "fname", "autocomplete": "on", "aria_label": "First name"}
    assert "checked" not in rows[1].field
    assert json.loads(rows[2].field).items() >= {"min": "18", "max": "120.5", "step": "any"}.items()
    assert CANARY not in str(rows) + str(client.running.table()) + json.dumps(answer)


def test_the_originals_extension_is_answered_as_before(client: Client) -> None:
    field = {"selector": "#e", "label": "First name", "placeholder": "", "name": "", "id": "e", "type": "text", "required": True}
    nulls = {"pattern": None, "maxlength": None, "options": None, "autocomplete": None, "value": CANARY}

    answer = client.send("/api/autofill/classify", {"fields": [{**field, **nulls}]}, **{"content-type": "text/plain;charset=UTF-8"}).json()
    filled = client.send("/api/autofill/fill", {"matches": answer["matches"]}).json()

    assert set(answer) == {"matches", "model_version"}
    (match,) = answer["matches"]
    assert set(match) == {"selector", "canonical", "score", "threshold_used", "confidence_signals", "method", "decision_id", "field"}
    sent = {"type": "text", "options": [], "pattern": "", "placeholder": "", "label": "First name"}
    assert match["field"] == sent | {"lang": "en"}  # as read, for filling: clients send it back, whether they know it or not
    assert filled["unfilled"][0]["reason"] == "no-value"


def test_one_field_of_forty_without_a_selector_costs_that_field_alone(client: Client) -> None:
    fields: list[Any] = [named(number, label="Last name") for number in range(40)]
    fields[7] = {"label": "First name"}

    answer = client.classify(fields)

    assert answer["ignored"] == 1
    rows = client.log()
    assert [row.position for row in rows] == [str(position) for position in range(39)]
    assert {row.form_fields for row in rows} == {"39"}
    assert [row.selector for row in rows] == [f["selector"] for f in fields if "selector" in f]
    assert all(json.loads(row.field)["name"] == f"first{row.selector.removeprefix('#f')}" for row in rows)


def test_feedback_and_replay_find_the_field_behind_an_ignored_one(client: Client) -> None:
    fields: list[Any] = [None, named(1), {"selector": ""}, named(2, label="Last name")]
    match = next(m for m in client.classify(fields)["matches"] if m["selector"] == "#f2")

    said = {"selector": "#f2", "canonical": "family-name", "feedback": "INCORRECT", "corrected_to": "given-name"}
    given = client.send("/api/autofill/feedback", {**said, "decision_id": match["decision_id"]})

    assert given.json() == {"status": "accepted", "remembered": True}
    _, decided = client.log()
    (feedback,) = client.log("feedback")
    assert (decided.selector, feedback.position, feedback.signature) == ("#f2", "1", decided.signature)
    again = client.classify(fields)
    assert [m["canonical"] for m in again["matches"] if m["selector"] == "#f2"] == ["given-name"]


def test_of_515_fields_the_300_most_useful_are_decided_logged_and_replayed(client: Client) -> None:
    hidden = [named(1_000 + number, type="hidden") for number in range(200)]
    fields = hidden + [named(number) for number in range(300)] + [named(400 + number, readOnly=True) for number in range(15)]

    answer = client.classify(fields)

    assert answer["ignored"] == 215
    rows = client.log()
    assert {row.form_fields for row in rows} == {str(MAX_FIELDS)}
    assert [(row.selector, row.position) for row in rows] == [(f"#f{number}", str(number)) for number in range(300)]
    positions = {m["selector"]: int(m["decision_id"].rpartition(".")[2]) for m in answer["matches"]}
    assert positions
    assert all(rows[position].selector == selector for selector, position in positions.items())


def test_a_body_over_one_megabyte_is_refused(client: Client) -> None:
    fields = [named(number, placeholder="x" * 150, id=f"input-{number}") for number in range(5_168)]

    answer = client.send("/api/autofill/classify", {"fields": fields})

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:fieldwise:problem:request-too-large")


@pytest.mark.parametrize("fields", [[{}], [None, "#a", 5, [], {"selector": None}], [{"selector": {"id": "a"}, "label": "Email"}]])
def test_a_form_of_which_no_field_can_be_read_has_no_matches(client: Client, fields: list[Any]) -> None:
    answer = client.classify(fields)
    inferred = client.running.inference.post("/ml/classify", json={"fields": fields}, headers=client.headers).json()

    assert answer["matches"] == []
    assert answer["ignored"] == inferred["ignored"] == len(fields)
    assert answer["model_version"] == inferred["model_version"]
    assert client.log() == []


BAD_FORMS: dict[str, list[Any]] = {
    "a group on a text box": [named(1, group="Do you agree?", type="text")],
    "a very long section": [named(1, section="x" * 10_000)],
    "entries that are none": [named(1, entry=-1), named(2, entry=0), named(3, entry="two"), named(4, entry=1e300)],
    "one group of 300 radios": [named(n, type="radio", group="Which?", name="which") for n in range(300)],
    "one group of 300 boxes": [named(n, type="checkbox", group="Which?", name="which") for n in range(300)],
    "options that repeat": [named(1, type="select", options=[{"value": "1", "text": "Yes"}] * 20), named(2, options=["No", "No"])],
    "contradictory flags": [named(1, visible=False, filled=True, checked=True, readonly=True, disabled=True, required=True)],
    "limits that contradict": [named(1, type="number", min=10, max=-10, step=0), named(2, type="date", min="yesterday", max={})],
    "absurd bounds": [named(1, type="date", min="9999-99-99", max="0000-00-00", maxLength=-1, step="any")],
    "every key a list": [
        {"selector": "#a", **{key: [[1]] for key in ("group", "section", "form", "lang", "entry", "visible", "min", "title")}}
    ],
    "every key null": [{"selector": "#a", **dict.fromkeys(("group", "section", "form", "lang", "entry", "visible", "min", "title"))}],
    "lone surrogates": [named(1, group="\ud800", section="\udfff", nearby="\x00", title="\u202e")],
    "units nobody knows": [named(1, label="Notice period", described_by="in fortnights", nearby="(kalends)", type="number")],
}


@pytest.mark.parametrize("kind", BAD_FORMS)
def test_a_contradictory_form_is_classified_and_filled_without_a_server_error(client: Client, kind: str) -> None:
    client.send("/api/profile", {"name": {"given": "Ada"}, "work_history": [], "education": [], "links": {}}, "PUT")

    answer = client.classify(BAD_FORMS[kind])
    filled = client.send("/api/autofill/fill", {"matches": answer["matches"]})

    assert filled.status_code == 200, filled.text
    assert len(filled.json()["fills"]) + len(filled.json()["unfilled"]) == len(answer["matches"])
    assert "ignored" not in answer


def test_every_logged_form_can_be_replayed_and_rebuilt_with_its_new_keys(client: Client, running: BothFunctions) -> None:
    fields = [
        named(1, section="About you", form="apply", nearby="given", lang="en", entry=2, visible=True),
        {"selector": "#yes", "type": "radio", "name": "q", "label": "Yes", "group": "Do you agree?", "checked": True},
        {"selector": "#no", "type": "radio", "name": "q", "label": "No", "group": "Do you agree?"},
    ]

    client.classify(fields)
    store = ModelStore(running.objects)
    report = replay(LOG, store, store.published().pointer.version)

    assert (report.own.different, report.skipped) == (0, {})
    rows = client.log()
    form = rebuilt(
        [
            JudgedField(row.site, row.request_id, int(row.position), row.signature, row.user_hash, row.timestamp, "v", row.field, "")
            for row in rows
        ]
    )
    first = form.fields[0]
    assert (first.section, first.form, first.nearby, first.entry) == ("About you", "apply", "given", 2)
    assert [f.group for f in form.fields] == ["", "Do you agree?", "Do you agree?"]
    assert not any(f.checked for f in form.fields)
    assert [str(s) for s in signatures([FieldView(f) for f in form.fields], ORIGIN)] == [row.signature for row in rows]
