"""What one processor answers: run as a script of its own, natively or under an emulator.

`python -m benchmarks.processors.answers VERSION_FOLDER OUT.json [EVERY]` opens the served files of a version as inference does, embeds the
parity labels and decides every EVERY-th authored held-out form. It imports nothing that inference does not have, but for reading the
forms.
"""

import json
import sys
from pathlib import Path

from fieldwise_inference.classify.decide import classify
from fieldwise_inference.serving.version import SERVED_FILES, load_version
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.encoder.parity import LABELS

DATA = Path(__file__).parents[2] / "functions" / "training" / "data"


def answers(folder: Path, every: int) -> dict[str, object]:
    """`vectors`: (labels, d); `decisions`: (canonical id, decision, method) per field; `scores`, beside them."""
    version = load_version(folder.name, {name: folder / name for name in SERVED_FILES if (folder / name).is_file()})
    forms = [form for form in load_forms(DATA / "corpus", ids_of(load_canonical(DATA / "canonical"))) if form.is_held_out][::every]
    decided = [decision for form in forms for decision in classify(version, form.request()).decisions]
    return {
        "vectors": version.encoder.embed(LABELS).tolist(),
        "decisions": [[decision.predicted, decision.decision, decision.method] for decision in decided],
        "scores": [decision.score for decision in decided],
    }


if __name__ == "__main__":
    found = answers(Path(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    Path(sys.argv[2]).write_text(json.dumps(found), "utf-8")
