"""What the verbs print: one line per finished step, a spinner while it lasts."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

WIDTH_OF_A_FILE = 180
"""Characters a line may have where nobody's terminal sets the limit."""

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Shows `title` while the block runs, and one line with its duration when it is done."""
    started = time.monotonic()
    if not out.is_terminal:
        out.print(f"  … {title}")
    with out.status(title):
        yield
    out.print(f"  [green]✓[/green] {title} [dim]{time.monotonic() - started:.1f} s[/dim]")
