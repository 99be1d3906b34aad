"""cfn-lint's errors as one line, and the fingerprint of the template that passed last."""

from pathlib import Path

import pytest
from tests.support.local_world import TEMPLATE, tiny_project

from local.refusal import Refusal
from local.state_folder import StateFolder
from local.template import lint as module
from local.template.lint import fingerprint, last_passed, lint, remember_passed


def refusal_of(path: Path) -> str:
    with pytest.raises(Refusal) as refused:
        lint(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project")


def test_a_correct_template_passes_and_a_warning_does_not_refuse_it(template: Path) -> None:
    template.write_text(TEMPLATE.replace("Resources:", "Conditions: { Unused: !Equals [a, b] }\nResources:", 1))

    lint(template)


def test_the_first_error_is_reported_in_one_line_with_its_place_its_rule_and_how_many_there_are(template: Path) -> None:
    template.write_text(TEMPLATE.replace("BUCKET: !Ref DataBucket", "BUCKET: !Ref Nobody"))

    refusal = refusal_of(template)

    assert refusal.startswith("the template's Resources.BackendFunction.Properties.Environment.Variables.BUCKET.Ref: 'Nobody' is not")
    assert "cfn-lint E" in refusal
    assert "`make lint` shows all " in refusal


def test_a_long_message_is_shortened(template: Path) -> None:
    template.write_text(TEMPLATE.replace("BUCKET: !Ref DataBucket", "BUCKET: !GetAtt Nobody.Arn"))

    assert len(refusal_of(template)) < 450


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Resources:\n  A: [\n", "is not YAML: line 3: "),
        (b"# Schl\xfcssel\nResources: {}\n", "is not UTF-8 (byte 6): save it as UTF-8"),
        (b"", "has no Resources"),
        (b"a: b\n", "has no Resources"),
        (b"Resources:\n", "has no Resources"),
        (b"Resources: [a]\n", "has no Resources"),
        (b"Resources: { A: text }\n", "the template's content: "),
    ],
)
def test_a_file_that_is_not_a_template_is_refused(template: Path, content: bytes, message: str) -> None:
    template.write_bytes(content)

    assert message in refusal_of(template)


def test_a_key_that_occurs_twice_is_refused(template: Path) -> None:
    template.write_text(TEMPLATE.replace("  TABLE: ", "  BUCKET: twice\n          TABLE: ", 1))

    assert "BUCKET" in refusal_of(template)


def test_a_linter_that_crashes_is_named_with_the_command_to_run(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashing = tmp_path / "cfn-lint"
    crashing.write_text("#!/bin/sh\necho Traceback >&2; exit 1\n")
    crashing.chmod(0o755)
    monkeypatch.setattr(module, "LINTER", crashing)

    assert refusal_of(template).endswith(f"run `{crashing} {template}` to see why")


def test_the_template_that_passed_is_remembered_by_its_content(template: Path, tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    before = last_passed(state)

    remember_passed(state, fingerprint(template))
    template.touch()
    is_same = last_passed(state) == fingerprint(template)
    template.write_text(f"{TEMPLATE}\n")

    assert (before, is_same) == ("", True)
    assert last_passed(state) != fingerprint(template)


def test_a_template_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"template\.yaml can't be read: No such file"):
        fingerprint(tmp_path / "template.yaml")


@pytest.mark.parametrize("damaged", [b"\xff\xfe", b""])
def test_a_damaged_record_of_what_passed_means_linting_again(tmp_path: Path, template: Path, damaged: bytes) -> None:
    state = StateFolder(tmp_path)
    state.linted.write_bytes(damaged)

    assert last_passed(state) != fingerprint(template)


def test_a_missing_linter_is_reported_in_one_line(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINTER", template / "no-linter")

    assert "run `make install`" in refusal_of(template)
