"""The answers of one processor: a program that is run natively or under an emulator.

It imports only what inference and the authored forms need.
"""

import argparse
import json
from pathlib import Path

from benchmarks.shared.forms import held_out_forms

from fieldwise_common.store import layout
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_inference.serving.version import load_version
from fieldwise_training.encoder.parity import LABELS


def vectors(folder: Path) -> list[list[float]]:
    """(labels, d): of the parity labels, each embedded alone."""
    encoder = OnnxEncoder(*(folder / name for name in layout.ENCODER))
    return [encoder.of_the_graph([label])[0].tolist() for label in LABELS]


def decisions(folder: Path, every: int) -> tuple[list[list[str]], list[float]]:
    """(selector, canonical id, decision, method) of the fields of every `every`-th authored held-out form, and their scores."""
    version = load_version(folder.name, {name: folder / name for name in layout.SERVED if (folder / name).is_file()})
    found = [decision for form in held_out_forms()[::every] for decision in classify(version, form.request()).decisions]
    return [[one.selector, one.predicted, one.decision, one.method] for one in found], [one.score for one in found]


def main() -> None:
    """Writes vectors, and decisions unless `--every` is 0, as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=int, default=0)
    arguments = parser.parse_args()
    decided, scores = decisions(arguments.folder, arguments.every) if arguments.every else ([], [])
    answers = {"vectors": vectors(arguments.folder), "decisions": decided, "scores": scores}
    arguments.out.write_text(json.dumps(answers), "utf-8")


if __name__ == "__main__":
    main()
