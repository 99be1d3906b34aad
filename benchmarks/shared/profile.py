"""The profile that benchmarks fill forms from."""

import json
from datetime import date
from pathlib import Path

from fieldwise_backend.flatten.mapping import flatten
from fieldwise_backend.profile.parsing import parse_profile

PROFILE = Path(__file__).resolve().parents[2] / "examples" / "profile.json"
TODAY = date(2026, 1, 1)
"""The day on which ages are computed: the same in every run."""


def example_profile() -> dict[str, str]:
    """`examples/profile.json`, flattened as the backend does for `/ml/fill`."""
    return flatten(parse_profile(json.loads(PROFILE.read_text("utf-8"))), TODAY)
