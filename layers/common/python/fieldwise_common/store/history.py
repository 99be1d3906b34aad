"""Every move of the pointer, for good: who made which version live, when and why.

The pointer itself holds the newest move. `history/` has an object per move, named so that names sort in the order of the moves,
written with If-None-Match and never changed or deleted. `record` is called with the pointer's move *before* the pointer is
overwritten, and with the new move after. So whenever a process dies, each move is in the history or in the pointer, and
`moves`, which reads both, misses none; and as only what was read from the pointer is recorded, it has none that did not happen.
What this can't see is a pointer that is overwritten or deleted by other means: a move is then missing if the process that made
it died before it recorded it. Moves of releases without a history begin with the one that was live.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC

from fieldwise_common.store.layout import HISTORY
from fieldwise_common.store.manifest import Pointer, as_json, parse_pointer
from fieldwise_common.store.objects import ObjectStore, PreconditionMissed

PARALLEL_READS = 16


def record(objects: ObjectStore, pointer: Pointer) -> None:
    """Records the move that a pointer holds, unless it is recorded already. Raises StoreError."""
    with suppress(PreconditionMissed):
        objects.put_if(_key(pointer), as_json(_move_of(pointer)), None)


def moves(objects: ObjectStore, live: Pointer | None) -> tuple[Pointer, ...]:
    """All moves, oldest first; `live` is the pointer. Raises CorruptVersion naming a record that can't be parsed, StoreError."""
    keys = list(objects.keys(HISTORY))
    with ThreadPoolExecutor(PARALLEL_READS) as pool:
        bodies = pool.map(lambda key: objects.get(key).body, keys)
        recorded = [parse_pointer(body, key) for key, body in zip(keys, bodies, strict=True)]
    is_missing = live is not None and _key(live) not in keys
    return (*recorded, _move_of(live)) if live is not None and is_missing else tuple(recorded)


def move_record(move: Pointer) -> dict[str, str | None]:
    """A move for machines: at, by, kind, from, to, reason, manifest_sha256."""
    return {
        "at": move.promoted_at.isoformat(),
        "by": move.promoted_by,
        "kind": move.kind,
        "from": move.previous,
        "to": move.version,
        "reason": move.reason,
        "manifest_sha256": move.manifest_sha256,
    }


def _move_of(pointer: Pointer) -> Pointer:
    """What the pointer says of its own move, without what it says of others."""
    return pointer.model_copy(update={"pruning": (), "prunes": 0})


def _key(pointer: Pointer) -> str:
    """The same for the same move; sorts by time, which grows with every move."""
    suffix = hashlib.sha256(as_json(_move_of(pointer))).hexdigest()[:6]
    return f"{HISTORY}{pointer.promoted_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{suffix}.json"
