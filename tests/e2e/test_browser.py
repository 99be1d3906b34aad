"""A client in a real browser, on pages of another origin than the API's: what it fills, keeps private, and reports."""

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
QUESTIONS = (PAGES / "questions.html").read_bytes()


@pytest.fixture(
    scope="module",
    params=[pytest.param("embedded", marks=pytest.mark.browser), pytest.param("containers", marks=pytest.mark.containers)],
)
def stack(request: pytest.FixtureRequest) -> Stack:
    """A stack with a version, and with the profile of the browser's user."""
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
        server.answers["/questions"] = Answer(body=QUESTIONS, content_type="text/html")
        yield server


@pytest.fixture
def page(stack: Stack, tmp_path: Path) -> Iterator[Page]:
    with page_with_extension(tmp_path, stack.url, stack.issuer.token("browsing")) as opened:
        yield opened


def test_a_client_fills_what_it_may_and_its_thumbs_are_logged_without_private_values(stack: Stack, page: Page, site: Server) -> None:
    result = fill(page, f"{site.url}/apply?token=of-the-user")

    assert result.startswith("filled "), result
    inputs = page.locator("input:not([type=file]), select").evaluate_all("all => all.map(e => [e.name || e.id, e.value])")
    written = {name: value for name, value in inputs if value}
    assert written.pop("mobile").endswith("6175550142")
    assert written == {
        "q": "data engineer",  # typed by the user, so left unchanged
        "csrf": "9f3c-hidden-token",
        "cookie-all": "on",
        "applicant[first]": "Marisol",
        "applicant[last]": "Okafor",
        "mail": "marisol.okafor@example.com",
        "li": "https://www.linkedin.com/in/marisol-okafor-example",
        "zip": "02128",  # the first of two fields with this selector
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
    assert [private for private in ("marisol.okafor", "Marisol", "of-the-user") if private in logged] == []


def test_no_box_or_radio_is_ticked_that_the_profile_denies(page: Page, site: Server) -> None:
    result = fill(page, f"{site.url}/questions")

    assert result.startswith("filled "), result
    assert page.locator("#fn").input_value() == "Marisol"
    ticked = page.locator(":checked").evaluate_all("all => all.map(e => e.id)")
    # The profile: no sponsorship, no relocation, never employed there, female.
    assert set(ticked) <= {"spons-no", "reloc-no", "g-f"}


def test_with_a_forged_token_nothing_is_filled_and_the_client_gets_the_reason(stack: Stack, site: Server, tmp_path: Path) -> None:
    with page_with_extension(tmp_path, stack.url, "x.y.z") as page:
        result = fill(page, f"{site.url}/apply?token=of-the-user")

        assert "/api/autofill/classify: 401" in result
        assert page.locator("#mail").input_value() == ""
