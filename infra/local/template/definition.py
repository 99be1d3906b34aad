"""A state machine's definition, as the service that runs it gets it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from local.refusal import Refusal

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def substituted(path: Path, substitutions: Mapping[str, object]) -> str:
    """The text of the file with every `${name}` replaced. Raises Refusal when it is not JSON, or a name has no value."""
    try:
        text = path.read_text("utf-8")
        json.loads(text)
    except ValueError as error:
        raise Refusal(f"{path} is not JSON: {error}") from error
    for name in PLACEHOLDER.findall(text):
        if name not in substitutions:
            raise Refusal(f"DefinitionSubstitutions lack {name}, which {path} uses")
    return PLACEHOLDER.sub(lambda found: str(substitutions[found.group(1)]), text)
