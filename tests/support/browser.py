"""A real Chromium with a client of the wire contract: the extension in this folder, configured with a URL and a token."""

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
"""Makes the browser send requests to the page and the API only."""


def chromium() -> str:
    """The path of Chromium. Skips the test if it is not installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    return found


@contextmanager
def page_with_extension(folder: Path, api_url: str, token: str) -> Iterator[Page]:
    """An empty page in a browser; its profile and its copy of the extension are in `folder`."""
    extension = folder / "extension"
    shutil.copytree(EXTENSION, extension)
    (extension / "config.js").write_text(f"const FIELDWISE = {json.dumps({'url': api_url, 'token': token})};\n", "utf-8")
    # Chromium's sandbox does not work for root; other users keep it.
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
    """Opens a page and waits until the extension has finished with it; returns the extension's result."""
    page.goto(url)
    page.wait_for_selector("html[data-fieldwise]", state="attached", timeout=60_000)
    return page.evaluate("document.documentElement.dataset.fieldwise")


def thumb(page: Page, feedback: str, selector: str) -> str:
    """Clicks thumbs up (`correct`) or down (`incorrect`) for a filled field; returns the button's final state."""
    button = page.locator(f'button[data-thumb="{feedback} {selector}"]')
    button.click()
    page.wait_for_function("button => button.dataset.state", arg=button.element_handle(), timeout=30_000)
    return button.get_attribute("data-state") or ""
