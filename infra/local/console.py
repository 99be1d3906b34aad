"""Terminal output: one line per finished step, and a spinner while it runs."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

FILE_WIDTH = 180
"""Characters per line when the output is not a terminal."""

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else FILE_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Shows `title` while the block runs, then one line with its duration."""
    started = time.monotonic()
    if not out.is_terminal:
        out.print(f"  … {title}")
    with out.status(title):
        yield
    out.print(f"  [green]✓[/green] {title} [dim]{time.monotonic() - started:.1f} s[/dim]")
