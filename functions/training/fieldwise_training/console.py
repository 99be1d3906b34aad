"""What the command line prints."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fieldwise_common.canonical import catalogue, negatives_like
from fieldwise_common.errors import CorruptVersion, VersionNotFound
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.shadow import ShadowSetting
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.corpus import Form
from fieldwise_training.evaluation.changes import Change
from fieldwise_training.evaluation.shadow import Shadows
from fieldwise_training.run import StepDone
from fieldwise_training.state import Mode, RunState


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
        console.print(f"rejected: {state.reason}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def version_table(store: ModelStore) -> Table:
    """Every version in the store, oldest first, sealed or not."""
    live = store.published_or_none()
    table = Table("", "version", "mode", "top-1", "verdict")
    table.columns[1].no_wrap = True
    for name in store.versions():
        mark = "live" if live is not None and live.pointer.version == name else ""
        try:
            manifest = store.manifest(name)
        except (VersionNotFound, CorruptVersion) as error:
            table.add_row(mark, name, "", "", str(error))
            continue
        accuracy = manifest.metrics.get("accuracy")
        table.add_row(mark, name, manifest.mode, f"{accuracy:.4f}" if accuracy is not None else "–", manifest.verdict.reason)
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
