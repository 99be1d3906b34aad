"""The versions of a store: which there are, how they got live, and by whom; and the means to change that."""

import getpass
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from fieldwise_common.errors import SettingsError, VersionNotFound
from fieldwise_common.events import RolledBack, open_events
from fieldwise_common.observability import logger
from fieldwise_common.store.history import move_record
from fieldwise_common.store.prune import prunable, prune
from fieldwise_common.store.reports import read_report
from fieldwise_common.store.shadow import end_shadow, read_shadow, set_shadow
from fieldwise_training.cli.app import AsJson, Store, app, console, existing_store, one_line_errors, settings_for
from fieldwise_training.cli.tables import failure_table, history_table, prune_table, shadow_line, shadow_tables, version_table
from fieldwise_training.feedback.shadow_log import shadows_in_log
from fieldwise_training.release.overview import overview
from fieldwise_training.release.reload import reload_inference
from fieldwise_training.workflow.failed import read_failures

SHADOW_BY = "the command line"
"""Who set the shadow, in `shadow.json`."""


def operator() -> str:
    """The name of this process's user, without the machine's, which is nobody's business."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "an operator"


@app.command()
def versions(store: Store = None, as_json: AsJson = False) -> None:
    """Lists all versions: which is live, since when and by whom, scores, parent, the gate's verdict, age and size."""
    with one_line_errors():
        found = overview(existing_store(store))
        if as_json:
            console.print_json(json.dumps([asdict(version) for version in found], default=datetime.isoformat))
        else:
            console.print(version_table(found, datetime.now(UTC)))


@app.command()
def show(version: str, store: Store = None) -> None:
    """Prints the manifest of a version: its files, data, code, parameters, metrics and verdict."""
    with one_line_errors():
        console.print_json(json.dumps(existing_store(store).manifest(version).model_dump(mode="json")))


@app.command()
def report(
    version: Annotated[str | None, typer.Argument(help="The version; by default the newest.")] = None,
    store: Store = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; default: VERSION.html in this folder.")] = None,
) -> None:
    """Writes the report of a version, live or rejected, to a file, and prints its verdict in one line."""
    with one_line_errors():
        found = read_report(existing_store(store), version)
        path = out or Path(f"{found.version}.html")
        try:
            path.write_bytes(found.page)
        except OSError as error:
            raise SettingsError(f"{path} can't be written: {error.strerror}") from error
        console.print(found.verdict, markup=False, highlight=False, soft_wrap=True)
        console.print(str(path), markup=False, highlight=False, soft_wrap=True)


@app.command()
def shadow(
    version: Annotated[str, typer.Argument(help="A sealed version to put into shadow; without it, shows the shadow there is.")] = "",
    share: Annotated[float, typer.Option(help="Share of the requests that the version also decides (above 0, at most 1).")] = 0.1,
    off: Annotated[bool, typer.Option("--off", help="End the shadow.")] = False,
    store: Store = None,
    feedback_log: Annotated[str | None, typer.Option(help="The decision log, for what the shadow decided; default: FEEDBACK_LOG.")] = None,
) -> None:
    """A version in shadow decides beside the live one, for the log alone: starts it, ends it, or shows what it decided so far."""
    if version and off:
        raise typer.BadParameter("give either a version or --off", param_hint="VERSION")
    logger.setLevel("WARNING")
    with one_line_errors():
        models = existing_store(store)
        if version or off:
            setting = set_shadow(models, version, share, SHADOW_BY) if version else end_shadow(models, SHADOW_BY)
        else:
            setting = read_shadow(models.objects)
        console.print(shadow_line(setting), markup=False, highlight=False, soft_wrap=True)
        if setting.is_on and not version:
            for table in shadow_tables(setting, shadows_in_log(feedback_log or settings_for(store).feedback_log, setting)):
                console.print(table)


@app.command()
def history(store: Store = None, as_json: AsJson = False) -> None:
    """Lists every move of the pointer, oldest first: when, by whom, from which version to which, and why."""
    with one_line_errors():
        moves = existing_store(store).history()
        if as_json:
            console.print_json(json.dumps([move_record(move) for move in moves]))
        else:
            console.print(history_table(moves))


@app.command()
def rollback(
    version: Annotated[str | None, typer.Argument(help="Default: the version that was live before.", show_default=False)] = None,
    store: Store = None,
    by: Annotated[str | None, typer.Option("--by", help="Your name in the history; default: your user name.", show_default=False)] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, for the history; default: the gate's.", show_default=False)] = "",
) -> None:
    """Makes another version live, after checking all its files, asks inference to load it, and publishes the event."""
    with one_line_errors():
        settings = settings_for(store)
        versions = existing_store(store)
        events = open_events(settings.event_bus)  # which may fail, so before the pointer moves
        before = versions.published_or_none()
        target = version or (before.pointer.previous if before is not None else None)
        if target is None:
            raise VersionNotFound("there is no version before the live one: name a version; `versions` lists them")
        pointer = versions.roll_back(target, by or operator(), why)
        is_served = reload_inference(settings.ml_service_reload_url, settings.ml_service_reload_token.get_secret_value(), target)
        if before is not None and before.pointer == pointer:
            state = "was live already"
        else:
            state = f"is live; before it: {pointer.previous or 'none'}"
            events.publish(RolledBack(version=target, previous=pointer.previous, by=pointer.promoted_by, reason=pointer.reason))
        serving = "inference serves it" if is_served else "inference loads it at its next poll"
        console.print(f"{target} {state}; {serving}", highlight=False, soft_wrap=True)


@app.command("prune")
def prune_command(
    store: Store = None,
    keep: Annotated[int, typer.Option("--keep", min=0, help="The newest versions that stay in any case.")] = 5,
    older_than: Annotated[float, typer.Option("--older-than", min=0, help="Days from which a version is old.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be deleted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Deletes old versions: all but the newest, if they are older. Never the live one, the one before it, one in shadow, or a new draft."""
    with one_line_errors():
        versions, now = existing_store(store), datetime.now(UTC)
        found = prunable(versions, keep, timedelta(days=older_than), now)
        if not found:
            console.print("nothing to delete")
            return
        console.print(prune_table(found, now))
        if dry_run:
            return
        if not yes and not _is_confirmed():
            raise SettingsError("nothing was deleted: answer y, or give --yes")
        deleted = prune(versions, [version.version for version in found])
        console.print(f"deleted: {len(deleted)} of {len(found)}" + ("" if len(deleted) == len(found) else "; the others are in use by now"))


def _is_confirmed() -> bool:
    try:
        return typer.confirm("Delete them?")
    except typer.Abort:  # end of input
        return False


@app.command()
def failures(store: Store = None) -> None:
    """Lists the runs of the state machine that failed, the latest first: when, in which step, and why."""
    with one_line_errors():
        console.print(failure_table(read_failures(existing_store(store))))
