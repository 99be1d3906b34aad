"""`make bench-load`: sends classify requests to the running stack, promotes a copy of its version meanwhile, and counts what came of it.

Exit codes: 0 nothing was dropped or mixed; 1 something was, or there is no stack.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated

import httpx
import typer
from benchmarks.load.figures import Figures, Load, changed, figures_of, mixed, stretches
from benchmarks.load.generator import TIMEOUT_SECONDS, Answer, Request, arrivals, send_all
from benchmarks.load.target import Target, target
from benchmarks.shared.cut_forms import CutForm, unseen_forms
from benchmarks.shared.forms import held_out_forms
from benchmarks.shared.output import errors_in_one_line, stderr, stdout, table, write_json
from benchmarks.shared.store import LOCAL
from rich.table import Table

from local.cli import isolate
from local.refusal import Refusal
from local.state_folder import StateFolder

USERS = 10
FORMS = 60
MOST_REQUESTS = 20_000

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure the running stack under load.")


@app.command()
def load(
    rate: Annotated[float, typer.Option(min=0.1, max=500, help="Requests a second, on average.")] = 5,
    seconds: Annotated[float, typer.Option(min=2, max=600, help="How long.")] = 30,
    fields: Annotated[int, typer.Option(min=1, max=300, help="Fields of a form.")] = 20,
    store: Annotated[str, typer.Option(help="A folder with a published version: starts a stack with a copy of it, and removes it.")] = "",
    state: Annotated[Path, typer.Option(help="The running stack's state folder.", show_default=False)] = LOCAL,
    out: Annotated[Path, typer.Option(help="The JSON file for the figures.", show_default=False)] = LOCAL / "load" / "load.json",
) -> None:
    """Sends requests when they are due, promotes a version halfway, and rolls it back at the end."""
    isolate()
    with errors_in_one_line():
        try:
            authored = list(chain.from_iterable(form.request().fields for form in held_out_forms()))
            forms = unseen_forms(authored, fields, FORMS)
            with target(StateFolder(state.resolve()), store) as stack:
                measured = run(stack, rate, seconds, forms)
        except Refusal as refusal:
            stderr.print(str(refusal), style="red", markup=False)
            raise typer.Exit(1) from None
        write_json(measured, out)
    console = stdout()
    console.print(table_of(measured))
    console.print(f"{measured.before}, then {measured.promoted}, its copy; promoted in {measured.promotion_ms:.0f} ms")
    errors = dict(measured.whole.errors) or "none"
    console.print(f"errors: {errors}; answers by the wrong version: {measured.mixed}; changed answers: {measured.changed}")
    console.print(f"written: {out}", soft_wrap=True, markup=False)
    raise typer.Exit(0 if measured.is_good else 1)


def run(stack: Target, rate: float, seconds: float, forms: Sequence[CutForm]) -> Load:
    """Measures with forms of one size, and leaves the stack with the version and the memories it had.

    Raises Refusal, ModelError or StoreError.
    """
    tokens = [stack.issuer.token(f"bench-load-{number}") for number in range(USERS)]
    bodies = [{**form.message["body"], "page": {"origin": "https://load.example"}} for form in forms]
    due = arrivals(rate, seconds)[:MOST_REQUESTS]
    requests = [Request(at, tokens[number % USERS], bodies[number % len(bodies)]) for number, at in enumerate(due)]
    before, copy = stack.copied()
    try:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:  # `asyncio.run` would drop the thread's own loop unclosed
            answers, began, ended = runner.run(_with_promotion(stack, requests, seconds / 2, before, copy))
    finally:
        stack.roll_back(before)
        _forget(stack, tokens)
    return Load(
        rate=rate,
        seconds=seconds,
        fields=len(forms[0].fields),
        before=before,
        promoted=copy,
        promotion_ms=1000 * (ended - began),
        whole=figures_of(answers),
        stretches=stretches(answers, began, ended),
        mixed=mixed(answers, before, copy, began, ended),
        changed=changed(answers, len(bodies)),
    )


async def _with_promotion(
    stack: Target, requests: Sequence[Request], at: float, before: str, copy: str
) -> tuple[list[Answer], float, float]:
    """The answers, and when the promotion began and ended, in seconds after the beginning."""
    zero = time.monotonic()

    async def promote() -> tuple[float, float]:
        await asyncio.sleep(at)
        began = time.monotonic() - zero
        await asyncio.to_thread(stack.promote, copy, before)
        return began, time.monotonic() - zero

    answers, (began, ended) = await asyncio.gather(send_all(stack.running.api_url, requests, zero), promote())
    return answers, began, ended


def _forget(stack: Target, tokens: Sequence[str]) -> None:
    """Deletes what the users' forms left in their memories."""
    with httpx.Client(base_url=stack.running.api_url, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        for token in tokens:
            client.delete("/api/autofill/memory", headers={"Authorization": f"Bearer {token}"})


def table_of(load: Load) -> Table:
    """The figures by stretch; times from when a request was due."""
    title = f"{load.rate:g} requests a second for {load.seconds:g} s, {load.fields} fields each"
    shown = table(title, "", "requests", "answered", "errors", "a second", "p50 ms", "p99 ms", "longest ms", "by the old", "by the new")
    for name, one in {"whole": load.whole, **{f"{part} the promotion": found for part, found in load.stretches.items()}}.items():
        shown.add_row(name, *_cells(one, load))
    return shown


def _cells(one: Figures, load: Load) -> list[str]:
    counts = (one.requests, one.answered, sum(one.errors.values()))
    times = ("" if value is None else f"{value:.0f}" for value in (one.p50, one.p99, one.longest))
    versions = (one.versions.get(version, 0) for version in (load.before, load.promoted))
    return [*map(str, counts), f"{one.per_second:.1f}", *times, *map(str, versions)]


if __name__ == "__main__":
    app(prog_name="bench-load")
