"""The built template as the emulators get it: with the names, addresses and credentials of this machine."""

import json
from collections.abc import Mapping
from pathlib import Path

from local.aws.sessions import Connection
from local.state_folder import write_atomically
from local.template.blueprint import Blueprint
from local.template.load import Template, load

EMULATED = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri", "AWS::Serverless::HttpApi": ""}
"""The types that the emulators run, and the property with the path to their code. The embedded AWS has the rest."""


def write_sam_template(built: Path, blueprint: Blueprint, connections: Mapping[str, Connection], to: Path) -> None:
    """Writes the template for the emulators. `connections`, by role, are the sessions that the functions act in.

    Left alone, the emulator gives all functions the same credentials, and resolves every `Ref` to a logical id. The file
    contains credentials, so only its owner can read it.
    """
    template = load(built)
    template["Resources"] = {name: resource for name, resource in template["Resources"].items() if resource["Type"] in EMULATED}
    template.pop("Outputs", None)
    _set_defaults(template, blueprint.parameters)
    for resource in template["Resources"].values():
        code = EMULATED[resource["Type"]]
        if code in resource["Properties"]:
            resource["Properties"][code] = str((built.parent / resource["Properties"][code]).resolve())
    for plan in blueprint.functions():
        properties = template["Resources"][plan.logical_id]["Properties"]
        connection = connections[plan.role]
        properties["Environment"] = {"Variables": {**plan.environment, **_credentials(connection)}}
        for unsupported in ("Role", "LoggingConfig"):
            properties.pop(unsupported, None)
    write_atomically(to, json.dumps(template, indent=1, default=str).encode(), mode=0o600)


def _set_defaults(template: Template, parameters: Mapping[str, str]) -> None:
    for name, value in parameters.items():
        template["Parameters"][name]["Default"] = value


def _credentials(connection: Connection) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": connection.url,
        "AWS_ACCESS_KEY_ID": connection.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": connection.credentials.secret_access_key,
        "AWS_SESSION_TOKEN": connection.credentials.session_token,
    }
