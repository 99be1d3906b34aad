"""`python -m fieldwise_backend.erase`: shows what a stack holds of one user, and erases it with `--apply`."""

import argparse
import sys
from collections.abc import Sequence

import boto3

from fieldwise_backend.erase.erasure import Erased, erase
from fieldwise_backend.erase.log_objects import LogObjects
from fieldwise_backend.erase.stack import ProfileItems, hash_key, places_of
from fieldwise_common.auth import Caller
from fieldwise_common.errors import FieldwiseError


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when it went through, found or not; 1 with one line on stderr when it was refused. Names no user in its output."""
    parser = argparse.ArgumentParser(prog="python -m fieldwise_backend.erase", description="Erase one user's data from a stack.")
    parser.add_argument("--stack", default="fieldwise", help="the CloudFormation stack (default: fieldwise)")
    parser.add_argument("--issuer", required=True, help="the `iss` of the user's tokens")
    parser.add_argument("--subject", required=True, help="the `sub` of the user's tokens")
    parser.add_argument("--apply", action="store_true", help="really erase; without it nothing is changed")
    asked = parser.parse_args(arguments)
    try:
        places = places_of(asked.stack)
        found = erase(
            Caller(asked.issuer, asked.subject, frozenset()),
            hash_key(places.secret),
            ProfileItems(places.table, boto3.client("dynamodb")),
            LogObjects(places.bucket, boto3.client("s3")),
            is_dry_run=not asked.apply,
        )
    except FieldwiseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{_summary(found, is_dry_run=not asked.apply)}\n")
    return 0


def _summary(found: Erased, *, is_dry_run: bool) -> str:
    done = "would be erased (dry run: add --apply)" if is_dry_run else "erased"
    profile = "the profile" if found.profile else "no profile"
    return f"{profile}, {found.rows} rows in {found.objects} objects, {found.old_versions} old versions of objects: {done}"


if __name__ == "__main__":
    sys.exit(main())
