"""The errors whose messages are meant for the user of the local stack.

Refusal
└── WrongTemplate   the template is wrong; the message begins with the place
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Refusal(Exception):
    """The stack can't do what was asked. The message is one line: what is wrong, and what to do about it."""


class WrongTemplate(Refusal):
    """A mistake in the template. `place` is the path to it: `Resources`, a logical id, `Properties`, a property."""

    def __init__(self, place: Iterable[object], what: str) -> None:
        self.place, self.what = tuple(place), what
        super().__init__(f"the template's {'.'.join(map(str, self.place))}: {what}")


@contextmanager
def reading(*place: object) -> Iterator[None]:
    """Adds `place` to every error of the block, which reads that part of the template. Blocks may be nested.

    The linter accepts everything CloudFormation does, including forms that this stack does not support: those become a
    WrongTemplate here.
    """
    try:
        yield
    except WrongTemplate as wrong:
        raise WrongTemplate((*place, *wrong.place), wrong.what) from wrong
    except Refusal as refusal:
        raise WrongTemplate(place, str(refusal)) from refusal
    except KeyError as error:
        raise WrongTemplate(place, f"{error} is missing; the local stack needs it") from error
    except (AttributeError, IndexError, TypeError, ValueError, re.error) as error:
        raise WrongTemplate(place, f"the local stack does not support this form ({error})") from error
