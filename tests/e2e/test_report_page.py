"""A report in a real browser: nothing is loaded, no error is logged, and a press on a heading sorts the table."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright
from tests.support.browser import chromium
from tests.support.full_report import FULL

from fieldwise_training.evaluation.report.page import render

pytestmark = pytest.mark.browser


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        unsandboxed = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox does not work for root
        browser = playwright.chromium.launch(executable_path=chromium(), args=unsandboxed)
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


def test_the_page_loads_nothing_fits_a_telephone_and_sorts_its_tables(page: Page, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render(FULL), "utf-8")
    requests: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))

    page.goto((tmp_path / "report.html").as_uri())

    assert (requests, problems) == ([(tmp_path / "report.html").as_uri()], [])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    table = page.locator("table.sortable", has_text="taken for")
    page.get_by_text("As a table").last.click()
    counts = [table.locator("tbody tr td:last-child").all_inner_texts()]
    for _ in range(2):
        table.get_by_role("button", name="fields").click()
        counts.append(table.locator("tbody tr td:last-child").all_inner_texts())
    assert counts == [["3", "1"], ["3", "1"], ["1", "3"]]


def test_the_page_follows_the_readers_colours_and_prints_on_white(page: Page, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render(FULL), "utf-8")
    page.emulate_media(color_scheme="dark")
    page.goto((tmp_path / "report.html").as_uri())
    background = "getComputedStyle(document.body).backgroundColor"

    on_screen = page.evaluate(background)
    page.emulate_media(media="print")

    assert (on_screen, page.evaluate(background)) == ("rgb(18, 23, 29)", "rgb(255, 255, 255)")
    assert not page.locator("nav").is_visible()
