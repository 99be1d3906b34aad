"""`python -m tools.openapi` prints the API's OpenAPI document; `docs/openapi.json` is its committed copy."""

import json
import sys

from fieldwise_backend.app import describe_app


def document() -> str:
    """The OpenAPI document as JSON text, ending in a newline."""
    return json.dumps(describe_app().openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
