"""Web addresses: with a scheme where the box insists on one, as the profile has them elsewhere."""

import re
from urllib.parse import urlsplit

from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.fitting import fit_texts
from fieldwise_inference.fill.outcome import Outcome, Reason, Refusal

PROFILE_PAGES = {
    "linkedin-url": "https://www.linkedin.com/in/",
    "github-url": "https://github.com/",
    "twitter-url": "https://x.com/",
    "facebook-url": "https://www.facebook.com/",
    "instagram-url": "https://www.instagram.com/",
}
"""Where a bare user name of these lives."""
URL_IDS = frozenset({"url", "portfolio-url", *PROFILE_PAGES})

_HANDLE = re.compile(r"@?[\w-]+(?:\.[\w-]+)*")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def _address(canonical: str, value: str) -> str | None:
    """A whole http(s) address; None for what is none."""
    is_handle = canonical in PROFILE_PAGES and bool(_HANDLE.fullmatch(value)) and ("." not in value or value.startswith("@"))
    if is_handle:
        return PROFILE_PAGES[canonical] + value.removeprefix("@")
    whole = value if _SCHEME.match(value) and "://" in value else f"https://{value.removeprefix('//')}"
    try:
        parts = urlsplit(whole)
        host = parts.hostname or ""
    except ValueError:
        return None
    is_web = parts.scheme.lower() in {"http", "https"} and "." in host and not re.search(r"\s", whole)
    return whole if is_web else None


def url(blank: Blank) -> Outcome:
    """With its scheme in a `<input type=url>`; elsewhere as the profile has it, else with or without scheme and `www.`, as fits."""
    value = blank.value.strip()
    address = _address(blank.canonical, value)
    if address is None:
        return Refusal(Reason.NOT_A_URL)
    bare = address.partition("://")[2]
    user_name = address.rstrip("/").rpartition("/")[2]
    wants_name = blank.canonical in PROFILE_PAGES and bool(re.match(r"@|user ?name|handle", blank.field.placeholder, re.IGNORECASE))
    if wants_name and user_name:
        return fit_texts([f"@{user_name}" if blank.field.placeholder.startswith("@") else user_name], blank.field)
    if blank.kind == "url":
        return fit_texts([address], blank.field)
    return fit_texts([value if "." in value else address, address, bare, bare.removeprefix("www."), bare.rstrip("/")], blank.field)
