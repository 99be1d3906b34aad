"""Words that mean the same answer to a question: `equivalents.json`, by topic and answer, in many languages."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fieldwise_common.canonical import Answer, about
from fieldwise_inference.fill.names import key

YES_NO = "yes-no"

TOPICS: Mapping[str, tuple[str, ...]] = {
    "sex": ("gender", "decline"),
    "gender": ("gender", "decline"),
    "pronouns": ("pronouns", "decline"),
    "honorific-prefix": ("honorific",),
    "honorific-suffix": ("suffix",),
    "marital-status": ("marital", "decline"),
    "degree": ("degree",),
    "employment-type": ("employment",),
    "race-ethnicity": ("race", "decline"),
    "sexual-orientation": ("orientation", "decline"),
    "hispanic-latino": (YES_NO, "hispanic", "decline"),
    "veteran-status": (YES_NO, "veteran", "decline"),
    "disability-status": (YES_NO, "disability", "decline"),
    "remote-preference": (YES_NO, "remote"),
}
"""The topics of a canonical id; any other yes-or-no question has `YES_NO` alone."""


def answers(canonical: str, text: str) -> frozenset[str]:
    """The answers that `text` may mean, as `topic:answer`; empty if it is in none of the canonical id's topics."""
    name = key(text)
    return frozenset(f"{topic}:{answer}" for topic in topics(canonical) for answer in _tables()[topic].get(name, ()))


def topics(canonical: str) -> tuple[str, ...]:
    """The topics of `equivalents.json` that answer the question of a canonical id."""
    return TOPICS.get(canonical) or ((YES_NO,) if about(canonical).answer is Answer.YES_NO else ())


def yes_or_no(text: str) -> bool | None:
    """True for a yes in any of the languages, False for a no, None for anything else."""
    found = _tables()[YES_NO].get(key(text), frozenset())
    return next(iter(found)) == "yes" if len(found) == 1 else None


@cache
def _tables() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By topic and key of a text: the answers that the text may mean."""
    path = Path(__file__).with_suffix(".json")
    tables: dict[str, dict[str, set[str]]] = {}
    for topic, texts_by_answer in json.loads(path.read_text(encoding="utf-8")).items():
        for answer, texts in texts_by_answer.items():
            for text in (answer, *texts):
                tables.setdefault(topic, {}).setdefault(key(text), set()).add(answer)
    return {topic: {name: frozenset(answers) for name, answers in table.items()} for topic, table in tables.items()}
