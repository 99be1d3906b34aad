"""Web addresses: with a scheme if the box requires one, otherwise as the profile has them."""

import re
from urllib.parse import urlsplit

from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit_texts
from fieldwise_inference.fill.result import FillResult, NotFilled, Reason

PROFILE_PAGES = {
    "linkedin-url": "https://www.linkedin.com/in/",
    "github-url": "https://github.com/",
    "twitter-url": "https://x.com/",
    "facebook-url": "https://www.facebook.com/",
    "instagram-url": "https://www.instagram.com/",
}
"""The start of a user's page, for profiles that have only the user name."""

_USER_NAME = re.compile(r"@?[\w-]+(?:\.[\w-]+)*")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_USER_NAME_SHOWN = re.compile(r"@|user ?name|handle", re.IGNORECASE)


def url(to_fill: FieldToFill) -> FillResult:
    """With a scheme in `<input type=url>`; elsewhere as the profile has it, else with or without scheme and `www.`."""
    value = to_fill.value.strip()
    address = _address(to_fill.canonical, value)
    if address is None:
        return NotFilled(Reason.NOT_A_URL)
    placeholder = to_fill.field.placeholder
    user_name = address.rstrip("/").rpartition("/")[2]
    wants_user_name = to_fill.canonical in PROFILE_PAGES and bool(_USER_NAME_SHOWN.match(placeholder))
    if wants_user_name and user_name:
        return fit_texts([f"@{user_name}" if placeholder.startswith("@") else user_name], to_fill.field)
    if to_fill.field.kind == "url":
        return fit_texts([address], to_fill.field)
    bare = address.partition("://")[2]
    return fit_texts([value if "." in value else address, address, bare, bare.removeprefix("www."), bare.rstrip("/")], to_fill.field)


def _address(canonical: str, value: str) -> str | None:
    """A complete http(s) address; None for anything that can't be one."""
    is_user_name = canonical in PROFILE_PAGES and bool(_USER_NAME.fullmatch(value)) and ("." not in value or value.startswith("@"))
    if is_user_name:
        return PROFILE_PAGES[canonical] + value.removeprefix("@")
    whole = value if _SCHEME.match(value) and "://" in value else f"https://{value.removeprefix('//')}"
    try:
        parts = urlsplit(whole)
        host = parts.hostname or ""
    except ValueError:
        return None
    is_web = parts.scheme.lower() in {"http", "https"} and "." in host and not re.search(r"\s", whole)
    return whole if is_web else None
