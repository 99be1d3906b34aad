"""Times the sides alternately, form by form, so that other load on the machine slows all alike."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from benchmarks.serving.driven import Process, Setting
from benchmarks.serving.figures import USUAL, Case, Memory, Parts, Threads, Timing
from benchmarks.serving.parts import PARTS
from benchmarks.shared.cut_forms import CutForm

UNSEEN, AGAIN = "unseen", "again"
AGAIN_PASSES = 2

Reply = Mapping[str, Any]


@dataclass(frozen=True)
class Forms:
    """Forms of one kind and size, and others to warm the processes up, which have no text in common with them."""

    kind: str
    forms: Sequence[CutForm]
    warm_up: Sequence[CutForm]

    @property
    def size(self) -> int:
        """Fields of a form."""
        return len(self.forms[0].fields)


@dataclass
class Replies:
    """What each side replied, by side and pass."""

    taken: dict[tuple[str, str], list[Reply]] = field(default_factory=dict)

    def add(self, side: str, which: str, reply: Reply) -> None:
        """Notes a reply."""
        self.taken.setdefault((side, which), []).append(reply)

    def timing(self, side: str, *passes: str) -> Timing:
        """Of a side's replies in these passes."""
        replies = [reply for which in passes for reply in self.taken[side, which]]
        elapsed = sorted(reply["elapsed"] for reply in replies)
        return Timing(
            median=statistics.median(elapsed),
            p95=elapsed[int(0.95 * (len(elapsed) - 1))],
            processor=statistics.median(reply["processor"] for reply in replies),
        )

    def parts(self, which: str) -> dict[str, float]:
        """Means of a pass, by part, of processor time."""
        replies = self.taken["parts", which]
        means = {part: statistics.mean(reply["parts"][part] for reply in replies) for part in PARTS}
        return {**means, "the rest": statistics.mean(reply["processor"] for reply in replies) - sum(means.values())}


def compare(setting: Setting, threads: int, every: Sequence[Forms], rounds: int) -> tuple[Threads, list[Parts]]:
    """Every kind and size of forms, and what the processes' memory peaked at after the first of them.

    The reference's process is the same throughout, as it remembers nothing. Fieldwise's are fresh for each kind, size and round: the first
    pass over the forms is the first time that the process sees any of their texts.
    """
    cases, parts = [], []
    memory: dict[str, Memory] = {}
    with setting.started("reference", threads) as reference:
        for forms in every:
            sides = ("classify", "handler", *(("parts",) if forms.size == USUAL and threads == 1 else ()))
            replies = Replies()
            for _ in range(rounds):
                with ExitStack() as closing:
                    processes = {"reference": reference, **{side: closing.enter_context(setting.started(side, threads)) for side in sides}}
                    _alternate(processes, forms, replies)
                    last = {side: replies.taken[side, AGAIN][-1]["peak"] for side in processes}
                    starts = {side: process.peak for side, process in processes.items()}
            memory = memory or {
                side: Memory(after_start=starts[side], after_forms=last[side]) for side in ("reference", "handler", "classify")
            }
            cases.append(_case(forms, rounds, replies))
            if "parts" in sides:
                parts.append(_parts(forms, replies))
    return Threads(threads=threads, cases=tuple(cases), memory=memory), parts


def _alternate(processes: Mapping[str, Process], forms: Forms, replies: Replies) -> None:
    for form in forms.warm_up:
        for process in processes.values():
            process.ask(form.message)
    for which in (UNSEEN, *[AGAIN] * AGAIN_PASSES):
        for number, form in enumerate(forms.forms):
            for side in _turned(list(processes), number):
                replies.add(side, which, processes[side].ask(form.message))


def _turned(names: Sequence[str], by: int) -> Iterator[str]:
    """The names, each time beginning with another."""
    start = by % len(names)
    yield from (*names[start:], *names[:start])


def _case(forms: Forms, rounds: int, replies: Replies) -> Case:
    return Case(
        kind=forms.kind,
        fields=forms.size,
        forms=len(forms.forms),
        rounds=rounds,
        reference=replies.timing("reference", UNSEEN, AGAIN),
        unseen=replies.timing("classify", UNSEEN),
        again=replies.timing("classify", AGAIN),
        handler_unseen=replies.timing("handler", UNSEEN),
        handler_again=replies.timing("handler", AGAIN),
    )


def _parts(forms: Forms, replies: Replies) -> Parts:
    return Parts(
        kind=forms.kind,
        unseen=replies.parts(UNSEEN),
        again=replies.parts(AGAIN),
        fields=forms.size,
        texts=statistics.mean(reply["texts"] for reply in replies.taken["parts", UNSEEN]),
    )
