"""Logged decisions made again, and a candidate in shadow: both functions' real apps over moto, down to the objects of the log."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.both_functions import KEY, LOG, BothFunctions, both_functions
from tests.support.tiny_version import publish
from tools.replay.cli import main
from tools.replay.logged import EARLIER, INCOMPLETE, MALFORMED, SHORTENED, LoggedForms
from tools.replay.replay import replay
from tools.replay.report import OTHER_SITES, ReplayReport

from fieldwise_common.auth import ADMIN_SCOPE
from fieldwise_common.canonical import NOTHING, is_negative, wire_id
from fieldwise_common.decision_log import LogRow, encode, site_hash
from fieldwise_common.errors import DataError
from fieldwise_common.store.layout import OVERRIDES, SITES
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.shadow import end_shadow, set_shadow
from fieldwise_common.wire import MAX_FIELDS
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import Form, load_forms
from fieldwise_training.evaluation.changes import Change
from fieldwise_training.feedback.carry import read_feedback
from fieldwise_training.feedback.source import UNREAD, find_log
from fieldwise_training.steps.context import SHIPPED_DATA

CORPUS = SHIPPED_DATA / "corpus" / "en" / "many-sectors-1.jsonl"
FORMS_OF_TEST = 14


@dataclass
class World:
    """A stack of two users and an admin, of which everything but Lambda and API Gateway is real."""

    running: BothFunctions
    store: ModelStore
    scratch: Path
    live: str
    candidate: str

    def send(self, user: str, method: str, path: str, body: object, scope: str = "") -> Any:
        token = self.running.issuer.token(sub=user, scope=scope)
        answer = self.running.backend.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def classify(self, user: str, fields: list[dict[str, Any]], origin: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.send(user, "POST", "/api/autofill/classify", {"fields": fields, "page": {"origin": origin}})
        return answer

    def correct(self, user: str, selector: str, answer: Mapping[str, Any], canonical: str, origin: str) -> None:
        match = next((m for m in answer["matches"] if m["selector"] == selector), {"canonical": NOTHING})
        said = {"selector": selector, "canonical": match["canonical"], "feedback": "incorrect", "corrected_to": canonical, "url": origin}
        self.send(user, "POST", "/api/autofill/feedback", said)

    def log(self) -> list[LogRow]:
        return self.running.log()

    def replayed(self, version: str, **options: Any) -> ReplayReport:
        return replay(LOG, self.store, version, **options)


def fields_of(form: Form) -> list[dict[str, Any]]:
    return [field.model_dump(mode="json", exclude_defaults=True) for field in form.request().fields]


def origin_of(form: Form) -> str:
    return f"https://{form.site}"


def synonyms(forms: tuple[Form, ...], every: int) -> dict[str, tuple[str, ...]]:
    """The labels of every n-th form as a version's synonyms, so that it knows some fields, is near others, and lacks the rest."""
    found: dict[str, set[str]] = {"given-name": {"First name"}, "none:search": {"Search"}}
    for form in forms[::every]:
        for field in form.fields:
            if field.label and not is_negative(field.truth) and field.truth != NOTHING:
                found.setdefault(field.truth, set()).add(field.label)
    return {canonical: tuple(sorted(texts)) for canonical, texts in sorted(found.items())}


@pytest.fixture(scope="module")
def forms() -> tuple[Form, ...]:
    every = load_forms(CORPUS, ids_of(load_canonical(SHIPPED_DATA / "canonical")))
    return tuple(form for form in every if len(form.fields) > 3)[:FORMS_OF_TEST]


def agreed(form: Form) -> SiteAnswers:
    """What the users of a form's site agree on: its second field is the family name, and its third is no e-mail address."""
    signed = signatures([FieldView(field) for field in form.request().fields], origin_of(form))
    answers = {
        str(signed[1]): SiteAnswer(canonical="family-name", agree=3),
        str(signed[2]): SiteAnswer(rejected=("email",), agree=3),
    }
    return SiteAnswers(sites={site_hash(KEY.encode(), origin_of(form)): answers})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, forms: tuple[Form, ...]) -> Iterator[World]:
    scratch = tmp_path_factory.mktemp("replay")
    with both_functions(scratch) as running:
        store = ModelStore(running.objects)
        candidate = publish(running.objects, scratch / "versions", "candidate", synonyms(forms, 3))
        sites = {SITES: agreed(forms[1]).model_dump_json().encode()}
        live = publish(running.objects, scratch / "versions", "live", synonyms(forms, 2), instead=sites)
        made = World(running, store, scratch, live, candidate)
        _use(made, forms)
        yield made


