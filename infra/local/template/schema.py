"""Shapes as JSON schemas, read the way CloudFormation reads a template."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft7Validator, FormatChecker, TypeChecker  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError, best_match  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]

from local.refusal import wrong

Schema = Mapping[str, Any]

LONGEST = 160
"""Characters of a message: a whole resource may be quoted in it."""

TYPES = TypeChecker(
    {
        "text": lambda _, value: isinstance(value, str),
        "string": lambda _, value: isinstance(value, str | int | float),
        "integer": lambda _, value: re.fullmatch(r"-?\d+", str(value)) is not None,
        "number": lambda _, value: re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", str(value)) is not None,
        "boolean": lambda _, value: str(value).lower() in {"true", "false"},
        "object": lambda _, value: isinstance(value, dict),
        "array": lambda _, value: isinstance(value, list),
        "null": lambda _, value: value is None,
    }
)
"""A number may be written as a text, and the other way round; `text`, a type of our own, is a text and nothing else."""

BY_VALUE = ("pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems")
"""Keywords that are left out: they compare what CloudFormation would convert first. `make lint` knows them all."""


def _is_one_of(_: object, listed: Sequence[object], value: object, __: object) -> Iterator[ValidationError]:
    if str(value) not in map(str, listed):
        yield ValidationError(f"{value!r} is none of {', '.join(map(str, listed))}")


Validator = extend(Draft7Validator, {**dict.fromkeys(BY_VALUE), "enum": _is_one_of}, type_checker=TYPES)
FORMATS = FormatChecker(["regex"])


def require(schema: Schema, value: object, *place: object) -> None:
    """Raises Refusal naming the first thing in `value`, which itself is at `place`, that `schema` forbids."""
    fault = best_match(Validator(schema, format_checker=FORMATS).iter_errors(value))
    if fault is not None:
        what = "there is nothing there" if fault.instance is None else fault.message
        raise wrong((*place, *fault.absolute_path), _shortened(what))


def _shortened(text: str) -> str:
    """The beginning says of what, the end what is wrong with it."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"
