"""load: canonical synonyms, forms and feedback are read and stored in the version, with what its parent carries of feedback."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fieldwise_common.errors import CorruptVersion, DataError, VersionNotFound
from fieldwise_common.store import layout
from fieldwise_common.store.manifest import Manifest
from fieldwise_common.store.objects import ObjectStore
from fieldwise_inference.classify.sites import NO_SITES, SiteAnswers
from fieldwise_training.canonical_loader import Entry, dump_canonical, ids_of, load_canonical
from fieldwise_training.corpus import dump_forms, load_forms
from fieldwise_training.feedback.agreement import agree
from fieldwise_training.feedback.carry import Carried, NewFeedback, merged, read_feedback
from fieldwise_training.feedback.judged import read_judged, write_judged
from fieldwise_training.feedback.learned import difference
from fieldwise_training.feedback.pairs import dump_pairs, tally
from fieldwise_training.feedback.rows import instant
from fieldwise_training.feedback.source import THREADS, Mark
from fieldwise_training.feedback.votes import about_unknown_ids, read_votes, write_votes
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import FeedbackFacts, Mode, RunState
from fieldwise_training.steps.context import TrainingContext

SMOKE_IDS = 12
SMOKE_SYNONYMS = 3
SMOKE_HELD_OUT_FORMS = 5
SMOKE_TRAINING_FORMS = 40
GONE = "the votes of {} are not carried on: it has no manifest."
"""The run's note, with the name of the parent."""
ALWAYS = "9999"
"""Later than any time: an erasure whose time can't be read drops everything of its user's."""


def load(context: TrainingContext, state: RunState) -> RunState:
    """Reads the data; a smoke test takes a small slice of it, and no feedback. Raises DataError, CorruptVersion, StoreError."""
    entries = load_canonical(context.data / "canonical")
    known = ids_of(entries)
    corpus = load_forms(context.data / "corpus", known)
    held_out, training = (tuple(form for form in corpus if form.is_held_out is chosen) for chosen in (True, False))
    if not held_out:
        raise DataError("corpus: no form is held out for evaluation")
    if state.mode is Mode.SMOKE_TEST:
        entries, held_out, training = smoke_slice(entries), held_out[:SMOKE_HELD_OUT_FORMS], training[:SMOKE_TRAINING_FORMS]
    draft = context.draft(state)
    draft.write(layout.CANONICAL, dump_canonical(entries))
    draft.write(layout.EVALUATION, dump_forms(held_out))
    draft.write(layout.CORPUS, dump_forms(training))
    parent = _parent(context, state)
    is_gone = parent is None and state.parent is not None and state.mode is not Mode.SMOKE_TEST
    return state.model_copy(
        update={
            "entries": len(entries),
            "evaluation_fields": sum(len(form.fields) for form in held_out),
            "feedback": _feedback(context, state, parent, known),
            "note": " ".join(filter(None, (state.note, GONE.format(state.parent) if is_gone else ""))) or None,
        }
    )


def _feedback(context: TrainingContext, state: RunState, parent: Manifest | None, known: frozenset[str]) -> FeedbackFacts:
    """Writes everything of the version that comes from feedback."""
    draft = context.draft(state)
    with temporary_folder() as folder:
        since = _mark(parent)
        new = read_feedback(state.parameters.feedback_log, since, folder) if state.mode.uses_feedback else NewFeedback(mark=since)
        before = _carried(context, parent, folder / "parent") if parent is not None else Carried()
        votes, judged = merged(before, new, _erased(context.store.objects))
        sites = agree(votes, state.parameters.site_quorum, before.sites, known)
        learned = difference(before.sites, sites, votes)
        pairs = tally(new.statements, known, new.quarantined)
        made = folder / "made"
        (made / "data").mkdir(parents=True)
        write_votes(votes, made / layout.VOTES)
        write_judged(judged, made / layout.JUDGED)
        (made / layout.SITES).write_text(sites.model_dump_json(indent=1) + "\n", "utf-8")
        (made / layout.LEARNED).write_text(learned.model_dump_json(indent=1) + "\n", "utf-8")
        (made / layout.SHADOWS).write_text(new.shadows.model_dump_json(indent=1) + "\n", "utf-8")
        (made / layout.FEEDBACK).write_text(dump_pairs(pairs), "utf-8")
        draft.upload(made)
    return FeedbackFacts(
        log=new.mark.log,
        mark=new.mark.hour,
        objects=new.objects,
        vanished=new.vanished,
        rows=new.rows,
        new_votes=len(new.votes),
        unsigned=new.unsigned,
        missing_forms=new.missing_forms,
        votes=len(votes),
        unknown_ids=about_unknown_ids(votes, known),
        forms=len({row.request_id for row in judged}),
        answers=sum(map(len, sites.sites.values())),
        changes=dict(sorted(Counter(answer.change for answer in learned.answers).items())),
        confirmed=len(pairs.confirmed),
        rejected=len(pairs.rejected),
        capped=dict(sorted((+new.capped).items())),
        quarantined=dict(sorted((+new.quarantined).items())),
    )


