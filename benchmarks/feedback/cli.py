"""`make bench-feedback`: read a large decision log as a training does, from a folder and from S3, and print the figures.

Exit codes: 0 measured, whatever the figures; 1 the reading failed.
"""

import csv
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from benchmarks.feedback.log import Share, objects
from benchmarks.shared.output import errors_in_one_line, stdout, table

from fieldwise_common.errors import DataError

MAX_SECONDS = 180.0
"""The limit for a million new rows on two cores."""
MAX_MB = 1_024.0
ROWS_OF_LIMITS = 1_000_000
BUCKET = "benchmark"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure how fast a training reads feedback.")


@app.command()
def feedback(
    rows: Annotated[int, typer.Option(min=100, help="Rows of the log.")] = ROWS_OF_LIMITS,
    count: Annotated[int, typer.Option("--objects", min=1, help="Objects that hold them.")] = 50_000,
    per_form: Annotated[int, typer.Option(min=1, max=12, help="Corrections of each form of 12 fields.")] = 2,
    with_s3: Annotated[bool, typer.Option(help="Also from S3, served by moto on this machine.")] = True,
) -> None:
    """Makes a log and reads it."""
    console = stdout()
    with errors_in_one_line(), tempfile.TemporaryDirectory(prefix="fieldwise-") as folder:
        root = Path(folder) / "decisions"
        size = _write(root, objects(rows, count, Share(per_form)))
        console.print(f"{rows:,} rows in {count:,} objects, {size / 1e6:,.0f} MB; {os.cpu_count()} processors")
        plain = _read_plainly(root)
        results = {"folder": _measured(str(root), Path(folder) / "1", {})}
        if with_s3:
            results["S3 (moto)"] = _from_s3(root, Path(folder) / "2")
    shown = table(
        "one training's `load`", "", "s", "of limit", "processor s", "peak MB", "of limit", "before MB", "rows/s", "of csv.reader"
    )
    limit = MAX_SECONDS * rows / ROWS_OF_LIMITS
    for name, found in results.items():
        seconds = found["seconds"]
        shares = (f"{seconds / limit:.2f}", f"{found['peak_mb'] / MAX_MB:.2f}", f"{plain / seconds:.2f}")
        memory = (f"{found['peak_mb']:.0f}", shares[1], f"{found['base_mb']:.0f}")
        shown.add_row(name, f"{seconds:.1f}", shares[0], f"{found['processor_seconds']:.1f}", *memory, f"{rows / seconds:,.0f}", shares[2])
    shown.add_row("csv.reader over the same bytes", f"{plain:.1f}", "", "", "", "", "", f"{rows / plain:,.0f}", "1.00")
    console.print(shown)
    facts = results["folder"]["feedback"]
    console.print({key: facts[key] for key in ("objects", "rows", "new_votes", "votes", "forms", "answers", "capped", "quarantined")})


def _write(root: Path, made: Iterable[tuple[str, str]]) -> int:
    """Writes the objects as files; returns their bytes."""
    size = 0
    for key, content in made:
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        size += (root / key).write_bytes(content.encode())
    return size


def _read_plainly(root: Path) -> float:
    """Seconds that `csv.reader` takes over every file."""
    start = time.perf_counter()
    for path in sorted(root.rglob("part-*")):
        with path.open(encoding="utf-8", newline="") as file:
            for _ in csv.reader(file):
                pass
    return time.perf_counter() - start


def _from_s3(root: Path, folder: Path) -> dict[str, Any]:
    """The same with the files in a bucket, by a server in this process."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line per request otherwise
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]  # its own interface: uploads would take longer than the benchmark
        backend.create_bucket(BUCKET, "us-east-1")
        for path in sorted(root.rglob("part-*")):
            backend.put_object(BUCKET, f"decisions/{path.relative_to(root).as_posix()}", path.read_bytes())
        host, port = server.get_host_and_port()
        access = {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark", "AWS_DEFAULT_REGION": "us-east-1"}
        return _measured(f"s3://{BUCKET}/decisions/", folder, {**access, "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}"})
    finally:
        server.stop()


def _measured(log: str, folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """The figures of a fresh process that reads `log`. Raises DataError when it fails."""
    folder.mkdir()
    command = [sys.executable, "-m", "benchmarks.feedback.reading", log, str(folder)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)  # noqa: S603 our own command
    if done.returncode:
        raise DataError(f"reading {log} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