def _use(world: World, forms: tuple[Form, ...]) -> None:
    """Two users ask for every form and correct some of it, an admin overrides a field; then memory and override are deleted."""
    for number, form in enumerate(forms):
        fields, origin = fields_of(form), origin_of(form)
        if number % 4 == 0:
            fields += [fields[0], {**fields[1], "selector": fields[0]["selector"]}]
        if number % 5 == 0:
            fields[0]["options"] = [{"value": f"v{i}", "text": f"An option of many words, {i} " * 9} for i in range(40)]
            fields[1]["label"] = "Two\u2028lines\tand\x85a tab"
        for user in ("ada", "bob"):
            answer = world.classify(user, fields, origin)
            if number % 2 == 0:
                world.correct(user, fields[0]["selector"], answer, "given-name", origin)
                world.correct(user, fields[2]["selector"], answer, NOTHING, origin)
                world.classify(user, fields, origin)
    form = forms[3]
    [signature] = [str(signatures([FieldView(field) for field in form.request().fields], origin_of(form))[1])]
    override = {"origin": origin_of(form), "canonical": "given-name", "why": "a test", "signature": signature}
    world.send("root", "PUT", "/api/autofill/overrides", override, ADMIN_SCOPE)
    world.running.holder.reload()
    world.classify("ada", fields_of(form), origin_of(form))
    world.store.objects.put(OVERRIDES, b'{"overrides": []}')
    world.running.holder.reload()
    for user in ("ada", "bob"):
        world.send(user, "DELETE", "/api/autofill/memory", {})


def test_a_version_decides_every_logged_decision_as_it_did(world: World) -> None:
    logged = [row for row in world.log() if row.route == "classify" and row.model_version == world.live]

    found = world.replayed(world.live)

    assert (found.own.decisions, found.own.different, found.skipped) == (len(logged), 0, {})
    assert found.own.largest_score_difference == 0
    assert len(logged) > 300
    assert {"remembered", "override", "site", "ranker", "type"} <= {row.method for row in logged}
    assert any("rejected" in row.known for row in logged)
    assert any(row.confidence_signals == "duplicate-selector" for row in logged)
    assert any("\\u2028" in row.field and "\\u0085" in row.field for row in logged)


def test_a_candidate_shows_what_would_change_by_site_and_kind(world: World) -> None:
    found = world.replayed(world.candidate)

    assert found.own.decisions == 0
    assert found.is_faithful
    assert set(found.others.decided_by) == {world.live}
    assert set(found.others.changed) >= {Change.NEW, Change.OTHER_ID}
    assert found.others.same + sum(found.others.changed.values()) == found.others.decisions
    assert sum(sum(site.changed.values()) for site in found.others.sites) == sum(found.others.changed.values())
    assert OTHER_SITES not in {site.site for site in found.others.sites}
    assert {example.change for example in found.others.examples} == set(found.others.changed)
    assert all(example.label and example.site for example in found.others.examples)


def test_a_limit_and_a_time_choose_the_decisions(world: World) -> None:
    some = world.replayed(world.live, limit=20)
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    assert 20 <= some.decisions < 20 + MAX_FIELDS
    assert world.replayed(world.live, since=tomorrow - timedelta(days=2), limit=20).decisions == some.decisions
    with pytest.raises(DataError, match="no decision can be replayed: it has none in this time"):
        world.replayed(world.live, since=tomorrow)


def a_form(world: World) -> list[LogRow]:
    """The rows of one logged form."""
    rows = [row for row in world.log() if row.route == "classify" and row.model_version == world.live]
    return [row for row in rows if row.request_id == rows[0].request_id]


def stored(folder: Path, rows: list[LogRow]) -> str:
    target = folder / "decisions" / "2026/11/22/10" / "part-1"
    target.parent.mkdir(parents=True)
    target.write_text(encode(rows), "utf-8")
    return str(folder / "decisions")


@pytest.fixture
def versions(world: World, tmp_path: Path) -> str:
    """The live version in a folder, for the command line."""
    folder = tmp_path / "store"
    for key in world.store.objects.keys(""):
        if key.startswith(world.live) or key == "latest":
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_bytes(world.store.objects.get(key).body)
    return str(folder)


