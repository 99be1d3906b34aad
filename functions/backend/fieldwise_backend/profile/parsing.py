"""Parses request bodies into profiles: RFC 7396 merge patches, and validation errors that name every invalid key, never its value."""

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fieldwise_backend.profile.schema import Profile
from fieldwise_common.errors import FieldFault, InvalidRequest, RequestTooLarge

MAX_DEPTH = 16
"""Far deeper than any profile, and far within Python's recursion limit."""
MAX_PROFILE_BYTES = 300_000
"""DynamoDB's limit is 400 KB per item."""
MAX_KEY = 64
"""Characters of an unknown key that an error repeats."""

SECRET_WORDS = frozenset(
    {"card", "cards", "creditcard", "cc", "cvc", "cvv", "csc", "password", "passwords", "passcode", "passphrase", "pin", "otp", "secret"}
)
"""An unknown key with one of these words gets an error that gives the reason."""


def merge_patch(target: object, patch: object, depth: int = MAX_DEPTH) -> Any:
    """RFC 7396, section 2: null removes, objects merge, anything else replaces.

    Raises:
        InvalidRequest: when the patch is nested deeper than `depth`.
    """
    if not isinstance(patch, dict):
        return patch
    if depth == 0:
        raise InvalidRequest(f"the body is nested more than {MAX_DEPTH} levels deep")
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value, depth - 1)
    return merged


def parse_profile(document: object) -> Profile:
    """Parses JSON data as a profile; a null counts as an absent key.

    Raises:
        InvalidRequest: naming every invalid key by JSON pointer.
        RequestTooLarge: when the profile does not fit into one item of the table.
    """
    if not isinstance(document, dict):
        raise InvalidRequest("the profile must be a JSON object", (FieldFault("", "must be an object"),))
    try:
        profile = Profile.model_validate(merge_patch({}, document))
    except ValidationError as error:
        faults = tuple(_fault(e) for e in error.errors(include_url=False, include_input=False))
        raise InvalidRequest(f"invalid: {', '.join(f.pointer for f in faults[:5])}", faults) from None
    if len(document_of(profile).encode()) > MAX_PROFILE_BYTES:
        raise RequestTooLarge(f"a profile may have at most {MAX_PROFILE_BYTES:,} bytes")
    return profile


def document_of(profile: Profile) -> str:
    """A profile as the JSON text that is stored; unset keys are left out."""
    return profile.model_dump_json(exclude_defaults=True)


def _fault(error: ErrorDetails) -> FieldFault:
    pointer = "".join("/" + str(part)[:MAX_KEY].replace("~", "~0").replace("/", "~1") for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return FieldFault(pointer, error["msg"].removeprefix("Value error, "))
    *place, key = error["loc"]
    if SECRET_WORDS & set(str(key).lower().replace("-", "_").split("_")):
        return FieldFault(pointer, "a profile must not contain cards, passwords or other secrets")
    return FieldFault(pointer, f"unknown key; allowed here: {', '.join(_known_keys(place))}")


def _known_keys(place: list[int | str]) -> list[str]:
    """The keys of the section at `place`, which is in the profile itself or in one of its lists."""
    section: type[BaseModel] = Profile
    for name in (part for part in place if isinstance(part, str)):
        annotation: Any = section.model_fields[name].annotation
        section = getattr(annotation, "__args__", (annotation,))[0]
    return list(section.model_fields)
