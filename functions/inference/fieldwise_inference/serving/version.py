"""The verified files of a version, opened and checked against each other."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from fieldwise_common.errors import CorruptVersion
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.model import load_ranker
from fieldwise_inference.classify.thresholds import Thresholds
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_inference.serving.index import FaissIndex

ENCODER_FILES = ("encoder.onnx", "tokenizer.json", "encoder.json")
RANKER_FILES = ("ranker.json", "ranker.npz")
SERVED_FILES = (*ENCODER_FILES, "index.faiss", "meta.json", "lexicon.json", "thresholds.json", *RANKER_FILES)
"""What inference needs of a version; the rest of it is for people and for training."""

SMOKE_TEXT = "healthcheck"

Model = TypeVar("Model", bound=BaseModel)


def _parsed(model: type[Model], files: Mapping[str, Path], name: str) -> Model:
    try:
        return model.model_validate_json(files[name].read_bytes())
    except ValidationError as error:
        raise CorruptVersion(f"{name}: {error.error_count()} wrong values") from error


def load_version(version: str, files: Mapping[str, Path]) -> LoadedVersion:
    """Opens the files of a version (local paths by name) and lets it embed once; one made without a ranker has no ranker.

    Raises CorruptVersion naming version and file when one is missing, can't be read, or doesn't fit the others.
    """
    missing = [name for name in SERVED_FILES if name not in files and (name not in RANKER_FILES or set(RANKER_FILES) & set(files))]
    if missing:
        raise CorruptVersion(f"{version}: {missing[0]} is missing")
    try:
        encoder = OnnxEncoder(*(files[name] for name in ENCODER_FILES))
        loaded = LoadedVersion(
            version=version,
            encoder=encoder,
            index=FaissIndex(files["index.faiss"], files["meta.json"]),
            lexicon=_parsed(Lexicon, files, "lexicon.json"),
            thresholds=_parsed(Thresholds, files, "thresholds.json"),
            ranker=load_ranker(files["ranker.json"], files["ranker.npz"]) if set(RANKER_FILES) <= set(files) else None,
            encoder_precision=encoder.settings.precision,
            encoder_caveat=encoder.settings.caveat,
        )
        check(loaded)
    except CorruptVersion as error:
        raise CorruptVersion(f"{version}: {error}") from error
    return loaded


def check(loaded: LoadedVersion) -> None:
    """The smoke embedding: shape, length, an answer from the index, labels. Raises CorruptVersion saying what is wrong."""
    vectors = loaded.encoder.embed([SMOKE_TEXT])
    if vectors.ndim != 2 or len(vectors) != 1 or not np.isclose(np.linalg.norm(vectors[0]), 1.0, atol=1e-3):
        raise CorruptVersion("the encoder doesn't give one unit vector per text")
    try:
        neighbours = loaded.index.search(vectors, 1)
    except (AssertionError, RuntimeError) as error:
        raise CorruptVersion("the encoder's vectors don't fit the index") from error
    if not neighbours or not neighbours[0]:
        raise CorruptVersion("the index has no answer")
    if not loaded.lexicon.exact:
        raise CorruptVersion("the lexicon has no labels")
