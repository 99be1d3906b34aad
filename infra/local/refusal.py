"""The error whose message is meant for the user of the local stack."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Refusal(Exception):
    """The stack can't do what was asked. The message is one line: what is wrong, and what to do about it."""


def wrong(place: Iterable[object], what: str) -> Refusal:
    """A mistake in the template. `place` is the path to it: `Resources`, a logical id, `Properties`, a property."""
    return Refusal(f"the template's {'.'.join(map(str, place))}: {what}")


@contextmanager
def reading(*place: object) -> Iterator[None]:
    """Names `place` in every error of the block, which reads that part of the template.

    The linter accepts everything CloudFormation does, also shapes that this stack does not support: those become a Refusal here.
    """
    try:
        yield
    except Refusal as refusal:
        raise wrong(place, str(refusal)) from refusal
    except KeyError as error:
        raise wrong(place, f"{error} is missing; the local stack needs it") from error
    except (AttributeError, IndexError, TypeError, ValueError, re.error) as error:
        raise wrong(place, f"the local stack does not support this form ({error})") from error
