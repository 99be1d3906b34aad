"""Words that mean the same answer, by the question they answer."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from fieldwise_inference.fill.knowledge.keys import key

YES_NO = "yes-no"

YES_NO_IDS = frozenset(
    {
        "work-authorization",
        "visa-sponsorship",
        "willing-to-relocate",
        "remote-preference",
        "travel-willingness",
        "previously-employed",
        "age-confirmation",
        "drivers-license",
        "security-clearance",
        "hispanic-latino",
        "veteran-status",
        "disability-status",
    }
)
"""Questions that forms ask as yes or no."""

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
"""Which tables answer which question; a yes-or-no question that is not named has the one table."""


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By topic, then by key: the answers it may mean."""
    path = Path(__file__).with_suffix(".json")
    tables: dict[str, dict[str, set[str]]] = {}
    for topic, answers in json.loads(path.read_text(encoding="utf-8")).items():
        for answer, texts in answers.items():
            for text in (answer, *texts):
                tables.setdefault(topic, {}).setdefault(key(text), set()).add(answer)
    return {topic: {name: frozenset(answers) for name, answers in table.items()} for topic, table in tables.items()}


def topics(canonical: str) -> tuple[str, ...]:
    """The tables that answer a question, by its canonical id."""
    return TOPICS.get(canonical) or ((YES_NO,) if canonical in YES_NO_IDS else ())


def answers(canonical: str, text: str) -> frozenset[str]:
    """What `text` may mean as an answer to a question; empty for what no table knows."""
    name = key(text)
    return frozenset(f"{topic}:{answer}" for topic in topics(canonical) for answer in _tables()[topic].get(name, ()))


def yes_or_no(text: str) -> bool | None:
    """True for a yes in any of the languages, False for a no, None for anything else."""
    found = _tables()[YES_NO].get(key(text), frozenset())
    return next(iter(found)) == "yes" if len(found) == 1 else None
