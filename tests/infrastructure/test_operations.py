"""The documents for operators, checked against the template, the configuration and the code."""

import json
import re
import tomllib

import pytest
import yaml
from benchmarks.cost import PUBLISHED, per_million_table, table
from tests.infrastructure.conftest import ROOT, SIZES, TEMPLATE
from tools.erase.cli import main

from fieldwise_common import errors as our_errors
from fieldwise_training.state import Mode
from local.template.blueprint import Blueprint

OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")
PAGES = ["docs/operations.md", *(f"docs/runbooks/{p.name}" for p in sorted((ROOT / "docs/runbooks").glob("*.md")))]
CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
WORKFLOW_FILE = ROOT / ".github/workflows/deploy.yml"
WORKFLOW = WORKFLOW_FILE.read_text("utf-8")


def parameters_of(environment: str, verb: str = "deploy") -> dict[str, str]:
    overrides = CONFIG[environment][verb]["parameters"].get("parameter_overrides", [])
    return {name: value.strip("'") for name, _, value in (override.partition("=") for override in overrides)}


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environments_parameters_are_the_templates_and_allowed(environment: str) -> None:
    given = parameters_of(environment)

    accepted = Blueprint(ROOT / "template.yaml", given, "test")  # refuses what CloudFormation refuses

    assert accepted.parameters == given
    assert len(given) > 3


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_is_built_and_deployed_for_the_same_architecture(environment: str) -> None:
    built, deployed = (parameters_of(environment, verb).get("Architecture", "x86_64") for verb in ("build", "deploy"))

    assert built == deployed


def test_environments_share_neither_stack_nor_glue_database() -> None:
    stacks = {CONFIG[name]["global"]["parameters"]["stack_name"] for name in ("default", "dev", "prod")}
    databases = {parameters_of(name)["DecisionDatabaseName"] for name in ("dev", "prod")}

    assert (len(stacks), len(databases)) == (3, 2)


def test_the_policies_it_shows_are_json() -> None:
    blocks = re.findall(r"```json\n(.*?)```", OPERATIONS, re.DOTALL)

    assert [type(json.loads(block)) for block in blocks] == [dict, dict]


def test_the_cost_tables_are_what_the_estimates_give() -> None:
    shown = [OPERATIONS.partition(f"<!-- {mark} -->\n")[2].partition(f"\n<!-- /{mark} -->")[0] for mark in ("cost of calls", "cost")]

    assert shown == [per_million_table(PUBLISHED), table(PUBLISHED)]


@pytest.mark.parametrize("page", PAGES)
def test_the_outputs_and_parameters_it_names_exist(page: str, blueprint: Blueprint) -> None:
    text = (ROOT / page).read_text("utf-8")
    outputs, parameters = set(blueprint.template["Outputs"]), {*blueprint.template["Parameters"], *SIZES}

    to_put_in = set(re.findall(r"<([A-Z][A-Za-z]+)>", text))
    named = set(re.findall(r"`([A-Z][a-z]+[A-Z][A-Za-z]+)(?:=[^`]*)?`", text))

    of_aws = {"ConcurrentExecutions", "UnreservedConcurrentExecutions", "DecryptionFailure"}
    errors = {name for name in named if name.endswith(("Error", "Exception"))} | set(vars(our_errors)) | {"ObjectMissing"}
    resources = set(blueprint.template["Resources"])
    assert to_put_in - outputs == set()
    assert named - outputs - parameters - resources - of_aws - errors == set()


def test_every_size_is_documented(blueprint: Blueprint) -> None:
    table = OPERATIONS.partition("## Change a size\n")[2].partition("\n## ")[0]

    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE)[1:] == blueprint.template["Parameters"]["Size"]["AllowedValues"]


def test_the_templates_table_of_contents_lists_its_sections_in_order() -> None:
    text = TEMPLATE.read_text("utf-8")
    contents, _, body = text.partition("\nAWSTemplateFormatVersion")
    listed = re.findall(r"^#   (?:  )?([A-Za-z][\w ]*?)(?:  .*)?$", contents, re.MULTILINE)

    sections = re.findall(r"^(?:([A-Z]\w+):(?!.)|  # -- (.+?) -+)$", body, re.MULTILINE)

    assert listed == [key or section for key, section in sections]


