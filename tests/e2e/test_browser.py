"""A client in a real browser, whose pages live elsewhere than the API: what it gets filled, keeps to itself, and reports."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.e2e.conftest import PROFILE, client_of
from tests.support.browser import PAGES, fill, page_with_extension, thumb
from tests.support.decisions import log_rows
from tests.support.server import Answer, Server, running_server

from local.stack import Stack

FORM = (PAGES / "apply.html").read_bytes()


@pytest.fixture(
    scope="module",
    params=[pytest.param("embedded", marks=pytest.mark.browser), pytest.param("containers", marks=pytest.mark.containers)],
)
def stack(request: pytest.FixtureRequest) -> Stack:
    """With a version, and the profile of the user whose browser it is."""
    if request.param == "containers":
        request.getfixturevalue("states_in_containers")
    running: Stack = request.getfixturevalue(request.param)
    with client_of(running, "browsing") as client:
        assert client.put("/api/profile", json=PROFILE).status_code == 200
    return running


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    with running_server() as server:
        server.answers["/apply?token=of-the-user"] = Answer(body=FORM, content_type="text/html")
        yield server


@pytest.fixture
def page(stack: Stack, tmp_path: Path) -> Iterator[Page]:
    with page_with_extension(tmp_path, stack.url, stack.issuer.token("browsing")) as opened:
        yield opened


def test_a_client_fills_what_it_may_and_its_thumbs_are_logged_without_what_it_told(stack: Stack, page: Page, site: Server) -> None:
    said = fill(page, f"{site.url}/apply?token=of-the-user")

    assert said.startswith("filled "), said
    inputs = page.locator("input:not([type=file]), select").evaluate_all("all => all.map(e => [e.name || e.id, e.value])")
    written = {name: value for name, value in inputs if value}
    assert written.pop("mobile").endswith("6175550142")
    assert written == {
        "q": "data engineer",  # as the user left it
        "csrf": "9f3c-hidden-token",
        "cookie-all": "on",
        "applicant[first]": "Marisol",
        "applicant[last]": "Okafor",
        "mail": "marisol.okafor@example.com",
        "li": "https://www.linkedin.com/in/marisol-okafor-example",
        "zip": "02128",  # the first of the two that have this selector
        "land": "US",
        "born": "1991-04-07",
    }
    assert not page.locator("#cookie-all").is_checked()

    assert thumb(page, "correct", "#mail") == "sent"
    assert thumb(page, "incorrect", "#fn") == "sent"
    feedback = [row for row in log_rows(stack) if row.route == "feedback" and row.origin == site.url]
    assert {(row.selector, row.predicted, row.decision) for row in feedback} == {
        ("#mail", "email", "correct"),
        ("#fn", "given-name", "incorrect"),
    }
    logged = repr(feedback)
    assert [told for told in ("marisol.okafor", "Marisol", "of-the-user") if told in logged] == []


def test_with_a_forged_token_nothing_is_filled_and_the_client_is_told_why(stack: Stack, site: Server, tmp_path: Path) -> None:
    with page_with_extension(tmp_path, stack.url, "x.y.z") as page:
        said = fill(page, f"{site.url}/apply?token=of-the-user")

        assert "/api/autofill/classify: 401" in said
        assert page.locator("#mail").input_value() == ""
