"""`make quality`: measure a version on forms with known truth, print the figures, write figures, predictions and pictures.

Exit codes: 0 measured, whatever the figures; 1 a file, a store or a setting is wrong.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.quality.figures import Quality, assess
from benchmarks.quality.measure import Classified, Result, classified
from benchmarks.quality.pictures import draw_confusion, draw_curve, draw_kinds, draw_reliability
from benchmarks.quality.tables import tables
from benchmarks.shared.forms import read_truth
from benchmarks.shared.output import errors_in_one_line, stderr, stdout, write_json
from benchmarks.shared.profile import example_profile
from benchmarks.shared.store import LOCAL, local_store, open_published, without_its_ranker
from benchmarks.shared.truth import TruthSet
from rich.progress import track

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import DataError
from fieldwise_inference.classify.loaded_version import LoadedVersion

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure how well forms are understood.")


@app.command()
def quality(
    fields: Annotated[Path, typer.Argument(help="A truth file; or cases or authored forms, a file or a folder.")],
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; default: the embedded stack's store.")] = "",
    held_out: Annotated[bool, typer.Option("--held-out", help="Of authored forms, only the sites no version is made from.")] = False,
    without_ranker: Annotated[bool, typer.Option("--without-ranker", help="Leave out the version's ranker: measure the fallback.")] = False,
    out: Annotated[Path, typer.Option(help="The folder for figures and pictures.", show_default=False)] = LOCAL / "quality",
) -> None:
    """Classifies every form with the published version and compares the decisions with the truth."""
    with errors_in_one_line():
        truth = read_truth(fields, held_out)
        version = open_published(store or local_store(), without_ranker).version
        answers = answered(version, truth)
        forms = [answer.results for answer in answers]
        compared = {}
        if truth.has_values and version.ranker is not None:
            compared["the same version without its ranker"] = [answer.results for answer in answered(without_its_ranker(version), truth)]
        measured = assess(truth.name, version.version, forms, [answer.seconds for answer in answers], compared)
        written = write_files(measured, [result for form in forms for result in form], out)
    console = stdout()
    for piece in tables(measured):
        console.print(piece)
    console.print("written: " + ", ".join(map(str, written)), soft_wrap=True, markup=False)


def answered(version: LoadedVersion, truth: TruthSet) -> list[Classified]:
    """Every form's results, in the order of the truth."""
    forms = track(truth.forms, "classifying", console=stderr, transient=True, disable=not stderr.is_terminal)
    return list(classified(version, forms, truth.vocabulary, example_profile()))


def write_files(measured: Quality, results: Sequence[Result], folder: Path) -> tuple[Path, ...]:
    """Writes figures, predictions and pictures into `folder`; returns their paths. Raises DataError when it can't be written to."""
    names = ("quality.json", "predictions.jsonl", "curve.png", "reliability.png", "confusion.png", "kinds.png")
    figures, predictions, curve, reliability, confusion, by_kind = paths = tuple(folder / name for name in names)
    write_json(measured, figures)
    try:
        predictions.write_text("".join(map(_prediction, results)), "utf-8")
        draw_curve(measured, curve)
        draw_reliability(measured.calibration, reliability)
        draw_confusion(results, confusion)
        draw_kinds(measured.kinds.by_kind, by_kind)
    except OSError as error:
        raise DataError(f"can't write to {folder}: {error.strerror}") from error
    return paths


def _prediction(result: Result) -> str:
    """One line: the accepted id even if it is outside the truth's vocabulary."""
    return json.dumps({"i": result.field.i, "pred": result.named if result.outcome == "accepted" else NOTHING}) + "\n"


if __name__ == "__main__":
    app(prog_name="quality")
