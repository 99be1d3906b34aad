"""Numbers the repeated blocks of a form: job 1 and job 2, school 1 and school 2.

A block is the fields of one entry of a list in the profile. What numbers it, the surest first: the client (`entry`); an ordinal in the
section's heading ("Job 2"); an index in the fields' names (`work[0]`, `employer2`); else the order of the page, where a block ends when
an id comes again. The first block is the latest entry, as nearly all forms ask for "most recent first", and a form
that does not can't be recognised.

A later block is left unfilled rather than filled with another's entry: where the evidence is contradictory, or too thin to call it a
block (a second `field-of-study` may be a second subject of the same degree).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from fieldwise_common.canonical import Answer, about
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import BY_PEOPLE, Ruling

HEADS = frozenset({"organization", "school", "project-name"})
"""The id that names the entry, for each list."""
ANCHORS = HEADS | {"organization-title", "degree"}
"""Ids with which a block may begin again, even if the first block began with another."""
ELSEWHERE = frozenset({"organization", "organization-title"})
"""Ids that stand outside of job histories too: a company in an address, a contact's position. Alone they make no block."""

ADDRESS = frozenset({"street-address", "address-line1", "street-name", "postal-code"})
NEARBY = 6
"""Positions within which a street belongs to the same address."""
LIKELY = 0.5
"""The score from which a field that is unsure counts as what it is likeliest to be."""
UNCLEAR = "form:entry-unclear"
EARLIER = "whose:earlier@"
"""Begins the ranker's signal of a field that asks for the user's own data of an earlier time."""

_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_ORDINAL = re.compile(r"(?:^|\s|#|№|\()(\d{1,2})[):.]?$")
_STEP = re.compile(r"\b(?:step|page|part|section|schritt|seite|teil|étape|paso|passo|etap|krok|stap)\W*\d", re.IGNORECASE)
"""A number of the form's own pages, not of a block."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A field of a list.

    position: in the form. number: of its block, by the client, or else by the heading. index: in its names, from 1; 0 if they have none.
    is_in_address: whether there is a street or a postal code near it. is_earlier: whether the ranker reads it as asking about an earlier
    time.
    """

    position: int
    canonical: str
    number: int | None
    is_by_client: bool
    index: int
    section: str
    is_in_address: bool
    is_earlier: bool


@dataclass(slots=True)
class _Block:
    """Fields of one entry. number: as the client, the heading or the names give it."""

    rows: list[_Row]
    number: int | None = None
    is_fragment: bool = False
    """Begun by the repetition of a field that no block begins with."""

    @property
    def ids(self) -> set[str]:
        return {row.canonical for row in self.rows}

    @property
    def positions(self) -> list[int]:
        return [row.position for row in self.rows]

    @property
    def index(self) -> int:
        """The index in the names of its fields; 0 if they have none, or different ones."""
        indices = {row.index for row in self.rows}
        return max(indices) if len(indices) == 1 else 0

    @property
    def is_earlier(self) -> bool:
        return any(row.is_earlier for row in self.rows)


