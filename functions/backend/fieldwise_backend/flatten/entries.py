"""The entries of a profile's lists: in order, without dates that can't be, and each as a profile of its own."""

from collections.abc import Iterator
from datetime import date
from typing import TypeVar

from fieldwise_backend.profile.schema import Education, Job, Profile

MAX_ENTRIES = 20
"""Of each list; no form asks for more."""

Dated = TypeVar("Dated", Job, Education)


def in_order(profile: Profile, today: date) -> Profile:
    """The profile with its jobs and schools latest first, and without dates that contradict each other or a job's being current."""
    jobs = _latest_first(tuple(_without_impossible_dates(job) for job in profile.work_history))
    schools = _latest_first(tuple(_without_impossible_dates(school) for school in profile.education))
    ended = tuple(job.model_copy(update={"end_date": ""}) if is_current(job, today) else job for job in jobs)
    return profile.model_copy(update={"work_history": ended, "education": schools})


def one_entry_each(profile: Profile) -> Iterator[tuple[str, int, Profile]]:
    """For each entry: its list, its number from 1, and the profile as if the entry were the only one of its list."""
    for name in ("work_history", "education", "projects"):
        for number, entry in enumerate(getattr(profile, name)[:MAX_ENTRIES], start=1):
            # the last two are of today's job, which is not necessarily one of the entries
            alone = {name: (entry,), "organization": "", "organization_title": ""}
            yield name, number, profile.model_copy(update=alone)


def is_current(job: Job, today: date) -> bool | None:
    """Whether the user still has the job: as the profile has it, else by the end of it; None if that leaves it open."""
    if job.is_current is not None:
        return job.is_current
    if not job.end_date:
        return True if job.start_date else None
    return False if job.end_date < today.isoformat()[: len(job.end_date)] else None


def _without_impossible_dates(entry: Dated) -> Dated:
    """The entry without its dates if it ends before it starts: one of the two is wrong, and it is not known which."""
    return entry.model_copy(update={"start_date": "", "end_date": ""}) if _is_before(entry.end_date, entry.start_date) else entry


def _latest_first(entries: tuple[Dated, ...]) -> tuple[Dated, ...]:
    """The entries as they are, unless one of them ended before an entry that follows it began."""
    is_proven = any(_is_before(earlier.end_date, later.start_date) for i, earlier in enumerate(entries) for later in entries[i + 1 :])
    return tuple(sorted(entries, key=_end_and_start, reverse=True)) if is_proven else entries


def _end_and_start(entry: Job | Education) -> tuple[str, str]:
    """What entries are sorted by; one that has begun and not ended is later than any other."""
    return entry.end_date or ("9999" if entry.start_date else ""), entry.start_date


def _is_before(date: str, other: str) -> bool:
    """Whether a date is before another, as far as both are known; False if one is missing."""
    known = min(len(date), len(other))
    return date[:known] < other[:known]
