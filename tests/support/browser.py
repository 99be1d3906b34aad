"""A real Chromium with a client of the wire contract in it: the extension beside this file, given a URL and a token."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

EXTENSION = Path(__file__).parent / "extension"
PAGES = Path(__file__).parent / "pages"

QUIET = (
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser that asks nobody but the page and the API."""


def chromium() -> str:
    """Where it is. Skips the test where it is not."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    return found


@contextmanager
def page_with_extension(folder: Path, api_url: str, token: str) -> Iterator[Page]:
    """An empty page of a browser whose profile and copy of the extension are in `folder`."""
    extension = folder / "extension"
    shutil.copytree(EXTENSION, extension)
    (extension / "config.js").write_text(f"const FIELDWISE = {json.dumps({'url': api_url, 'token': token})};\n", "utf-8")
    # Root has no namespace of its own to lock a renderer into; whoever runs as a user keeps the sandbox.
    unsandboxed = ("--no-sandbox",) if os.geteuid() == 0 else ()
    loading = (f"--disable-extensions-except={extension}", f"--load-extension={extension}")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / "profile", executable_path=chromium(), args=[*QUIET, *unsandboxed, *loading, "--headless=new"], headless=False
        )
        try:
            yield context.pages[0]
        finally:
            context.close()


def fill(page: Page, url: str) -> str:
    """Opens a page and waits until the extension is done with it; answers what it says."""
    page.goto(url)
    page.wait_for_selector("html[data-fieldwise]", state="attached", timeout=60_000)
    return page.evaluate("document.documentElement.dataset.fieldwise")


def thumb(page: Page, feedback: str, selector: str) -> str:
    """Says thumbs up (`correct`) or down (`incorrect`) of a filled field; answers what came of it."""
    button = page.locator(f'button[data-thumb="{feedback} {selector}"]')
    button.click()
    page.wait_for_function("button => button.dataset.state", arg=button.element_handle(), timeout=30_000)
    return button.get_attribute("data-state") or ""