def test_a_version_that_does_not_decide_as_it_did_is_a_fault(
    world: World, versions: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = a_form(world)
    changed = [replace(rows[0], predicted="tel", decision="accepted"), *rows[1:]]

    code = main(["--store", versions, "--log", stored(tmp_path, changed), "--out", str(tmp_path / "out.json")])

    report = ReplayReport.model_validate_json((tmp_path / "out.json").read_bytes())
    assert code == 3
    assert (report.own.different, report.own.faults) == (1, 1)
    assert (report.own.differences[0].before.predicted, report.own.differences[0].label) == ("tel", rows[0].label)
    assert f"its own: {len(rows) - 1} of {len(rows)} the same" in capsys.readouterr().out


def test_a_difference_of_other_code_is_shown_as_such_and_is_no_fault(world: World, tmp_path: Path) -> None:
    rows = [replace(row, predicted="tel", decision="accepted", code="0" * 12) for row in a_form(world)]

    found = replay(stored(tmp_path, rows), world.store, world.live)

    assert found.own.other_code_decisions == len(rows)
    assert found.own.different == found.own.other_code_different > 0
    assert found.is_faithful
    assert all(one.is_other_code for one in found.own.differences)


def test_decisions_that_the_log_does_not_hold_completely_are_counted_and_not_compared(world: World, tmp_path: Path) -> None:
    whole = a_form(world)
    missing = [replace(row, request_id="1" * 32) for row in whole[1:]]
    earlier = [replace(row, request_id="2" * 32, code="", form_fields="", known="") for row in whole]
    cut = [replace(row, request_id="3" * 32, field='{"label": "x", "cut": true}') for row in whole]
    cells = ({"field": "{"}, {"field": "[]"}, {"known": "?"}, {"score": "high"}, {"form_fields": "1" * 20}, {"position": "299"})
    damaged = [replace(whole[0], **{"request_id": f"damaged-{number}", "form_fields": "1", **cell}) for number, cell in enumerate(cells)]
    log = stored(tmp_path, [*missing, *earlier, *cut, *damaged, *whole])
    forms = LoggedForms(find_log(log, UNREAD))

    assert [[logged.row for logged in form] for form in forms] == [whole]
    assert forms.skipped == {INCOMPLETE: len(missing), EARLIER: len(earlier), SHORTENED: len(cut), MALFORMED: len(cells)}


def test_a_wrong_version_log_or_time_is_one_line(world: World, versions: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = stored(tmp_path, a_form(world))

    codes = [
        main(["embeddings_v20200101T000000Z-000000", "--store", versions, "--log", log]),
        main(["--store", versions, "--log", str(tmp_path / "nothing")]),
        main(["--store", versions, "--log", log, "--since", "yesterday"]),
        main(["--store", versions, "--log", log, "--since", "9999-12-31"]),
        main(["--store", versions]),
    ]

    assert codes == [1, 1, 1, 1, 2]
    assert len(capsys.readouterr().err.splitlines()) == 5


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"AWS_PROFILE": "nope"}, "s3://bucket/models: The config profile (nope) could not be found"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "s3://bucket/models: Invalid endpoint: nonsense"),
    ],
    ids=["profile", "endpoint"],
)
def test_a_wrong_aws_configuration_is_reported_in_one_line(environment: dict[str, str], message: str) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ours = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "AWS_CONFIG_FILE": os.devnull}
    command = [sys.executable, "-m", "tools.replay", "--store", "s3://bucket/models", "--log", "s3://bucket/decisions/"]
    done = subprocess.run(command, env=outside | ours | environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{message}\n")


def test_a_candidate_in_shadow_is_logged_compared_and_never_returned(world: World, forms: tuple[Form, ...]) -> None:
    form = forms[5]
    fields, origin = fields_of(form), origin_of(form)
    before = world.classify("eve", fields, origin)
    set_shadow(world.store, world.candidate, 1.0, "a test")
    world.running.holder.reload()

    answer = world.classify("eve", fields, origin)
    for position, field in enumerate(form.fields):
        truth = wire_id(field.truth)
        if truth in {"given-name", "family-name", "email", "tel"}:
            world.correct("eve", fields[position]["selector"], answer, truth, origin)
    end_shadow(world.store, "a test")
    world.running.holder.reload()
    world.classify("eve", fields, origin)

    def without_ids(given: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{**match, "decision_id": ""} for match in given["matches"]]

    assert set(answer) == {"matches", "model_version"}
    assert (without_ids(answer), answer["model_version"]) == (without_ids(before), world.live)
    rows = world.log()
    shadow = [row for row in rows if row.route == "shadow"]
    live = {row.position: row for row in rows if row.request_id == shadow[0].request_id and row.route == "classify"}
    assert len(shadow) == len(fields) == len(live)
    assert {row.model_version for row in shadow} == {world.candidate}
    assert all((row.signature, row.site, row.label) == (live[row.position].signature, live[row.position].site, row.label) for row in shadow)
    [compared] = read_feedback(LOG, UNREAD, world.scratch).shadows.comparisons
    assert (compared.candidate, compared.live, compared.requests, compared.fields) == (world.candidate, world.live, 1, len(fields))
    assert compared.same + sum(compared.changed.values()) == len(fields)
    assert world.replayed(world.live).own.different == 0
