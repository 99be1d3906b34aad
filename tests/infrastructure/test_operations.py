"""What is written for the owner, against what there is."""

import re
import tomllib

import pytest
import yaml
from benchmarks.cost.estimate import table
from tests.infrastructure.conftest import ROOT

from fieldwise_backend.erase.cli import main
from local.template.blueprint import Blueprint

OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")
CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
WORKFLOW_FILE = ROOT / ".github/workflows/deploy.yml"
WORKFLOW = WORKFLOW_FILE.read_text("utf-8")


def parameters_of(environment: str) -> dict[str, str]:
    overrides = CONFIG[environment]["deploy"]["parameters"]["parameter_overrides"]
    return {name: value.strip("'") for name, _, value in (override.partition("=") for override in overrides)}


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environments_parameters_are_the_templates_and_within_its_bounds(environment: str) -> None:
    given = parameters_of(environment)

    accepted = Blueprint(ROOT / "template.yaml", given, "test")  # refuses what CloudFormation would

    assert accepted.parameters == given
    assert len(given) > 3


def test_environments_share_neither_stack_nor_glue_database() -> None:
    stacks = {CONFIG[name]["global"]["parameters"]["stack_name"] for name in ("default", "dev", "prod")}
    databases = {parameters_of(name)["DecisionDatabaseName"] for name in ("dev", "prod")}

    assert (len(stacks), len(databases)) == (3, 2)


def test_the_cost_table_is_what_the_estimate_gives() -> None:
    shown = OPERATIONS.partition("<!-- cost -->\n")[2].partition("\n<!-- /cost -->")[0]

    assert shown == table()


def test_the_outputs_and_parameters_it_names_exist(blueprint: Blueprint) -> None:
    outputs, parameters = blueprint.template["Outputs"], blueprint.template["Parameters"]

    named = set(re.findall(r"<([A-Z][A-Za-z]+)>", OPERATIONS)) | set(re.findall(r"`([A-Z][a-z]+[A-Z][A-Za-z]+)`", OPERATIONS))

    elsewhere = {"GetItem", "DeleteItem", "ClientName"}
    assert named
    assert named - set(outputs) - set(parameters) - elsewhere == set()


def test_every_output_says_what_it_is_for(blueprint: Blueprint) -> None:
    assert all(output["Description"] for output in blueprint.template["Outputs"].values())


@pytest.mark.parametrize("page", ["docs/operations.md", *(f"docs/runbooks/{p.name}" for p in (ROOT / "docs/runbooks").glob("*.md"))])
def test_its_links_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", (ROOT / page).read_text("utf-8"))

    for path, anchor in links:
        target = folder / path if path else ROOT / page
        assert target.exists(), path
        headings = re.findall(r"^## (.+)$", target.read_text("utf-8"), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}, anchor


def test_the_erase_command_it_names_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    help_text = capsys.readouterr().out
    assert "python -m fieldwise_backend.erase --stack" in OPERATIONS
    assert all(option in help_text for option in ("--stack", "--issuer", "--subject", "--apply"))


def test_the_workflow_deploys_by_oidc_to_an_environment_that_is_chosen() -> None:
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


def test_every_suppressed_check_says_why() -> None:
    looked_at = [ROOT / "template.yaml", WORKFLOW_FILE, *ROOT.glob("functions/*/Dockerfile")]
    skipped = [match for path in looked_at for match in re.findall(r"# checkov:skip=(\w+):(.*)", path.read_text("utf-8"))]

    assert skipped
    assert [check for check, reason in skipped if len(reason.split()) < 5] == []
