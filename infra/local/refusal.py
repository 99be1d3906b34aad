"""The one way the local stack says no."""


class Refusal(Exception):
    """The stack can't do what was asked. The message is one line a person can act on."""
