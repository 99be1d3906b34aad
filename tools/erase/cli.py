"""`python -m tools.erase`: shows what a stack holds of one user, and erases it with `--apply`.

Exit codes: 0 done, whether or not anything was found; 1 failed; 2 wrong options. No line of output names the user.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from fieldwise_common.auth import Caller
from fieldwise_common.errors import FieldwiseError
from fieldwise_common.store.s3 import S3Objects
from tools.erase.aws import client
from tools.erase.erasure import Found, erase, find
from tools.erase.log_objects import LogObjects
from tools.erase.stack import UserItems, hash_key, resources_of
from tools.erase.versions import VersionsOfUsers

MODELS = "models"
"""The prefix of the model store in the bucket."""
FAILED = 1
WRONG_OPTIONS = 2

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code. An error is one line on stderr."""
    try:
        code: int = app(arguments, prog_name="python -m tools.erase", standalone_mode=False)
    except typer.TyperException:  # its message repeats what was typed, which may be the user's name
        return _fail("unknown or incomplete options: see --help", WRONG_OPTIONS)
    return code


@app.command()
def erase_user(
    stack: Annotated[str, typer.Option(help="The CloudFormation stack.")] = "fieldwise",
    issuer: Annotated[str, typer.Option(help="`iss` of the user's tokens, including any trailing slash.", show_default=False)] = "",
    subject: Annotated[str, typer.Option(help="`sub` of the user's tokens.", show_default=False)] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Erase; without this option nothing is changed.")] = False,
) -> int:
    """Erases one user's data from a stack. Reads everything before it changes anything."""
    if not issuer.strip() or not subject.strip():
        return _fail("--issuer and --subject are required and must not be empty: see --help", WRONG_OPTIONS)
    try:
        resources = resources_of(stack)
        items, log = UserItems(resources.table, client("dynamodb")), LogObjects(resources.bucket, client("s3"))
        models = VersionsOfUsers(S3Objects(resources.bucket, MODELS, client("s3")))
        found = find(Caller(issuer, subject, frozenset()), hash_key(resources.secret), items, log, models)
        if apply:
            erase(found, items, log, models)
    except FieldwiseError as error:
        return _fail(str(error), FAILED)
    typer.echo(_summary(found, is_erased=apply))
    return 0


def _fail(line: str, code: int) -> int:
    typer.echo(line, err=True)
    return code


def _summary(found: Found, *, is_erased: bool) -> str:
    if found.is_empty:
        return "nothing found: if you expected something, compare issuer (including any trailing slash) and subject with a token's"
    done = "erased" if is_erased else "would be erased (dry run: add --apply)"
    profile = "the profile" if found.has_profile else "no profile"
    memory = f"{len(found.items) - found.has_profile} items of memory"
    log = f"{found.rows} rows in {found.objects} objects, {found.old_versions} old versions of objects"
    lines = [f"{profile}, {memory}, {log}: {done}"]
    if found.models:
        drops = "drops them" if is_erased else "would drop them"
        lines.append(
            f"votes of the user are in {', '.join(found.models)}; the next version {drops}, and these stay until a prune deletes them"
        )
    return "\n".join(lines)
