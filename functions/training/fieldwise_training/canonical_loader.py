"""The canonical data: the synonyms of every canonical id, from files of `{id: [synonyms]}`, one per language or source."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldwise_common.canonical import MAX_ID, is_id
from fieldwise_common.errors import DataError
from fieldwise_inference.classify.text import normalise


@dataclass(frozen=True, slots=True)
class Entry:
    """One synonym of one canonical id."""

    canonical: str
    text: str


def load_canonical(path: Path, known: frozenset[str] | None = None) -> tuple[Entry, ...]:
    """The entries of a file, or of every `*.json` in a folder, in the order of files, ids and lists.

    A text that is repeated under the same id counts once. If `known` is given, no other ids are allowed.

    Raises:
        DataError: naming file and key: not JSON, not `{id: [synonyms]}`, an id twice in one file, an unknown id, an empty
            list or synonym, or a synonym of two ids (compared normalised).
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: no *.json file in this folder")
    first: dict[str, tuple[str, str]] = {}
    entries: list[Entry] = []
    for file in files:
        for entry in _entries(file, known):
            key = normalise(entry.text)
            canonical, where = first.setdefault(key, (entry.canonical, ""))
            if canonical != entry.canonical:
                raise DataError(f"{file.name}, {entry.canonical}: {entry.text!r} is already a synonym of {canonical} (in {where})")
            if not where:
                first[key] = (canonical, file.name)
                entries.append(entry)
    return tuple(entries)


def _entries(file: Path, known: frozenset[str] | None) -> Iterator[Entry]:
    for canonical, synonyms in _parsed(file).items():
        where = f"{file.name}, {canonical}"
        if not canonical.strip():
            raise DataError(f"{file.name}: an id is empty")
        if not is_id(canonical):
            raise DataError(f"{where}: not an id: use letters, digits, `_`, `-` and `.`, at most {MAX_ID} characters")
        if known is not None and canonical not in known:
            raise DataError(f"{where}: unknown id")
        if not isinstance(synonyms, list):
            raise DataError(f"{where}: expected a list of synonyms, found {type(synonyms).__name__}")
        if not synonyms:
            raise DataError(f"{where}: the list of synonyms is empty")
        for position, text in enumerate(synonyms):
            if not isinstance(text, str):
                raise DataError(f"{where}: synonym {position} is {type(text).__name__}, not text")
            if not normalise(text):
                raise DataError(f"{where}: synonym {position} ({text!r}) has no letter or digit")
            yield Entry(canonical, text)


def _parsed(file: Path) -> Mapping[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                raise DataError(f"{file.name}, {key}: duplicate id")
            seen[key] = value
        return seen

    try:
        content = json.loads(file.read_text("utf-8"), object_pairs_hook=unique)
    except FileNotFoundError:
        raise DataError(f"{file}: no such file") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name}: not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{file.name}, line {error.lineno}: not JSON: {error.msg}") from error
    if not isinstance(content, dict):
        raise DataError(f"{file.name}: expected an object {{id: [synonyms]}}, found {type(content).__name__}")
    return content


def ids_of(entries: tuple[Entry, ...]) -> frozenset[str]:
    """Every id that has an entry."""
    return frozenset(entry.canonical for entry in entries)


def dump_canonical(entries: tuple[Entry, ...]) -> str:
    """The entries as one `{id: [synonyms]}` file, for `load_canonical`."""
    by_id: dict[str, list[str]] = {}
    for entry in entries:
        by_id.setdefault(entry.canonical, []).append(entry.text)
    return json.dumps(by_id, ensure_ascii=False, indent=1) + "\n"
