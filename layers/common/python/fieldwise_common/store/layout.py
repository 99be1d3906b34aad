"""The files of a model store and of each version in it. `promote`, `index`… are the training steps that write them.

    <store>/
    ├── latest                   the pointer: which version is live              promote     → inference, training
    ├── overrides.json           what admins say about fields of sites           the API     → inference, training
    ├── history/<time>-…         every move of the pointer, never changed         promote     → people
    ├── shadow.json              a candidate to try beside the live version      make shadow → inference
    ├── erased/<user hash>       when a user was erased: their votes are dropped  tools.erase → load
    ├── failures/<run id>.json   a run that failed: its step and why             failed      → people
    ├── runs/<run id>/           for a while: state.json, for a step in a container; shards/, texts and vectors being embedded
    └── <version>/               never changed once its manifest is written
        ├── fine_tuning.json     epochs, losses, what it brought per language   finetune    → seal
        ├── encoder.onnx         tokens to a vector, pooled and normalised       encoder     → inference, training
        ├── tokenizer.json       text to tokens                                  encoder     → inference, training
        ├── encoder.json         dimension, token limit, precision               encoder     → inference, training
        ├── model/               the base model the encoder was exported from    encoder     → people
        ├── index.faiss          a unit vector per synonym                       index       → inference, training
        ├── meta.json            the canonical id and the text of each vector    index       → inference, training
        ├── lexicon.json         the canonical id of each known text             index       → inference, training
        ├── sites.json           what users agree on about fields of sites       load        → inference, training
        ├── thresholds.json      when a match is accepted                        index, calibrate → inference, training
        ├── ranker.json          classes, temperature, number of networks        ranker      → inference
        ├── ranker.npz           the networks' weights                           ranker      → inference
        ├── data/
        │   ├── canonical.json   the synonyms of each canonical id               load        → index
        │   ├── corpus.jsonl     the forms for training and calibration          load        → ranker
        │   ├── evaluation.jsonl the held-out forms                              load        → evaluate
        │   ├── guard.jsonl      forms that a version must not get worse on      evaluate    → people
        │   ├── feedback.csv     pairs of text and id from plain CSV files       load        → index
        │   ├── votes.parquet    each user's last word on each field of a site   load        → ranker, load of the next version
        │   ├── judged.parquet   the forms with feedback, field by field         load        → ranker, evaluate
        │   ├── learned.json     answers that the parent lacks; learned synonyms load        → index, seal
        │   └── shadows.json     what candidates in shadow decided otherwise     load        → seal
        ├── predictions.json     what it predicts for the forms it is measured on evaluate   → evaluate of the next version
        ├── calibration.json     what the thresholds were fitted to             calibrate   → seal
        ├── metrics.json         this version and the live one, measured         evaluate    → seal
        ├── report.html          the same to look at                             seal        → people
        ├── checkpoints/         intermediate results, deleted before sealing    finetune    → encoder
        └── manifest.json        hashes, data, parameters, verdict; last of all  seal        → everything

A version made without a ranker has neither of its two files, one of an earlier release no `sites.json`.
A parent's encoder and ranker may be copied instead of made anew.
"""

POINTER = "latest"
OVERRIDES = "overrides.json"
SHADOW = "shadow.json"
ERASED = "erased/"
HISTORY = "history/"
FAILURES = "failures/"
RUNS = "runs/"
"""Files that a run's functions pass to each other; they expire (template.yaml)."""
MANIFEST = "manifest.json"

ENCODER_GRAPH, TOKENIZER, ENCODER_SETTINGS = ENCODER = ("encoder.onnx", "tokenizer.json", "encoder.json")
INDEX_VECTORS, INDEX_META = INDEX = ("index.faiss", "meta.json")
RANKER_SETTINGS, RANKER_WEIGHTS = RANKER = ("ranker.json", "ranker.npz")
LEXICON = "lexicon.json"
THRESHOLDS = "thresholds.json"
SITES = "sites.json"
SERVED = (*ENCODER, *INDEX, LEXICON, SITES, THRESHOLDS, *RANKER)
"""What inference downloads; the rest is for training and for people."""

BASE_MODEL = "model/"
CHECKPOINTS = "checkpoints/"
FINE_TUNED = "checkpoints/fine_tuned.safetensors"
"""The weights of the fine-tuned base model."""

CANONICAL = "data/canonical.json"
CORPUS = "data/corpus.jsonl"
EVALUATION = "data/evaluation.jsonl"
GUARD = "data/guard.jsonl"
FEEDBACK = "data/feedback.csv"
VOTES = "data/votes.parquet"
JUDGED = "data/judged.parquet"
LEARNED = "data/learned.json"
SHADOWS = "data/shadows.json"
DATA = {
    "canonical": CANONICAL,
    "evaluation": EVALUATION,
    "guard": GUARD,
    "corpus": CORPUS,
    "feedback": FEEDBACK,
    "votes": VOTES,
    "judged": JUDGED,
    "learned": LEARNED,
    "shadows": SHADOWS,
}
"""By the name under which the manifest has its hash."""

PREDICTIONS = "predictions.json"
FINE_TUNING = "fine_tuning.json"
CALIBRATION = "calibration.json"
METRICS = "metrics.json"
REPORT = "report.html"


def shard_texts(run_id: str, shard: str) -> str:
    """Key of a shard's texts: a JSON list."""
    return f"{RUNS}{run_id}/shards/{shard}.json"


def shard_vectors(run_id: str, shard: str) -> str:
    """Key of a shard's vectors, in NumPy's format."""
    return f"{RUNS}{run_id}/shards/{shard}.npy"
