"""`python -m tools.openapi` prints the API's OpenAPI document; `docs/openapi.json` is its committed copy.

Keys are described by the docstrings below them in the models. Pydantic could do that too, but in every cold start.
"""

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise

from pydantic import BaseModel

from fieldwise_backend.app import describe_app


def document() -> str:
    """The OpenAPI document as JSON text, ending in a newline."""
    described = describe_app().openapi()
    models = {model.__name__: model for model in _subclasses(BaseModel) if model.__module__.startswith("fieldwise_")}
    for name, schema in described["components"]["schemas"].items():
        texts = _docstrings(models[name])
        for key, property_ in schema.get("properties", {}).items():
            if key in texts:
                property_.setdefault("description", texts[key])
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def _subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for subclass in model.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _docstrings(model: type[BaseModel]) -> Mapping[str, str]:
    """The docstring of each attribute of a model that has one, inherited ones too."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
            definition = next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
            for attribute, following in pairwise(definition.body):
                match attribute, following:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                        found[name] = inspect.cleandoc(text)
    return found


if __name__ == "__main__":
    sys.stdout.write(document())
