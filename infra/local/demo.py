"""`make try`: sends a sample profile and sample forms through the running API."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from rich.markup import escape
from rich.table import Table

from local.console import out
from local.refusal import Refusal

TIMEOUT_SECONDS = 35.0


def run_demo(url: str, token: str, examples: Path) -> None:
    """Stores `profile.json`, then classifies and fills every form of `forms/`, and prints the result for each field.

    Raises Refusal with the API's own message when it answers with an error.
    """
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        send(client, "PUT", "/api/profile", read_json(examples / "profile.json"))
        for path in sorted((examples / "forms").glob("*.json")):
            form = read_json(path)
            classified = send(client, "POST", "/api/autofill/classify", form)
            filled = send(client, "POST", "/api/autofill/fill", {"matches": classified["matches"]})
            out.print(form_table(path.stem, form, classified, filled))
            out.print()


def send(client: httpx.Client, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a response. Raises Refusal with the API's own message when it answers with an error."""
    try:
        response = client.request(method, path, json=body)
    except httpx.HTTPError as error:
        raise Refusal(f"{method} {path}: no answer ({type(error).__name__}); is the stack still running?") from error
    if response.is_error:
        raise Refusal(f"{method} {path}: {response.status_code} {' '.join(response.text.split())[:300]}")
    answer: dict[str, Any] = response.json() if response.content else {}
    return answer


def read_json(path: Path) -> dict[str, Any]:
    """Raises Refusal for a file that can't be read."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Refusal(f"{path} can't be read: {error}") from error
    return content


def form_table(title: str, form: Mapping[str, Any], classified: Mapping[str, Any], filled: Mapping[str, Any]) -> Table:
    """One row per field, in the form's order: its canonical id, the score, the method, and the value or why there is none."""
    matches = {match["selector"]: match for match in classified["matches"]}
    values = {fill["selector"]: fill["value"] for fill in filled["fills"]}
    reasons = {entry["selector"]: entry["reason"] for entry in filled["unfilled"]}
    table = Table(
        "field", "canonical", "score", "method", "value", title=f"{title} [dim]{classified['model_version']}[/dim]", title_justify="left"
    )
    for selector in dict.fromkeys(field["selector"] for field in form["fields"]):
        match = matches.get(selector)
        if match is None:
            table.add_row(escape(selector), "[dim]—[/dim]", "", "", "")
        else:
            value = escape(values[selector]) if selector in values else f"[dim]{reasons.get(selector, '')}[/dim]"
            table.add_row(escape(selector), match["canonical"], f"{match['score']:.2f}", match["method"], value)
    return table
