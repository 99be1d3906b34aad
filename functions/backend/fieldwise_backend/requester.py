"""Who sent the request under way, and the header that proves it."""

from dataclasses import dataclass, field

from fieldwise_common.auth import Caller


@dataclass(frozen=True, slots=True)
class Requester:
    """A verified caller. `authorization` is forwarded to inference as it came; it is kept out of `repr`, and so of logs."""

    caller: Caller
    authorization: str = field(repr=False)
