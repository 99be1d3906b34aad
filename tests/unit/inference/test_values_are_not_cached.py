"""A user's values don't outlive their request: no cache of the process grows with them."""

import sys
from collections.abc import Mapping
from typing import Any

from tests.support.filling import NoEncoder

from fieldwise_common.wire import FieldSlice, Match, MlFillRequest
from fieldwise_inference.fill.dispatch import fill

YES_NO = ["Yes", "No"]
FORM: Mapping[str, dict[str, object]] = {
    "given-name": {"type": "text", "label": "First name"},
    "sexual-orientation": {"type": "radio", "label": "Another", "group": "Orientation"},
    "skills": {"type": "select-multiple", "label": "Skills", "options": ["Python", "SQL"]},
    "address-level1": {"type": "select", "label": "State", "options": ["Maine", "Massachusetts", "Ohio"]},
    "visa-sponsorship": {"type": "select", "label": "Do you require sponsorship?", "options": YES_NO},
    "drivers-license": {"type": "checkbox", "label": "I have a driver's license"},
    "notice-period": {"type": "number", "label": "Notice period (days)"},
    "desired-salary": {"type": "text", "label": "Salary in thousands"},
    "job-start-date": {"type": "text", "label": "Start date (MM/YYYY)"},
    "bday-month": {"type": "select", "label": "Month", "options": ["January", "April"]},
}


def caches() -> dict[str, Any]:
    """The caches of inference, by name."""
    modules = [module for name, module in sys.modules.items() if name.startswith("fieldwise_inference")]
    found = [one for module in modules for one in vars(module).values() if hasattr(one, "cache_info")]
    return {f"{one.__module__}.{one.__qualname__}": one for one in found}


def sizes() -> dict[str, int]:
    return {name: cache.cache_info().currsize for name, cache in caches().items()}


def fill_with(word: str) -> None:
    matches = tuple(
        Match(selector=canonical, canonical=canonical, field=FieldSlice.model_validate(field)) for canonical, field in FORM.items()
    )
    profile = {canonical: f"{word} of {canonical}" for canonical in FORM} | {
        "country": "US",
        "notice-period": f"4 weeks {word}",
        "skills": f"SQL, {word}",
    }
    fill(MlFillRequest(user_profile=profile, matches=matches), NoEncoder())


def test_no_cache_grows_with_another_users_values() -> None:
    fill_with("quixotic")  # builds tables, which may fill a cache
    for cache in caches().values():
        if cache.cache_info().maxsize is not None:
            cache.cache_clear()
    fill_with("quixotic")
    before = sizes()

    fill_with("zephyr")

    assert sizes() == before
