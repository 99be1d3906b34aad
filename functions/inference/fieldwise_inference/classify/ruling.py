"""What a step says about a field."""

from dataclasses import dataclass, replace

from fieldwise_common.wire import Method, Outcome


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about one field, with its evidence. `score` and `threshold` are on the method's own scale, 0..1."""

    outcome: Outcome
    method: Method
    canonical: str = ""
    score: float = 0.0
    threshold: float = 0.0
    signals: tuple[str, ...] = ()

    def with_signal(self, *signals: str) -> "Ruling":
        """The same ruling with more evidence."""
        return replace(self, signals=self.signals + signals)


SILENT = Ruling(outcome="unsure", method="none", signals=("no-text",))
"""What is said of a field that says nothing of itself."""
