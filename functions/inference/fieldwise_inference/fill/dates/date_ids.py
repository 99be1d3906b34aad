"""Which meanings are dates, and which are parts of one."""

from typing import Literal

DATE_IDS = frozenset({"bday", "start-date", "education-start-date", "education-end-date", "job-start-date", "job-end-date"})
DATE_PART_IDS: dict[str, Literal["day", "month", "year"]] = {
    "bday-day": "day",
    "bday-month": "month",
    "bday-year": "year",
    "graduation-year": "year",
}
