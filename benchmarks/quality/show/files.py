"""The files of a run."""

import json
from collections.abc import Iterable
from pathlib import Path

from benchmarks.quality.measure.judged import Judged
from benchmarks.quality.run import Run
from benchmarks.quality.show.pictures import draw_confusion, draw_curve, draw_reliability

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import DataError


def write_files(run: Run, folder: Path) -> tuple[Path, ...]:
    """Writes figures, predictions and pictures into `folder`; answers their paths. Raises DataError when it can't be written to."""
    names = ("quality.json", "predictions.jsonl", "curve.png", "reliability.png", "confusion.png")
    figures, predictions, curve, reliability, confusion = paths = tuple(folder / name for name in names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        figures.write_text(run.quality.model_dump_json(indent=1) + "\n", "utf-8")
        predictions.write_text("".join(_lines(run.judged)), "utf-8")
        draw_curve(run.quality, curve)
        draw_reliability(run.quality.calibration, reliability)
        draw_confusion(run.judged, confusion)
    except OSError as error:
        raise DataError(f"{folder} can't be written to: {error.strerror}") from error
    return paths


def _lines(judged: Iterable[Judged]) -> Iterable[str]:
    """What was accepted, as it was said: an id the truth has no word for is not hidden here."""
    for one in judged:
        said = one.named if one.outcome == "accepted" else NOTHING
        yield json.dumps({"i": one.field.i, "pred": said}) + "\n"