def numbered(views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[Ruling]:
    """The decisions about a form with the entry of each field in a repeated block, as `entry` and as the signal `entry:2`.

    No entry is set if the form has only one block of a kind, unless the client or the heading numbers it. Fields that are unsure
    count as what they are likeliest to be (`LIKELY`): a block whose first field is not filled begins there all the same.
    """
    out = list(rulings)
    by_kind: dict[str, list[int]] = {}
    for position, ruling in enumerate(rulings):
        is_likely = ruling.outcome == "accepted" or (ruling.outcome == "unsure" and ruling.score >= LIKELY)
        kind = about(ruling.canonical).list
        if is_likely and kind is not None:
            by_kind.setdefault(kind, []).append(position)
    for positions in by_kind.values():
        for position, entry in _entries(_rows(positions, views, rulings)).items():
            out[position] = _with_entry(rulings[position], entry)
    return out


def _with_entry(ruling: Ruling, entry: int | None) -> Ruling:
    """`entry` None: unclear. What people said of a field stands; it is only not numbered."""
    if entry is not None:
        return replace(ruling, entry=entry).with_signal(f"entry:{entry}")
    if ruling.outcome != "accepted" or ruling.method in BY_PEOPLE:
        return ruling
    return replace(ruling, outcome="unsure").with_signal(UNCLEAR)


def _rows(positions: Sequence[int], views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[_Row]:
    indices = _indices([views[position] for position in positions])
    return [
        _Row(
            position,
            rulings[position].canonical,
            field.entry if field.entry is not None else _heading(field.section),
            field.entry is not None,
            index,
            field.section,
            any(ruling.canonical in ADDRESS for ruling in rulings[max(0, position - NEARBY) : position + NEARBY + 1]),
            any(signal.startswith(EARLIER) for signal in rulings[position].signals),
        )
        for position, index in zip(positions, indices, strict=True)
        for field in (views[position].field,)
    ]


def _heading(section: str) -> int | None:
    """The number at the end of a section's heading: 2 of "Previous position 2"."""
    found = _ORDINAL.search(section.strip())
    return int(found[1]) if found and int(found[1]) > 0 and not _STEP.search(section) else None


def _indices(views: Sequence[FieldView]) -> list[int]:
    """Of each field, the first number of its name (or else its id) that is not the same in all names, from 1; 0 without one."""
    numbers = [list(map(int, _NUMBER.findall(view.field.name) or _NUMBER.findall(view.field.id))) for view in views]
    place = 0
    while (having := [own[place] for own in numbers if len(own) > place]) and len(having) > 1 and len(set(having)) == 1:
        place += 1
    return [own[place] + 1 if len(own) > place else 0 for own in numbers]


def _entries(rows: Sequence[_Row]) -> dict[int, int | None]:
    """The entry of each position that has one; None where it is unclear."""
    if all(row.is_by_client for row in rows):
        return {row.position: row.number for row in rows}
    first, *later = blocks = _by_number(rows) or _by_index(rows) or _by_section(rows) or _by_repetition(rows)
    if not later:
        number = first.number or (2 if all(row.is_earlier for row in rows) else None)
        return dict.fromkeys(first.positions, number) if number is not None else {}
    is_list = any(block.ids - ELSEWHERE or block.is_earlier for block in blocks)
    if not is_list:  # the user's contacts or jobs? in an address it is the user's own company
        return dict.fromkeys(row.position for block in later for row in block.rows if not row.is_in_address)
    is_first_outside = _is_outside(first, later)
    entries: dict[int, int | None] = {} if is_first_outside else dict.fromkeys(first.positions, first.number or 1)
    last = 0 if is_first_outside else first.number or 1
    index = first.index
    is_clear = True
    for block in later:
        if block.is_fragment:
            entries.update(dict.fromkeys(block.positions))
            continue
        entry = block.number or last + 1
        is_numbered = block.number is not None or (not is_first_outside and _resembles(block, first))
        is_clear = is_clear and is_numbered and entry > last and (not block.index or block.index > index)
        last, index = entry, block.index or index
        entries.update(dict.fromkeys(block.positions, entry if is_clear else None))
    return entries


def _is_outside(first: _Block, later: Sequence[_Block]) -> bool:
    """Whether the first block is the present company and position above a job history, which may or may not begin with them again."""
    is_thin = first.ids <= ELSEWHERE and first.number is None
    return is_thin and any(block.ids - ELSEWHERE for block in later) and not any(block.is_earlier for block in later)


def _resembles(block: _Block, first: _Block) -> bool:
    """Whether a block is, by its fields, another of the first one's kind."""
    has_head = not first.ids & HEADS or bool(block.ids & HEADS)
    return has_head and (block.is_earlier or 2 * len(block.ids & first.ids) > len(block.ids))


def _by_number(rows: Sequence[_Row]) -> list[_Block]:
    """The blocks that client or headings number; a field without a number is of the block before it. Empty if none is numbered."""
    if all(row.number is None for row in rows):
        return []
    blocks: dict[int | None, _Block] = {}
    number = None
    for row in rows:
        number = row.number if row.number is not None else number
        blocks.setdefault(number, _Block([], number)).rows.append(row)
    return list(blocks.values())


def _by_index(rows: Sequence[_Row]) -> list[_Block]:
    """The blocks that the indices in names number; empty if those number something else, such as every field of the form.

    They do number blocks if those are alike and come in the order of their indices. Fields without an index are the first block
    (`company`, `company2`) if they are alike, too; above the others they may also be none of the list.
    """
    by_index: dict[int, _Block] = {}
    for row in rows:
        by_index.setdefault(row.index, _Block([])).rows.append(row)
    is_ascending = list(by_index) == sorted(by_index)
    blocks = list(by_index.values())
    is_above = 0 in by_index and all(row.index == 0 for row in rows[: len(by_index[0].rows)])
    if is_above and (not _are_alike(blocks) or _is_outside(blocks[0], blocks[1:])):
        blocks = blocks[1:]
    if not is_ascending or not _are_alike(blocks):
        return []
    for number, block in enumerate(blocks, start=1):
        block.number = number
    return blocks


def _by_section(rows: Sequence[_Row]) -> list[_Block]:
    """The blocks that headings tell apart ("Current job", "Last job"); empty if some field has none, or they head parts of a block.

    They head blocks if none has an id twice, and each has an id of the first.
    """
    by_section: dict[str, _Block] = {}
    for row in rows:
        by_section.setdefault(row.section, _Block([])).rows.append(row)
    blocks = list(by_section.values())
    return blocks if "" not in by_section and _are_alike(blocks) else []


def _are_alike(blocks: Sequence[_Block]) -> bool:
    """Whether there are several blocks, each of which has an id of the first, and none an id twice."""
    repeats = any(_repeats(row, block.rows[:number]) for block in blocks for number, row in enumerate(block.rows))
    return len(blocks) > 1 and not repeats and all(block.ids & blocks[0].ids for block in blocks)


def _by_repetition(rows: Sequence[_Row]) -> list[_Block]:
    """The blocks in the order of the page: one ends where an id comes again, and with it others, or nothing but it.

    An id that comes again alone is a stray (a second subject, a school's code): it is a fragment, and the block goes on behind it. So it
    goes on after a field that is repeated although no block begins with it, such as the dates of a job whose company was not recognised. If
    the page has headings, the fields under the new heading are of the new block, also those that the first block lacks.
    """
    is_plain_list = len({row.canonical for row in rows}) == 1
    current = _Block([])
    blocks = [current]
    for place, row in enumerate(rows):
        if not _repeats(row, current.rows) and not (current.is_fragment and _may_begin(row, rows)):
            current.rows.append(row)
        elif is_plain_list or not _is_stray(rows, place, current):
            moving = _moving(current.rows, row)
            current.rows = [one for one in current.rows if one not in moving]
            current = _Block([*moving, row], is_fragment=not _may_begin(row, rows))
            blocks.append(current)
        else:
            blocks.append(_Block([row], is_fragment=True))
    return blocks


def _moving(block: Sequence[_Row], row: _Row) -> list[_Row]:
    """The fields of a block that are already under the heading of the next, which begins with `row`."""
    last = max((number for number, one in enumerate(block) if one.canonical == row.canonical), default=None)
    if last is None or not row.section or row.section == block[last].section:
        return []
    return [one for one in block[last + 1 :] if one.section == row.section]


def _may_begin(row: _Row, rows: Sequence[_Row]) -> bool:
    """Whether a block may begin with the field."""
    return row.canonical in ANCHORS or row.canonical == rows[0].canonical


def _is_stray(rows: Sequence[_Row], place: int, block: _Block) -> bool:
    """Whether an id comes again without any other of the block, before it comes yet again.

    An anchor is never called a stray: it may begin a block with other fields than the first.
    """
    row = rows[place]
    if row.canonical in ANCHORS:
        return False
    following = takewhile(lambda one: one.canonical != row.canonical, rows[place + 1 :])
    return not any(one.canonical in block.ids for one in following)


def _repeats(row: _Row, before: Sequence[_Row]) -> bool:
    """Whether an id comes again in a block. Neighbouring boxes of one date do not count: a month and a year, both read as the date."""
    is_next_box = bool(before) and before[-1].canonical == row.canonical and about(row.canonical).answer in {Answer.DATE, Answer.DATE_PART}
    return not is_next_box and any(one.canonical == row.canonical for one in before)
