"""What the command line prints."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fieldwise_common.canonical import catalogue, negatives_like
from fieldwise_common.store.manifest import Pointer
from fieldwise_common.store.prune import Prunable
from fieldwise_common.store.shadow import ShadowSetting
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.corpus import Form
from fieldwise_training.evaluation.changes import Change
from fieldwise_training.evaluation.shadow import Shadows
from fieldwise_training.release.overview import VersionOverview
from fieldwise_training.run import StepDone
from fieldwise_training.state import Mode, RunState
from fieldwise_training.workflow.failed import Failure


def show_step(console: Console, step: StepDone) -> None:
    """One line per step: name, time, summary."""
    console.print(f"{step.name:<9} {step.seconds:6.1f} s  {step.summary}", markup=False, highlight=False, soft_wrap=True)


def show_outcome(console: Console, state: RunState) -> None:
    """How the run ended, in one line, after the run's note if it has one."""
    if state.note:
        console.print(state.note, style="yellow", markup=False, highlight=False, soft_wrap=True)
    if state.mode is Mode.SMOKE_TEST:
        console.print("smoke test passed: every step works; nothing was promoted", style="green")
    elif state.promoted:
        console.print(f"promoted: {state.version}", style="green", highlight=False, soft_wrap=True)
    else:
        outcome = "superseded" if state.superseded else "rejected"
        console.print(f"{outcome}: {state.reason}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def version_table(versions: Iterable[VersionOverview], now: datetime) -> Table:
    """A row per version."""
    table = Table("", "version", "age", "mode", "top-1", "precision", "size", "parent", "live since", "by", "gate")
    table.columns[1].no_wrap = True
    for found in versions:
        gate = found.problem or f"{'passed' if found.passed else 'rejected'}: {found.reason}"
        table.add_row(
            found.status,
            found.version,
            age_text(now - found.made_at),
            found.mode or "",
            *("–" if figure is None else f"{figure:.4f}" for figure in (found.accuracy, found.precision)),
            size_text(found.size) if found.size is not None else "–",
            found.parent or "none",
            time_text(found.live_since) if found.live_since is not None else "never",
            escape(found.live_by or ""),
            escape(gate),
        )
    return table


def shadow_line(setting: ShadowSetting) -> str:
    """Which version is in shadow, in one line."""
    at = f" (by {setting.by}, {setting.at:%Y-%m-%d %H:%M} UTC)" if setting.at is not None else ""
    return f"in shadow: {setting.version}, {setting.share:.1%} of the requests{at}" if setting.is_on else f"no version is in shadow{at}"


def shadow_tables(setting: ShadowSetting, found: Shadows) -> Iterator[Table]:
    """What the version in shadow decided so far: beside each version that was live, and examples."""
    own = [one for one in found.comparisons if one.candidate == setting.version]
    names = ("live", "requests", "fields", "same", *Change, "better", "worse")
    table = Table(*names, title="nothing is in the log yet" if not own else "decisions so far", title_justify="left")
    for one in own:
        changed = (one.changed.get(change, 0) for change in Change)
        table.add_row(one.live, *map(str, (one.requests, one.fields, one.same, *changed, one.better, one.worse)))
    yield table
    examples = Table("change", "field", "live", "in shadow", title="examples", title_justify="left")
    for example in (example for one in own for example in one.examples):
        examples.add_row(example.change, escape(example.label), example.before or "–", example.after or "–")
    if examples.row_count:
        yield examples


def history_table(moves: Iterable[Pointer]) -> Table:
    """A row per move of the pointer."""
    table = Table("at (UTC)", "by", "what", "from", "to", "why")
    for move in moves:
        by, why = escape(move.promoted_by), escape(move.reason)
        table.add_row(time_text(move.promoted_at), by, move.kind, move.previous or "none", move.version, why)
    return table


def prune_table(versions: Sequence[Prunable], now: datetime) -> Table:
    """What a prune would delete, with sizes and their sum."""
    table = Table("to delete", "age", "size")
    table.columns[0].no_wrap = True
    for found in versions:
        name = found.version if found.is_sealed else f"{found.version} (never sealed)"
        table.add_row(name, age_text(now - found.made_at), size_text(found.size))
    table.add_section()
    table.add_row(f"{len(versions)} in all", "", size_text(sum(found.size for found in versions)))
    return table


def time_text(at: datetime) -> str:
    """`2026-11-30 00:16`, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def age_text(age: timedelta) -> str:
    """`3 d`, `5 h` or `12 min`."""
    if age >= timedelta(days=1):
        return f"{age.days} d"
    minutes = max(0, int(age.total_seconds() // 60))
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"


def size_text(size: int) -> str:
    """In megabytes."""
    return f"{size / 1e6:,.1f} MB"


def failure_table(failures: Iterable[Failure]) -> Table:
    """Runs that failed, one row each."""
    table = Table("at (UTC)", "run", "step", "error", "cause")
    for failure in failures:
        table.add_row(f"{failure.at:%Y-%m-%d %H:%M}", failure.run_id, failure.step, failure.error, escape(failure.cause))
    return table


def id_table(entries: Sequence[Entry], forms: Sequence[Form]) -> Table:
    """Every row of the catalogue, with the number of its synonyms and of the authored fields whose truth it is."""
    synonyms = Counter(entry.canonical for entry in entries)
    fields = Counter(field.truth for form in forms for field in form.fields)
    table = Table("canonical id", "answer", "part of", "notes", "often confused with", "synonyms", "fields", title_justify="left")
    for name in ("synonyms", "fields"):
        next(column for column in table.columns if column.header == name).justify = "right"
    for canonical, row in catalogue().items():
        marks = [name for name in ("token", "secret", "masked", "repeats") if getattr(row, name)]
        confused = row.like if row.is_negative else negatives_like(canonical)
        counts = (str(synonyms[canonical]), str(fields[canonical]))
        table.add_row(canonical, row.answer, row.part_of or "", ", ".join(marks), ", ".join(confused), *counts)
    return table


def corpus_tables(forms: Sequence[Form], guard: Sequence[Form]) -> Iterator[Table]:
    """Forms by language and part, forms by kind, fields by truth; the guard forms, which are a part of their own, by language only."""
    parts = ("train", "calibration", "held out")
    by_language = Table("language", *parts, "fields", title="forms by language and part", title_justify="left")
    for lang, _ in Counter(form.lang for form in forms).most_common():
        own = [form for form in forms if form.lang == lang]
        split = Counter(parts[2] if f.is_held_out else parts[1] if f.is_for_calibration else parts[0] for f in own)
        by_language.add_row(lang, *(str(split[part]) for part in parts), str(sum(len(form.fields) for form in own)))
    by_language.add_row("all", "", "", str(len(forms)) + " forms", str(sum(len(form.fields) for form in forms)))
    yield by_language
    yield _counted("guard forms by language", Counter(form.lang for form in guard))
    yield _counted("forms by kind", Counter(form.kind for form in forms))
    yield _counted("fields by truth", Counter(field.truth for form in forms for field in form.fields))


def _counted(title: str, counts: Counter[str]) -> Table:
    table = Table("", "", title=title, title_justify="left")
    for name, count in counts.most_common():
        table.add_row(name, str(count))
    return table
