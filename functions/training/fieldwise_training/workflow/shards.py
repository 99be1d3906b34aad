"""Embedding in shards: from `SHARDED_FROM` entries on, the state machine embeds the texts in several functions at a time.

`shard` lists the texts, `embed` embeds one shard, and the step `index` finds the vectors in the store. A text gets the same
vector, bit for bit, as without shards: a shard has whole chunks of `ParallelEncoder`, in its order.
"""

import io
import json

import numpy as np

from fieldwise_common.store import layout
from fieldwise_training.encoder.parallel import CHUNK, by_length
from fieldwise_training.index.index_builder import texts_to_embed
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.index import entries_of, version_encoder

SHARDED_FROM = 100_000
"""Entries. Below, one function embeds all of them within its time."""
SHARD_TEXTS = 80 * CHUNK
"""Texts of a shard: whole chunks, so that a text is in the same batch as without shards."""


def shard(context: TrainingContext, state: RunState) -> RunState:
    """Writes the texts of the index in shards."""
    with temporary_folder() as folder:
        _, indexed = entries_of(context, state, folder)
    texts = by_length(texts_to_embed(indexed, state.parameters.index_kind))
    names: list[str] = []
    for start in range(0, len(texts), SHARD_TEXTS):
        names.append(f"{len(names):04d}")
        body = json.dumps(texts[start : start + SHARD_TEXTS], ensure_ascii=False)
        context.store.objects.put(layout.shard_texts(state.run_id, names[-1]), body.encode())
    return state.model_copy(update={"shards": tuple(names)})


def embed(context: TrainingContext, state: RunState, name: str) -> None:
    """Embeds one shard with the version's encoder; its vectors are stored as a float32 array (n, d) in NumPy's format.

    Raises CorruptVersion when the encoder can't be read, StoreError when the shard is missing.
    """
    texts = json.loads(context.store.objects.get(layout.shard_texts(state.run_id, name)).body)
    with temporary_folder() as folder:
        vectors = version_encoder(context, state, folder).embed(texts)
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=False)
    context.store.objects.put(layout.shard_vectors(state.run_id, name), buffer.getvalue())
