"""The figures of `make bench`, and the goals they are measured against. Times are in milliseconds, medians; memory in MB of 2**20 bytes."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

SIZES = (1, 5, 20, 300)
USUAL = 20
"""Fields of the form that most figures are about."""


class Frozen(BaseModel):
    """Base of the figures: immutable."""

    model_config = ConfigDict(frozen=True)


class Timing(Frozen):
    """One form answered, by the clock and by the processor's."""

    median: float
    p95: float
    processor: float


class Case(Frozen):
    """Forms of one kind and size, answered by each side in turn; every figure is over `forms` × `rounds` forms or more.

    reference: the path that Fieldwise replaced, which remembers nothing. unseen, again: the decision alone, about texts that are new to the
    process, and the same forms once more. handler_unseen, handler_again: the same through the function's entry point.
    """

    kind: str
    fields: int
    forms: int
    rounds: int
    reference: Timing
    unseen: Timing
    again: Timing
    handler_unseen: Timing
    handler_again: Timing


class Parts(Frozen):
    """Where the processor time of an answer goes: means over forms of `USUAL` fields. `texts`: per form, those that reach the encoder."""

    kind: str
    unseen: Mapping[str, float]
    again: Mapping[str, float]
    fields: int
    texts: float

    @property
    def share(self) -> float:
        """Of the fields (0..1), those whose text reaches the encoder."""
        return self.texts / self.fields


class Memory(Frozen):
    """The most memory that a process had in use: after its start, and after the forms of usual size."""

    after_start: float
    after_forms: float


class Threads(Frozen):
    """Everything measured with one number of threads. Fieldwise uses one by design."""

    threads: int
    cases: tuple[Case, ...]
    memory: Mapping[str, Memory]


class Start(Frozen):
    """A fresh process, from its start to its first answer; of the floor, to its session.

    `reported`: the handler's own phases, if it has any.
    """

    milliseconds: float
    processor: float
    """Milliseconds of processor time, of all threads."""
    phases: Mapping[str, float]
    reported: Mapping[str, float] = {}


class Row(Frozen):
    """A figure beside its reference. `better`: how many times better it is, `goal`: how many times it shall be; None: there is no goal.

    `limit`: a goal for the figure itself.
    """

    name: str
    threads: int
    unit: str
    reference: float | None
    fieldwise: float
    better: float | None
    goal: float | None = None
    limit: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether it meets its goal; None without one."""
        if self.limit is not None:
            return self.fieldwise <= self.limit
        return None if self.goal is None or self.better is None else self.better >= self.goal


class Bench(Frozen):
    """Everything that was measured."""

    model_version: str
    entries: int
    machine: Mapping[str, str]
    memory_mb: int
    """What the template gives the function."""
    by_threads: tuple[Threads, ...]
    parts: tuple[Parts, ...]
    start: Mapping[str, Start]
    rows: tuple[Row, ...] = ()


GOALS = {"unseen": 6.0, "again": 15.0}
LIMIT_300 = 120.0
START_GOAL, FLOOR_LIMIT, MEMORY_GOAL = 8.0, 1.6, 1 / 0.4


def rows_of(bench: Bench) -> tuple[Row, ...]:
    """The table: each figure, its reference, and the goal."""
    return (*(row for one in bench.by_threads for row in (*_case_rows(one), *_memory_rows(one))), *_start_rows(bench.start))


def _case_rows(one: Threads) -> list[Row]:
    rows = []
    for case in one.cases:
        is_usual, size = case.fields == USUAL, f"{case.fields} field{'s' if case.fields > 1 else ''}"
        for name, timing in (("unseen", case.unseen), ("again", case.again), ("unseen, the whole handler", case.handler_unseen)):
            rows.append(
                Row(
                    name=f"{size}, {case.kind}, {name}",
                    threads=one.threads,
                    unit="ms",
                    reference=case.reference.median,
                    fieldwise=timing.median,
                    better=case.reference.median / timing.median,
                    goal=GOALS.get(name) if is_usual else None,
                    limit=LIMIT_300 if case.fields == max(SIZES) and name == "unseen" else None,
                )
            )
    return rows


def _memory_rows(one: Threads) -> list[Row]:
    ours, theirs = one.memory["handler"], one.memory["reference"]
    pairs = {
        "peak memory after the start": (theirs.after_start, ours.after_start),
        "peak memory after the forms": (theirs.after_forms, ours.after_forms),
    }
    return [
        Row(name=name, threads=one.threads, unit="MB", reference=their, fieldwise=our, better=their / our, goal=MEMORY_GOAL)
        for name, (their, our) in pairs.items()
    ]


def _start_rows(start: Mapping[str, Start]) -> list[Row]:
    theirs, ours, floor = (start[side].milliseconds for side in ("reference", "handler", "floor"))
    return [
        Row(
            name="process start to first answer",
            threads=1,
            unit="ms",
            reference=theirs,
            fieldwise=ours,
            better=theirs / ours,
            goal=START_GOAL,
        ),
        Row(name="… divided by the floor", threads=1, unit="×", reference=None, fieldwise=ours / floor, better=None, limit=FLOOR_LIMIT),
    ]
