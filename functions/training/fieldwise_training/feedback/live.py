"""How often the live version was wrong, as its users say: to see whether what its budget promised still holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from fieldwise_common.canonical import is_negative
from fieldwise_common.decision_log import LogRow
from fieldwise_inference.classify.ruling import BY_PEOPLE
from fieldwise_training.feedback.rows import INCORRECT, FeedbackRow

Fill = tuple[str, str]
"""User and signature: a field that a user sees every day counts once."""


class LiveFills:
    """Counts the fills of one version that users with feedback have seen, and those of them that they rejected.

    Most users never give a thumb, and those who do mostly on errors. So the forms of all who gave any feedback count, also those without a
    verdict, and a fill that they did not reject counts as right. What people decided (`BY_PEOPLE`) is no fill of the version's own.
    """

    def __init__(self, version: str, feedback: Iterable[FeedbackRow]) -> None:
        self._version = version
        self._users: set[str] = set()
        self._rejected: set[tuple[str, str, str, str]] = set()
        self._fills: dict[str, set[Fill]] = defaultdict(set)
        self._wrong: dict[str, set[Fill]] = defaultdict(set)
        for row in sorted(feedback, key=lambda row: row.at):
            if row.user:
                self._users.add(row.user)
                fill = (row.site, row.user, row.signature, row.about)
                if row.verdict == INCORRECT:
                    self._rejected.add(fill)
                else:
                    self._rejected.discard(fill)  # a user's last word about a fill counts, as everywhere

    def watching(self, rows: Iterable[LogRow | None]) -> Iterator[LogRow | None]:
        """The rows unchanged, counted while they pass."""
        for row in rows:
            if row is not None and self._is_fill(row):
                fill = (row.user_hash, row.signature)
                self._fills[row.site].add(fill)
                if (row.site, row.user_hash, row.signature, row.predicted) in self._rejected:
                    self._wrong[row.site].add(fill)
            yield row

    def by_site(self) -> list[tuple[int, int]]:
        """(fills, of these rejected ones) of each site."""
        return [(len(self._fills[site]), len(self._wrong[site])) for site in sorted(self._fills)]

    def _is_fill(self, row: LogRow) -> bool:
        is_of_version = bool(self._version) and row.model_version == self._version and row.user_hash in self._users
        is_id = not is_negative(row.predicted)
        return is_of_version and bool(row.signature) and row.decision == "accepted" and is_id and row.method not in BY_PEOPLE