def _parent(context: TrainingContext, state: RunState) -> Manifest | None:
    """The version whose votes are carried on; None for a smoke test, if nothing is live, or if the live version is gone.

    Raises CorruptVersion when its manifest is damaged: its votes are still there, and would be lost.
    """
    if state.parent is None or state.mode is Mode.SMOKE_TEST:
        return None
    try:
        return context.store.manifest(state.parent)
    except VersionNotFound:
        return None
    except CorruptVersion as error:
        raise CorruptVersion(f"{error}; the users' votes are in this version: restore its manifest, or roll back to another one") from error


def _carried(context: TrainingContext, parent: Manifest, folder: Path) -> Carried:
    """What the parent carries; nothing if it is of an earlier release. Raises CorruptVersion when one of its files is damaged."""
    names = (layout.VOTES, layout.JUDGED, layout.SITES)
    files = context.store.fetch(parent.version, {name: parent.files[name] for name in names if name in parent.files}, folder)
    return Carried(
        votes=read_votes(files[layout.VOTES]) if layout.VOTES in files else (),
        judged=read_judged(files[layout.JUDGED]) if layout.JUDGED in files else (),
        sites=_sites(files[layout.SITES], parent.version) if layout.SITES in files else NO_SITES,
    )


def _sites(path: Path, version: str) -> SiteAnswers:
    try:
        return SiteAnswers.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise CorruptVersion(f"{version}/{layout.SITES}: {error.error_count()} wrong values") from error


def _mark(parent: Manifest | None) -> Mark:
    """How far the parent has read the log."""
    facts: dict[str, Any] = (parent.metrics.get("feedback") if parent is not None else None) or {}
    return Mark(facts.get("log", ""), facts.get("mark", ""))


def _erased(objects: ObjectStore) -> dict[str, str]:
    """When each erased user was erased, by user hash."""
    keys = list(objects.keys(layout.ERASED))
    with ThreadPoolExecutor(THREADS) as pool:
        texts = [found.body.decode("utf-8", "replace").strip() for found in pool.map(objects.get, keys)]
    return {key.removeprefix(layout.ERASED): instant(text) or ALWAYS for key, text in zip(keys, texts, strict=True)}


def smoke_slice(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The first few synonyms of the first few ids."""
    by_id: dict[str, list[Entry]] = {}
    for entry in entries:
        by_id.setdefault(entry.canonical, []).append(entry)
    return tuple(entry for own in list(by_id.values())[:SMOKE_IDS] for entry in own[:SMOKE_SYNONYMS])


def summary(state: RunState) -> str:
    """One line for the console."""
    return f"{state.entries} synonyms, {state.evaluation_fields} evaluation fields; feedback: {feedback_summary(state)}"


def feedback_summary(state: RunState) -> str:
    """What was read, what the version carries, and how many rows could not be used."""
    facts = state.feedback or FeedbackFacts()
    pairs = f"{facts.confirmed} texts confirmed, {facts.rejected} rejected; " if facts.confirmed or facts.rejected else ""
    changes = "".join(f", {count} {change}" for change, count in facts.changes.items())
    agreed = f"{facts.answers} fields agreed on{changes}"
    return f"{pairs}{facts.new_votes} votes read, {facts.votes} in all; {agreed}; {sum(facts.quarantined.values())} rows quarantined"
