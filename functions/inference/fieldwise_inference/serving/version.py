"""Loads a version from its verified files, its parts side by side, and checks that they fit each other."""

import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.classify.ranker.model import load_ranker
from fieldwise_inference.classify.sites import NO_SITES, SiteAnswers
from fieldwise_inference.classify.thresholds import Thresholds
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_inference.serving.index import FaissIndex

SMOKE_TEXT = "email"
_NUMBERS = count()
SMOKE_FORM = MlClassifyRequest(
    fields=(FieldDescriptor(selector="#a", label="E-mail", name="email"), FieldDescriptor(selector="#b", label="Fisrt name"))
)
"""The label with a misspelling is looked up among all texts of the lexicon."""
ANSWER_ERRORS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What code may raise when the parts of a version don't fit each other."""

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


@contextmanager
def timed(phases: MutableMapping[str, float], phase: str) -> Iterator[None]:
    """Puts the milliseconds that a phase takes into `phases`; those it had before are added."""
    began = time.perf_counter()
    yield
    phases[phase] = phases.get(phase, 0.0) + 1000 * (time.perf_counter() - began)


def _parsed(model: type[Model], path: Path, *, name: str) -> Model:
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise CorruptVersion(f"{name}: {error.error_count()} wrong values") from error


@dataclass(frozen=True, slots=True)
class _Parts:
    """Loads the parts of a version."""

    version: str
    files: Mapping[str, Path]
    phases: MutableMapping[str, float]

    def load(self, phase: str, names: tuple[str, ...], open_part: Callable[..., T]) -> T:
        """Calls `open_part` with the paths of its files; waits for their download, which is not in the time of the phase."""
        paths = [self.files[name] for name in names]
        try:
            with timed(self.phases, phase):
                return open_part(*paths)
        except CorruptVersion as error:
            raise CorruptVersion(f"{self.version}: {error}") from error
        except (OSError, MemoryError) as error:
            raise CorruptVersion(f"{self.version}: {' or '.join(names)} can't be read: {type(error).__name__}") from error


def load_version(
    version: str,
    files: Mapping[str, Path],
    same_encoder: LoadedVersion | None = None,
    phases: MutableMapping[str, float] | None = None,
) -> LoadedVersion:
    """Loads the files of a version (local paths by name), and makes a first answer with it.

    The ranker's files may both be absent, and `sites.json` in a version of an earlier release. `files` may still be downloaded (see
    `ModelStore.fetching`): a part is loaded as soon as its own files are there. `same_encoder`: a version with the same encoder
    files, whose encoder, with the vectors that it remembers, is used instead of loading them again. `phases` gets the milliseconds
    of `encoder`, `index`, `ranker`, `lexicon` (with the smaller files) and `smoke` (the first answer); parts are loaded side by side,
    so that they can add up to more than the whole.

    Raises CorruptVersion naming the version and the file if a file is missing, can't be read, or doesn't fit the others.
    """
    has_ranker = any(name in files for name in layout.RANKER)
    optional = {layout.SITES, *(() if has_ranker else layout.RANKER)}
    missing = [name for name in layout.SERVED if name not in files and name not in optional]
    if missing:
        raise CorruptVersion(f"{version}: {missing[0]} is missing")
    parts = _Parts(version, files, phases if phases is not None else {})
    with ThreadPoolExecutor(thread_name_prefix="load") as pool:
        ranker = pool.submit(parts.load, "ranker", layout.RANKER, load_ranker) if has_ranker else None
        encoder = pool.submit(parts.load, "encoder", () if same_encoder else layout.ENCODER, partial(_encoder, same=same_encoder))
        index = pool.submit(parts.load, "index", layout.INDEX, FaissIndex)
        # the JSON parser can't run beside another one, so these need no thread
        lexicon = parts.load("lexicon", (layout.LEXICON,), _lexicon)
        sites = parts.load("lexicon", (layout.SITES,), _sites) if layout.SITES in files else NO_SITES
        thresholds = parts.load("lexicon", (layout.THRESHOLDS,), _thresholds)
    loaded_encoder, precision, caveat = encoder.result()
    loaded = LoadedVersion(
        version=version,
        encoder=loaded_encoder,
        encoder_precision=precision,
        encoder_caveat=caveat,
        index=index.result(),
        lexicon=lexicon,
        sites=sites,
        thresholds=thresholds,
        ranker=ranker.result() if ranker is not None else None,
    )
    try:
        with timed(parts.phases, "smoke"):
            check(loaded)
            _answer(loaded)
    except CorruptVersion as error:
        raise CorruptVersion(f"{version}: {error}") from error
    return loaded


def _encoder(*paths: Path, same: LoadedVersion | None) -> tuple[Encoder, str, str | None]:
    if same is not None:
        return same.encoder, same.encoder_precision, same.encoder_caveat
    encoder = OnnxEncoder(*paths)
    return encoder, encoder.settings.precision, encoder.settings.caveat


_lexicon = partial(_parsed, Lexicon, name=layout.LEXICON)
_sites = partial(_parsed, SiteAnswers, name=layout.SITES)
_thresholds = partial(_parsed, Thresholds, name=layout.THRESHOLDS)


def _answer(loaded: LoadedVersion) -> None:
    """Decides a small form: a version that can't is refused, and what is only computed once is computed before the first request."""
    try:
        classify(loaded, SMOKE_FORM)
    except ANSWER_ERRORS as error:
        raise CorruptVersion(f"its parts don't fit each other: deciding a form fails with {type(error).__name__}") from error


def check(loaded: LoadedVersion) -> None:
    """Smoke test: embeds a text, searches the index with its vector, and requires lexicon entries. Raises CorruptVersion."""
    vectors = loaded.encoder.embed([f"{SMOKE_TEXT} {next(_NUMBERS)}"])  # another text each time: neighbours are cached
    if vectors.ndim != 2 or len(vectors) != 1 or not np.isclose(np.linalg.norm(vectors[0]), 1.0, atol=1e-3):
        raise CorruptVersion(f"{layout.ENCODER_GRAPH} doesn't return one unit vector per text")
    try:
        neighbours = loaded.index.search(vectors, 1)
    except (AssertionError, RuntimeError) as error:
        raise CorruptVersion(f"{layout.INDEX_VECTORS} does not fit {layout.ENCODER_GRAPH}: its vectors have another dimension") from error
    except LookupError as error:
        raise CorruptVersion(f"{layout.INDEX_META} lacks vectors of {layout.INDEX_VECTORS}") from error
    if not neighbours or not neighbours[0]:
        raise CorruptVersion(f"{layout.INDEX_VECTORS} finds no neighbour")
    if not loaded.lexicon.exact:
        raise CorruptVersion(f"{layout.LEXICON} is empty")
