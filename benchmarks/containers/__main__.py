"""`make bench-containers`: sizes, build times and cold starts of the images that `sam build` made.

Exit codes: 0 measured, whatever the figures; 1 the Docker engine, an image or the store is at fault.
"""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import docker
import typer
from benchmarks.containers.images import Image, base_of, inspect, rebuild
from benchmarks.containers.start import CPUS, IMAGES, MEGABYTES, Start, Subject, empty_handler, engine, inference, start, training
from benchmarks.shared.output import errors_in_one_line, stderr, stdout, table
from benchmarks.shared.store import local_store
from rich.progress import track
from rich.table import Table

from fieldwise_common.errors import DataError
from fieldwise_common.store import layout

INIT_MILLISECONDS = 10_000
"""What Lambda allows for an on-demand start before it starts over."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure the images and their cold starts.")


@app.command()
def containers(
    store: Annotated[str, typer.Option(help="A folder with a published version; default: the embedded stack's store.")] = "",
    rounds: Annotated[int, typer.Option(min=1, help="How often each is started.")] = 5,
    build: Annotated[bool, typer.Option("--build", help="Also build both images without a cache (minutes).")] = False,
    package_index: Annotated[str, typer.Option(help="The package index for --build.")] = "",
) -> None:
    """Inspects the images that `sam build` made, and starts each several times, one after the other."""
    console = stdout()
    with errors_in_one_line():
        folder = Path(store or local_store()).resolve()
        if not (folder / layout.POINTER).is_file():
            raise DataError(f"{folder} is no folder with a published version: make one with `make run`")
        with engine() as client:
            images = [inspect(client, name, tag) for name, tag in IMAGES.items()]
            seconds = {image.name: rebuild(client, image, package_index) for image in images} if build else {}
            console.print(image_table(images, seconds))
            subjects = [empty_handler(base_of(images[0].python)), inference(folder), training()]
            console.print(start_table({subject.name: _starts(client, subject, rounds) for subject in subjects}, rounds))


def _starts(client: docker.DockerClient, subject: Subject, rounds: int) -> Sequence[Start]:
    """Several starts; the first, which reads the image from disk, does not count."""
    return [start(client, subject) for _ in track(range(rounds + 1), subject.name, console=stderr, transient=True)][1:]


def image_table(images: Sequence[Image], seconds: Mapping[str, float]) -> Table:
    """Sizes, and build times in seconds by the image's name."""
    shown = table("images, uncompressed", "image", "Python", "MB", "above its base", "built in s")
    for image in images:
        built = f"{seconds[image.name]:.0f}" if image.name in seconds else "not built"
        shown.add_row(image.name, image.python, f"{image.size:.0f}", f"{image.size - image.base_size:.0f}", built)
    return shown


def start_table(found: Mapping[str, Sequence[Start]], rounds: int) -> Table:
    """Cold starts, also as a ratio to the first row's (the empty handler) and to the ten seconds that Lambda allows."""
    title = f"starts with {CPUS} CPU and {MEGABYTES} MB, read-only, unprivileged (median of {rounds})"
    shown = table(title, "", "cold start ms", "range", "/ empty", "/ 10 s", "next answer ms", "MB in use")
    reference = statistics.median(one.cold for one in next(iter(found.values())))
    for name, runs in found.items():
        cold = [one.cold for one in runs]
        middle = statistics.median(cold)
        cells = (f"{middle:.0f}", f"{min(cold):.0f}–{max(cold):.0f}", f"{middle / reference:.1f}", f"{middle / INIT_MILLISECONDS:.2f}")
        after = (f"{statistics.median(one.next for one in runs):.1f}", f"{statistics.median(one.megabytes for one in runs):.0f}")
        shown.add_row(name, *cells, *after)
    return shown


if __name__ == "__main__":
    app(prog_name="containers")
