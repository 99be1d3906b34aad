"""Bodies to profiles: RFC 7396 merge patches, and validation that names every key at fault and never its value."""

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fieldwise_backend.profile.schema import Profile
from fieldwise_common.errors import FieldFault, InvalidRequest, RequestTooLarge

MAX_DEPTH = 16
"""Far deeper than a profile, far shallower than the interpreter's stack."""
MAX_PROFILE_BYTES = 300_000
"""DynamoDB keeps at most 400 KB in an item."""
MAX_KEY = 64

SECRET_WORDS = frozenset(
    {"card", "cards", "creditcard", "cc", "cvc", "cvv", "csc", "password", "passwords", "passcode", "passphrase", "pin", "otp", "secret"}
)
"""A refused key with one of these words in it gets the reason, not only the refusal."""


def merge_patch(target: object, patch: object, depth: int = MAX_DEPTH) -> Any:
    """RFC 7396, section 2: null removes, objects merge, anything else replaces.

    Raises:
        InvalidRequest: when the patch is nested deeper than `depth`.
    """
    if not isinstance(patch, dict):
        return patch
    if depth == 0:
        raise InvalidRequest("the body is nested deeper than any profile")
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value, depth - 1)
    return merged


def parse_profile(document: object) -> Profile:
    """The profile a JSON document describes; a null says the same as an absent key.

    Raises:
        InvalidRequest: naming every key at fault by JSON pointer.
        RequestTooLarge: when it is more than one item of the table can hold.
    """
    if not isinstance(document, dict):
        raise InvalidRequest("a profile is a JSON object", (FieldFault("", "must be an object"),))
    try:
        profile = Profile.model_validate(merge_patch({}, document))
    except ValidationError as error:
        faults = tuple(_fault(e) for e in error.errors(include_url=False, include_input=False))
        raise InvalidRequest(f"wrong: {', '.join(f.pointer for f in faults[:5])}", faults) from None
    if len(document_of(profile).encode()) > MAX_PROFILE_BYTES:
        raise RequestTooLarge(f"a profile may have {MAX_PROFILE_BYTES:,} bytes at most")
    return profile


def document_of(profile: Profile) -> str:
    """A profile as the JSON text that is stored: without what is not set."""
    return profile.model_dump_json(exclude_defaults=True)


def _fault(error: ErrorDetails) -> FieldFault:
    pointer = "".join("/" + str(part)[:MAX_KEY].replace("~", "~0").replace("/", "~1") for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return FieldFault(pointer, error["msg"].removeprefix("Value error, "))
    *place, key = error["loc"]
    if SECRET_WORDS & set(str(key).lower().replace("-", "_").split("_")):
        return FieldFault(pointer, "cards, passwords and other secrets have no place in a profile")
    return FieldFault(pointer, f"there is no such key; here go: {', '.join(_known_keys(place))}")


def _known_keys(place: list[int | str]) -> list[str]:
    """The keys of the section at `place`; sections stand in the profile directly or in one of its lists."""
    section: type[BaseModel] = Profile
    for name in (part for part in place if isinstance(part, str)):
        annotation: Any = section.model_fields[name].annotation
        section = getattr(annotation, "__args__", (annotation,))[0]
    return list(section.model_fields)
