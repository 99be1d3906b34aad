"""Loads a version from its verified files, and checks that they fit each other."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.classify.ranker.model import load_ranker
from fieldwise_inference.classify.sites import NO_SITES, SiteAnswers
from fieldwise_inference.classify.thresholds import Thresholds
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_inference.serving.index import FaissIndex

SMOKE_TEXT = "email"

Model = TypeVar("Model", bound=BaseModel)


def _parsed(model: type[Model], files: Mapping[str, Path], name: str) -> Model:
    try:
        return model.model_validate_json(files[name].read_bytes())
    except ValidationError as error:
        raise CorruptVersion(f"{name}: {error.error_count()} wrong values") from error


def load_version(version: str, files: Mapping[str, Path], same_encoder: LoadedVersion | None = None) -> LoadedVersion:
    """Loads the files of a version (local paths by name) and runs `check`.

    The ranker's files may both be absent, and `sites.json` in a version of an earlier release. `same_encoder`: a
    version with the same encoder files, whose encoder is used instead of loading them again.

    Raises CorruptVersion naming the version and the file if a file is missing, can't be read, or doesn't fit the others.
    """
    has_ranker = any(name in files for name in layout.RANKER)
    optional = {layout.SITES, *(() if has_ranker else layout.RANKER)}
    missing = [name for name in layout.SERVED if name not in files and name not in optional]
    if missing:
        raise CorruptVersion(f"{version}: {missing[0]} is missing")
    try:
        encoder, precision, caveat = _encoder(files, same_encoder)
        loaded = LoadedVersion(
            version=version,
            encoder=encoder,
            encoder_precision=precision,
            encoder_caveat=caveat,
            index=FaissIndex(*(files[name] for name in layout.INDEX)),
            lexicon=_parsed(Lexicon, files, layout.LEXICON),
            sites=_parsed(SiteAnswers, files, layout.SITES) if layout.SITES in files else NO_SITES,
            thresholds=_parsed(Thresholds, files, layout.THRESHOLDS),
            ranker=load_ranker(*(files[name] for name in layout.RANKER)) if has_ranker else None,
        )
        check(loaded)
    except CorruptVersion as error:
        raise CorruptVersion(f"{version}: {error}") from error
    return loaded


def _encoder(files: Mapping[str, Path], same: LoadedVersion | None) -> tuple[Encoder, str, str | None]:
    if same is not None:
        return same.encoder, same.encoder_precision, same.encoder_caveat
    encoder = OnnxEncoder(*(files[name] for name in layout.ENCODER))
    return encoder, encoder.settings.precision, encoder.settings.caveat


def check(loaded: LoadedVersion) -> None:
    """Smoke test: embeds a text, searches the index with its vector, and requires lexicon entries. Raises CorruptVersion."""
    vectors = loaded.encoder.embed([SMOKE_TEXT])
    if vectors.ndim != 2 or len(vectors) != 1 or not np.isclose(np.linalg.norm(vectors[0]), 1.0, atol=1e-3):
        raise CorruptVersion("the encoder doesn't return one unit vector per text")
    try:
        neighbours = loaded.index.search(vectors, 1)
    except (AssertionError, RuntimeError) as error:
        raise CorruptVersion("the encoder's vectors don't fit the index") from error
    if not neighbours or not neighbours[0]:
        raise CorruptVersion("the index finds no neighbour")
    if not loaded.lexicon.exact:
        raise CorruptVersion("the lexicon is empty")
