"""Simulated users of a running stack: they ask for forms, correct what is wrong, confirm what is right, and some lie."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import FieldwiseError
from fieldwise_training.corpus import Form

TIMEOUT_SECONDS = 60.0
Answers = list[str]
"""The id that each field of a form was accepted as, or `none`."""


class RequestFailed(FieldwiseError):
    """The stack refused a request of the simulation."""


@dataclass(frozen=True, slots=True)
class SiteForm:
    """A form on its site, with the truth of every field."""

    origin: str
    lang: str
    fields: tuple[dict[str, Any], ...]
    truth: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a user said about one field: `said` is the id they gave, which a liar makes up."""

    user: str
    form: SiteForm
    position: int
    said: str

    @property
    def is_true(self) -> bool:
        """Whether it is what the field means."""
        return self.said == self.form.truth[self.position]


def on_sites(forms: Iterable[Form]) -> list[SiteForm]:
    """Authored forms as pages of their sites."""
    return [
        SiteForm(
            origin=f"https://{form.site}",
            lang=form.lang,
            fields=tuple(field.model_dump(mode="json", exclude_defaults=True) for field in form.request().fields),
            truth=form.truths,
        )
        for form in forms
    ]


class People:
    """Users of the stack at `url`. `token`: the token of a user by name."""

    def __init__(self, url: str, token: Callable[[str], str]) -> None:
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False)
        self._token = token
        self._tokens: dict[str, str] = {}

    def wait_until_it_answers(self) -> None:
        """Asks for a field, which the stack answers only once it has loaded a version."""
        form = SiteForm("https://ready.example", "en", ({"selector": "#a", "label": "E-mail"},), ("email",))
        self.ask("first-visitor", form)

    def ask(self, user: str, form: SiteForm) -> Answers:
        """What the stack answers this user for a form."""
        body = {"fields": form.fields, "page": {"origin": form.origin}}
        matches = {m["selector"]: m["canonical"] for m in self._send(user, "/api/autofill/classify", body)["matches"]}
        return [matches.get(field["selector"], NOTHING) for field in form.fields]

    def correct(self, correction: Correction, answered: str) -> None:
        """Says that the answer was wrong, as the browser extension does: by selector and URL, without a decision id."""
        self._judge(correction.user, correction.form, correction.position, answered, "incorrect", corrected_to=correction.said)

    def confirm(self, user: str, form: SiteForm, position: int, answered: str) -> None:
        """Says that the answer was right."""
        self._judge(user, form, position, answered, "correct")

    def _judge(self, user: str, form: SiteForm, position: int, answered: str, verdict: str, **more: str) -> None:
        selector = form.fields[position]["selector"]
        body = {"selector": selector, "canonical": answered, "feedback": verdict, "url": f"{form.origin}/form?step=1", **more}
        self._send(user, "/api/autofill/feedback", body)

    def _send(self, user: str, path: str, body: object) -> dict[str, Any]:
        token = self._tokens.setdefault(user, self._token(user))
        response = self._client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
        if response.is_error:
            raise RequestFailed(f"{path}: {response.status_code} {' '.join(response.text.split())[:300]}")
        answer: dict[str, Any] = response.json()
        return answer


def corrections_of(
    user: str, form: SiteForm, answers: Sequence[str], rng: random.Random, lies: float, ids: Sequence[str]
) -> list[Correction]:
    """One for every wrong answer; a share of `lies` name a random id of `ids` instead of the truth."""
    wrong = [position for position, answer in enumerate(answers) if answer != form.truth[position]]
    return [Correction(user, form, position, rng.choice(ids) if rng.random() < lies else form.truth[position]) for position in wrong]
