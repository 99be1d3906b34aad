"""`full-train` in a running stack: from StartExecution to the new version's first answer, and the most memory it took."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.loop.people import People, SiteForm
from benchmarks.loop.thumbs import START, write_thumbs
from pydantic import BaseModel

from fieldwise_inference.classify.loaded_version import LoadedVersion
from local.stack import Stack
from local.train import train

FUNCTION = b"_HANDLER=fieldwise_training"
"""In the environment of the training function's process."""

OnStep = Callable[[str], None]


class FullTraining(BaseModel):
    """What was measured of one execution."""

    thumbs: int
    corrections: int
    """Of the thumbs, those down."""
    status: str
    promoted: bool
    reason: str
    seconds: float
    """From StartExecution to the new version's first answer."""
    seconds_by_step: Mapping[str, float]
    peak_mb: float
    """The most resident memory of a process of the training function; 0 on systems without /proc."""


def measure_full_training(
    stack: Stack, people: People, version: LoadedVersion, forms: Sequence[SiteForm], least: int, on_step: OnStep
) -> FullTraining:
    """Puts thumbs of as many users as give `least` into the stack's log, and runs full-train. `version`: the live one."""
    thumbs = corrections = user = 0
    bucket = stack.running.model_store.removeprefix("s3://").partition("/")[0]
    s3 = stack.admin.client("s3")
    with tempfile.TemporaryDirectory() as folder:
        while thumbs < least:
            given = write_thumbs(Path(folder), version, forms, f"thumbs-{user}")
            thumbs, corrections, user = thumbs + given.confirmed + given.corrected, corrections + given.corrected, user + 1
        for path in sorted(Path(folder).rglob("thumbs-of-*")):
            s3.put_object(Bucket=bucket, Key=f"decisions/{START:%Y/%m/%d/%H}/{path.name}", Body=path.read_bytes())
    on_step(f"full-train with {thumbs} thumbs")
    peak = 0.0

    def note_memory() -> None:
        nonlocal peak
        peak = max(peak, _largest_mb())

    start = time.perf_counter()
    outcome = train(stack.admin, stack.running.state_machine_arn, "full-train", {}, on_step, note_memory)
    people.wait_until_it_answers()
    return FullTraining(
        thumbs=thumbs,
        corrections=corrections,
        status=outcome.status,
        promoted=bool(outcome.result.get("promoted")),
        reason=str(outcome.result.get("reason") or outcome.result.get("cause") or ""),
        seconds=round(time.perf_counter() - start, 1),
        seconds_by_step=outcome.result.get("seconds", {}),
        peak_mb=round(peak, 1),
    )


def _largest_mb() -> float:
    """The highest resident memory so far of a process of the training function (VmHWM)."""
    largest = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if FUNCTION in (process / "environ").read_bytes():
                lines = (process / "status").read_text().splitlines()
                largest = max([largest, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))])
        except OSError:  # the process has ended, or is another user's
            continue
    return largest
