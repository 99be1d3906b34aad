import json
from pathlib import Path

from tools.openapi import document

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_the_committed_description_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == document(), "run: python -m tools.openapi > docs/openapi.json"


def test_every_operation_but_health_needs_a_token_and_may_return_a_problem() -> None:
    described = json.loads(document())

    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert ("security" in operation) == (path != "/health"), path
            assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_keys_are_described_by_the_docstrings_of_their_models() -> None:
    schemas = json.loads(document())["components"]["schemas"]

    assert schemas["Fill"]["properties"]["action"]["description"].startswith("How to write the value")
    assert "legend" in schemas["FieldDescriptor"]["properties"]["section"]["description"]  # of the class that it inherits from


def test_a_profile_is_described_key_by_key() -> None:
    described = json.loads(document())

    body = described["paths"]["/api/profile"]["patch"]["requestBody"]["content"]
    assert body["application/merge-patch+json"]["schema"] == {"$ref": "#/components/schemas/Profile"}
    assert "postal_code" in described["components"]["schemas"]["Address"]["properties"]
