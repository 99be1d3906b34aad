"""`python -m fieldwise_backend.erase`: shows what a stack holds of one user, and erases it with `--apply`.

Exit codes: 0 it went through, found or not; 1 it was refused; 2 it was asked wrongly. No line of its output names the user.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from fieldwise_backend.erase.aws import client
from fieldwise_backend.erase.erasure import Found, erase, find
from fieldwise_backend.erase.log_objects import LogObjects
from fieldwise_backend.erase.stack import ProfileItems, hash_key, places_of
from fieldwise_common.auth import Caller
from fieldwise_common.errors import FieldwiseError

ASKED_WRONGLY = 2

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; answers its exit code. What is wrong is one line on stderr."""
    try:
        code: int = app(arguments, prog_name="python -m fieldwise_backend.erase", standalone_mode=False)
    except typer.TyperException:  # its message repeats what was typed, which may be the user's name
        return _complain("these options can not be understood: see --help", ASKED_WRONGLY)
    return code


@app.command()
def erase_user(
    stack: Annotated[str, typer.Option(help="The CloudFormation stack.")] = "fieldwise",
    issuer: Annotated[str, typer.Option(help="The `iss` of the user's tokens, to its last slash.", show_default=False)] = "",
    subject: Annotated[str, typer.Option(help="The `sub` of the user's tokens.", show_default=False)] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Really erase; without it nothing is changed.")] = False,
) -> int:
    """Erases one user's data from a stack. Reads everything before it changes anything."""
    if not issuer.strip() or not subject.strip():
        return _complain("--issuer and --subject are needed, and neither may be empty: see --help", ASKED_WRONGLY)
    try:
        places = places_of(stack)
        profiles, log = ProfileItems(places.table, client("dynamodb")), LogObjects(places.bucket, client("s3"))
        found = find(Caller(issuer, subject, frozenset()), hash_key(places.secret), profiles, log)
        if apply:
            erase(found, profiles, log)
    except FieldwiseError as error:
        return _complain(str(error), 1)
    typer.echo(_summary(found, is_erased=apply))
    return 0


def _complain(line: str, code: int) -> int:
    typer.echo(line, err=True)
    return code


def _summary(found: Found, *, is_erased: bool) -> str:
    if not found.has_profile and not found.versions:
        return "nothing found: if there should be something, compare issuer (to its last slash) and subject with those of a token"
    done = "erased" if is_erased else "would be erased (dry run: add --apply)"
    profile = "the profile" if found.has_profile else "no profile"
    return f"{profile}, {found.rows} rows in {found.objects} objects, {found.old_versions} old versions of objects: {done}"
