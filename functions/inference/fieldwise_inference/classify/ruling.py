"""A decision about one field."""

from dataclasses import dataclass, replace

from fieldwise_common.wire import Method, Outcome


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about one field, before it is put on the wire as a `Decision`.

    `score` and `threshold` are in 0..1, on the method's own scale (probability, cosine or similarity of texts); `signals` is
    the evidence.
    """

    outcome: Outcome
    method: Method
    canonical: str = ""
    score: float = 0.0
    threshold: float = 0.0
    signals: tuple[str, ...] = ()
    entry: int | None = None
    """See `Match.entry`."""

    def with_signal(self, *signals: str) -> "Ruling":
        """A copy with more signals."""
        return replace(self, signals=self.signals + signals)

    def details(self, prefix: str) -> list[str]:
        """What each signal with this prefix says after it: `tel@0.45` of `pooled:tel@0.45`."""
        return [signal.removeprefix(prefix) for signal in self.signals if signal.startswith(prefix)]

    def detail(self, prefix: str) -> str:
        """The first of `details`; "" if no signal has the prefix."""
        return next(iter(self.details(prefix)), "")


BY_PEOPLE: frozenset[Method] = frozenset({"remembered", "override", "site"})
"""The methods by which people have decided."""

NO_TEXT = Ruling(outcome="unsure", method="none", signals=("no-text",))
"""The decision about a field without any text."""
