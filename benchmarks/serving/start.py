"""Cold starts: fresh processes from their start to their first answer, one after the other."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.serving.driven import Setting
from benchmarks.serving.figures import Start
from benchmarks.shared.cut_forms import CutForm

SIDES = ("handler", "reference", "floor")


def cold_starts(setting: Setting, form: CutForm, times: int) -> dict[str, Start]:
    """The medians of `times` fresh processes of each side, alternately, after one of each that is not counted. One thread."""
    found: dict[str, list[Start]] = {side: [] for side in SIDES}
    for number in range(times + 1):
        for side in SIDES:
            run = _run(setting, side, form.message)
            if number:
                found[side].append(run)
    return {side: _medians(runs) for side, runs in found.items()}


def _run(setting: Setting, side: str, first: Mapping[str, Any]) -> Start:
    with setting.started(side, 1, first if side != "floor" else None) as process:
        known = {**process.phases, **({"first answer": process.first["elapsed"]} if process.first else {})}
        phases = {"interpreter": process.milliseconds - sum(known.values()), **known}
        reported = process.first.get("start", {})
        return Start(milliseconds=process.milliseconds, processor=process.processor, phases=phases, reported=reported)


def _medians(runs: Sequence[Start]) -> Start:
    return Start(
        milliseconds=statistics.median(run.milliseconds for run in runs),
        processor=statistics.median(run.processor for run in runs),
        phases=_by_name([run.phases for run in runs]),
        reported=_by_name([run.reported for run in runs]),
    )


def _by_name(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}
