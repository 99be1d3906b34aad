"""The built template as the emulators get it: with names, addresses and credentials that only this machine knows."""

import json
from collections.abc import Mapping
from pathlib import Path

from local.aws.sessions import Connection
from local.places import write_atomically
from local.template.blueprint import Blueprint
from local.template.written import Template, load

EMULATED = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri", "AWS::Serverless::HttpApi": ""}
"""The types the emulators know, and the property that leads to built code. The rest is the embedded AWS's."""


def write_sam_template(built: Path, blueprint: Blueprint, connections: Mapping[str, Connection], to: Path) -> None:
    """Writes the template for the emulators; `connections` are by role, as whose sessions the functions act.

    The emulator would pass one key for all of them, and the logical id for every `Ref`. Credentials are in the file: it is
    readable by its owner alone.
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
        for elsewhere in ("Role", "LoggingConfig"):
            properties.pop(elsewhere, None)
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
