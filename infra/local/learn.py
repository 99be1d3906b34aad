"""`make learn`: what becomes of a correction, shown once in the running stack.

A form is misunderstood. Its user corrects it and is understood at once; a stranger is not. Two more users say the same; after a
training the stranger is understood too, on that site and nowhere else. Then the training is rolled back.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from rich.markup import escape
from rich.table import Table

from fieldwise_common.decision_ids import parse_decision_id
from fieldwise_common.errors import FieldwiseError
from fieldwise_common.store.layout import LEARNED, REPORT
from local.console import out
from local.demo import TIMEOUT_SECONDS, read_json, send
from local.refusal import Refusal
from local.state_folder import Running, StateFolder
from local.train import connect, model_store, train_and_show

AGREEING = 3
"""The template's default SiteQuorum."""
NOTHING = "none"

Answers = Mapping[str, Mapping[str, Any]]
"""The matches of a form, by selector."""


class Story:
    """The form, its site, and its users. Site and users are new in every run, so that nothing is remembered from an earlier one."""

    def __init__(self, running: Running, token: Callable[[str], str], form: Mapping[str, Any]) -> None:
        name = uuid.uuid4().hex[:6]
        self.origin = f"https://rowing-{name}.example"
        self.users = tuple(f"{user}-{name}" for user in ("ada", "bea", "cem"))
        self.stranger = f"stranger-{name}"
        self.truth: Mapping[str, str] = form["truth"]
        self.labels = {field["selector"]: field["label"] for field in form["fields"]}
        self._fields = form["fields"]
        self._url = running.api_url
        self._token = token

    def ask(self, user: str, origin: str = "") -> Answers:
        """What the stack answers a user for the form."""
        body = {"fields": self._fields, "page": {"origin": origin or self.origin}}
        return {match["selector"]: match for match in self._send(user, "POST", "/api/autofill/classify", body)["matches"]}

    def correct(self, user: str, selectors: Sequence[str], answers: Answers) -> None:
        """The user says what these fields really ask for."""
        for selector in selectors:
            answer = answers.get(selector, {"canonical": NOTHING})["canonical"]
            body = {"selector": selector, "canonical": answer, "feedback": "incorrect", "corrected_to": self.truth[selector]}
            self._send(user, "POST", "/api/autofill/feedback", {**body, "url": f"{self.origin}/join"})

    def forget(self) -> None:
        """Deletes what the users corrected from their memories."""
        for user in self.users:
            self._send(user, "DELETE", "/api/autofill/memory", {})

    def site_hash(self, answers: Answers) -> str:
        """The keyed hash of the site, by which a version names it, from the decision ids."""
        ids = (parse_decision_id(answer["decision_id"]) for answer in answers.values())
        return next((decision.site for decision in ids if decision is not None), "")

    def wrong(self, answers: Answers) -> list[str]:
        """The selectors of the fields that are misunderstood."""
        return [s for s, truth in self.truth.items() if answers.get(s, {"canonical": NOTHING})["canonical"] != truth]

    def _send(self, user: str, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token(user)}"}
        with httpx.Client(base_url=self._url, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            return send(client, method, path, body)


def run_story(running: Running, token: Callable[[str], str], state: StateFolder, path: Path) -> None:
    """Runs and prints the story with the form at `path`. Raises Refusal when a part of it does not come true."""
    story = Story(running, token, read_json(path))
    ada, *others = story.users

    out.print(f"\n[bold]1. Ada opens a form of {story.origin}.[/bold]")
    first = story.ask(ada)
    wrong = story.wrong(first)
    _show(story, first)
    if not wrong:
        raise Refusal("the live version understands the whole form, so there is nothing to correct: change the form in examples/learn.json")

    out.print(f"\n[bold]2. She corrects {_fields(len(wrong))}, and asks again.[/bold]")
    story.correct(ada, wrong, first)
    corrected = story.ask(ada)
    _expect(story, corrected, [], "ada's corrections are not answered")

    out.print("\n[bold]3. A stranger opens the same form and is answered as Ada was at first.[/bold]")
    _expect(story, story.ask(story.stranger), wrong, "one user's corrections changed a stranger's answers")

    out.print(f"\n[bold]4. Bea and Cem correct the same: {AGREEING} users agree. A training:[/bold]")
    for user in others:
        story.correct(user, wrong, story.ask(user))
    before = model_store(running).published().pointer.version
    outcome = train_and_show(connect(running), running.state_machine_arn, "build-index-feedback", state.logs)
    if outcome.exit_code:
        raise Refusal(f"the training did not promote its version: {outcome.result.get('reason') or outcome.result.get('cause', '')}")

    out.print("\n[bold]5. The stranger asks again.[/bold]")
    _expect(story, story.ask(story.stranger), [], "what users agree on is not answered")
    out.print("   On another site the same form is answered as before:")
    elsewhere = story.ask(story.stranger, f"{story.origin}.test")
    _expect(story, elsewhere, wrong, "the answers of another site changed")

    out.print("\n[bold]6. Why the version was promoted, and what it learned about this site:[/bold]")
    out.print(f"   {escape(str(outcome.result.get('reason', '')))}\n")
    version = state.data / "s3" / running.model_store.removeprefix("s3://") / str(outcome.result["version"])
    new = [answer for answer in read_json(version / LEARNED)["answers"] if answer["site"] == story.site_hash(corrected)]
    for label, learned in ((answer["label"], answer["after"]) for answer in new):
        out.print(f"   {escape(label)} → {learned['canonical']}: {learned['agree']} agree, {learned['against']} disagree")
    out.print(f"\n   Everything else is in {escape(str(version / REPORT))}")

    out.print(f"\n[bold]7. Rolled back to {before}: the stranger is answered as before, Ada as she said.[/bold]")
    _roll_back(running, before)
    _expect(story, story.ask(story.stranger), wrong, "the version is live, but still answers as the one that was rolled back")
    _expect(story, story.ask(ada), [], "the rollback took a user's own corrections away")
    story.forget()


def _expect(story: Story, answers: Answers, wrong: Sequence[str], otherwise: str) -> None:
    """Shows the answers. Raises Refusal with `otherwise` unless exactly the fields `wrong` are misunderstood."""
    _show(story, answers)
    found = story.wrong(answers)
    if found != list(wrong):
        raise Refusal(f"{otherwise}: misunderstood are {', '.join(found) or 'no fields'}, expected {', '.join(wrong) or 'none'}")


def _show(story: Story, answers: Answers) -> None:
    table = Table("field", "asks for", "answer", "method", "evidence")
    for selector, truth in story.truth.items():
        match = answers.get(selector, {"canonical": NOTHING, "method": "", "confidence_signals": []})
        colour = "green" if match["canonical"] == truth else "red"
        answer = f"[{colour}]{'—' if match['canonical'] == NOTHING else match['canonical']}[/{colour}]"
        people = [signal for signal in match["confidence_signals"] if signal.startswith(("remembered:", "override:", "site:"))]
        table.add_row(escape(story.labels[selector]), truth, answer, match["method"], ", ".join(people))
    out.print(table)


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _roll_back(running: Running, version: str) -> None:
    try:
        model_store(running).roll_back(version, "make learn")
    except FieldwiseError as error:
        raise Refusal(f"can't roll back to {version}: {error}") from error
    connect(running).client("lambda").invoke(FunctionName=running.inference_function, Payload=json.dumps({"action": "reload"}))
