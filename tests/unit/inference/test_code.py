"""What the hash of the deciding code covers, and what the log holds of a field for a replay."""

import ast
from pathlib import Path

import fieldwise_common
import fieldwise_inference
from fieldwise_common.decision_log import FIRST_OPTIONS
from fieldwise_inference.classify import code
from fieldwise_inference.classify.ranker import evidence

INFERENCE, COMMON = (Path(str(package.__file__)).parent for package in (fieldwise_inference, fieldwise_common))
NOT_DECIDING = {
    "fieldwise_common",
    "fieldwise_common.errors",
    "fieldwise_common.decision_ids",
    "fieldwise_common.store",
    "fieldwise_common.store.layout",
    "fieldwise_common.store.objects",
}
"""Imported by code that decides, but no decision depends on them."""


def test_the_hash_covers_all_code_that_a_decision_imports() -> None:
    covered = {
        path
        for package, patterns in code.SOURCES.items()
        for pattern in patterns
        for path in Path(str(package.__file__)).parent.glob(pattern)
    }

    imported = {
        node.module
        for path in covered
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("fieldwise_common", "fieldwise_inference"))
    }
    files = {
        (INFERENCE if name.startswith("fieldwise_inference") else COMMON).parent / f"{name.replace('.', '/')}.py"
        for name in imported - NOT_DECIDING
    }
    assert len(code.code_version()) == 12
    assert {path for path in files if path.is_file()} - covered == set()
    assert len(covered) > 30


def test_the_log_holds_as_many_options_as_the_ranker_reads_and_counts() -> None:
    assert max(evidence.MAX_OPTIONS, evidence.MAX_OPTIONS_READ) <= FIRST_OPTIONS