def test_make_help_lists_the_modes_that_training_has() -> None:
    [modes] = re.findall(r"\(MODE=(\S+)\)", (ROOT / "Makefile").read_text("utf-8"))

    assert modes.split("|") == [mode.value for mode in Mode]


def test_every_output_has_a_description(blueprint: Blueprint) -> None:
    assert all(output["Description"] for output in blueprint.template["Outputs"].values())


@pytest.mark.parametrize("page", ["README.md", *PAGES])
def test_its_links_have_a_target(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", (ROOT / page).read_text("utf-8"))

    for path, anchor in links:
        target = folder / path if path else ROOT / page
        assert target.exists(), path
        headings = re.findall(r"^## (.+)$", target.read_text("utf-8"), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}, anchor


@pytest.mark.parametrize("page", ["backend-errors", "inference-errors", "training-failed"])
@pytest.mark.parametrize(
    ("line", "is_shown"),
    [
        ("[ERROR] SettingsError: bad settings: MODEL_STORE: Field required\nTraceback (most recent call last):", True),
        ("2026-11-22T10:00:00.000Z 6f1c2a4e-0000 Task timed out after 20.02 seconds", True),
        ("RequestId: 6f1c2a4e-0000 Error: Runtime exited with error: signal: killed", True),
        ("INIT_REPORT Init Duration: 10010.01 ms\tPhase: init\tStatus: timeout", True),
        ("REPORT RequestId: 6f1c2a4e-0000\tDuration: 900.00 ms\tStatus: error\tError Type: Runtime.OutOfMemory", True),
        ("REPORT RequestId: 6f1c2a4e-0000\tDuration: 12.00 ms\tMax Memory Used: 90 MB", False),
        ("START RequestId: 6f1c2a4e-0000 Version: 7", False),
    ],
)
def test_its_query_shows_lambdas_own_lines_about_a_crash(page: str, line: str, is_shown: bool) -> None:
    [pattern] = re.findall(r"@message like /(.+)/", (ROOT / f"docs/runbooks/{page}.md").read_text("utf-8"))

    assert bool(re.search(pattern, line)) == is_shown


@pytest.mark.parametrize("page", PAGES)
def test_the_log_messages_its_queries_filter_by_are_logged(page: str) -> None:
    filters = re.findall(r"message (?:= (\".+?\")|in \[(.+?)\])", (ROOT / page).read_text("utf-8").replace("$.message", "message"))
    code = "".join(path.read_text("utf-8") for folder in ("functions", "layers") for path in (ROOT / folder).rglob("*.py"))

    assert [text for pair in filters for text in re.findall(r"\".+?\"", " ".join(pair)) if text not in code] == []


def test_the_erase_command_it_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    help_text = capsys.readouterr().out
    assert "python -m tools.erase --stack" in OPERATIONS
    assert all(option in help_text for option in ("--stack", "--issuer", "--subject", "--apply"))


def test_the_workflow_deploys_by_oidc_to_a_chosen_environment() -> None:
    workflow = yaml.safe_load(WORKFLOW)
    choice = workflow[True]["workflow_dispatch"]["inputs"]["environment"]["options"]  # YAML reads the key `on` as true

    deploy = workflow["jobs"]["deploy"]
    assert choice == [name for name in CONFIG if name in {"dev", "prod"}]
    assert deploy["needs"] == ["check", "containers"]
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    assert "aws-access-key-id" not in WORKFLOW


def test_every_action_is_pinned_to_one_release() -> None:
    versions = re.findall(r"uses: \S+@(\S+)", WORKFLOW)

    assert versions
    assert [v for v in versions if not re.fullmatch(r"v\d+\.\d+\.\d+|[0-9a-f]{40}", v)] == []


def test_the_workflow_puts_no_input_into_a_shell() -> None:
    steps = [step for job in yaml.safe_load(WORKFLOW)["jobs"].values() for step in job["steps"]]

    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_every_suppressed_check_has_a_reason() -> None:
    looked_at = [ROOT / "template.yaml", WORKFLOW_FILE, *ROOT.glob("functions/*/Dockerfile")]
    skipped = [match for path in looked_at for match in re.findall(r"# checkov:skip=(\w+):(.*)", path.read_text("utf-8"))]

    assert skipped
    assert [check for check, reason in skipped if len(reason.split()) < 5] == []
