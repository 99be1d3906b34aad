"""`make bench-containers`: sizes, build times and cold starts of the images that `sam build` made.

Exit codes: 0 measured, whatever the figures; 1 the engine, an image or the store is at fault.
"""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import docker
import typer
from benchmarks.containers.images import Image, look_at
from benchmarks.containers.start import CPUS, MEGABYTES, Start, engine, started
from benchmarks.containers.subjects import Subject, base, inference, training
from benchmarks.quality.serving.stores import local_store
from rich.console import Console
from rich.progress import track
from rich.table import Table

from fieldwise_common.errors import DataError, FieldwiseError

TAGS = {"inference": "inferencefunction:inference", "training": "trainingfunction:training"}
INIT_MILLISECONDS = 10_000
"""What Lambda allows an on-demand start before it starts over."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure the images and their cold starts.")
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def containers(
    store: Annotated[str, typer.Option(help="A folder with a published version; else the embedded stack's.")] = "",
    rounds: Annotated[int, typer.Option(min=1, help="Times each is started.")] = 5,
    build: Annotated[bool, typer.Option("--build", help="Also build both images from nothing (minutes).")] = False,
    package_index: Annotated[str, typer.Option(help="Where their packages come from then.")] = "",
) -> None:
    """Looks at the images `sam build` made, and starts each several times, one after the other."""
    try:
        measure(Path(store or local_store()), rounds, package_index if build else None)
    except FieldwiseError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None


def measure(store: Path, rounds: int, package_index: str | None) -> None:
    """Prints both tables. Raises DataError."""
    if not (store / "latest").is_file():
        raise DataError(f"{store} is no folder with a published version: `make run` makes one")
    console = Console(highlight=False)
    with engine() as client:
        images = [look(client, name, tag, package_index) for name, tag in TAGS.items()]
        console.print(image_table(images))
        subjects = [base(images[0].base), inference(store.resolve()), training()]
        console.print(start_table({subject.name: starts(client, subject, rounds) for subject in subjects}, rounds))


def look(client: docker.DockerClient, name: str, tag: str, package_index: str | None) -> Image:
    """An image; built anew where a package index, even an empty one, is given."""
    image = look_at(client, name, tag, None)
    if package_index is None:
        return image
    return look_at(client, name, tag, {"PYTHON_VERSION": image.base.rpartition(":")[2], "PIP_INDEX_URL": package_index})


def starts(client: docker.DockerClient, subject: Subject, rounds: int) -> Sequence[Start]:
    """Several starts; the first, which reads the image from the disk, does not count."""
    console = Console(stderr=True)
    return [started(client, subject) for _ in track(range(rounds + 1), subject.name, console=console, transient=True)][1:]


def image_table(images: Sequence[Image]) -> Table:
    """Sizes and build times."""
    table = Table("image", "Python", title="images, uncompressed", title_justify="left", title_style="bold")
    for heading in ("MB", "above its base", "built in s"):
        table.add_column(heading, justify="right")
    for image in images:
        built = "not asked for" if image.built is None else f"{image.built:.0f}"
        table.add_row(image.name, image.base.rpartition(":")[2], f"{image.size:.0f}", f"{image.size - image.base_size:.0f}", built)
    return table


def start_table(found: dict[str, Sequence[Start]], rounds: int) -> Table:
    """Cold starts, beside the empty handler's and the ten seconds Lambda allows."""
    title = f"starts with {CPUS} CPU and {MEGABYTES} MB, read-only, as nobody (median of {rounds})"
    table = Table("", title=title, title_justify="left", title_style="bold")
    for heading in ("cold start ms", "spread", "/ empty", "/ 10 s", "next answer ms", "MB in use"):
        table.add_column(heading, justify="right")
    reference = statistics.median(start.cold for start in next(iter(found.values())))
    for name, runs in found.items():
        cold = [start.cold for start in runs]
        middle = statistics.median(cold)
        # fmt: off
        table.add_row(
            name, f"{middle:.0f}", f"{min(cold):.0f}–{max(cold):.0f}", f"{middle / reference:.1f}", f"{middle / INIT_MILLISECONDS:.2f}",
            f"{statistics.median(start.next for start in runs):.1f}", f"{statistics.median(start.megabytes for start in runs):.0f}",
        )
        # fmt: on
    return table
