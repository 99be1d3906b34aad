"""A state machine's definition, as it is handed to the service that runs it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from local.refusal import wrong

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def filled_in(path: Path, substitutions: Mapping[str, object], logical_id: str) -> str:
    """The text of the file with its `${name}`s replaced. Raises Refusal for a file that is no JSON, and for a name without a value."""
    place = ("Resources", logical_id, "Properties")
    try:
        text = path.read_text("utf-8")
        json.loads(text)
    except ValueError as error:
        raise wrong((*place, "DefinitionUri"), f"{path} is no JSON: {error}") from error
    for name in PLACEHOLDER.findall(text):
        if name not in substitutions:
            raise wrong((*place, "DefinitionSubstitutions"), f"there is no {name}, which {path} asks for")
    return PLACEHOLDER.sub(lambda found: str(substitutions[found.group(1)]), text)
