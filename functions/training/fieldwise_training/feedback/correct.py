"""The canonical synonyms, corrected by plain CSV files."""

from collections.abc import Sequence

from fieldwise_inference.classify.text import normalise
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.feedback.pairs import Pairs


def corrected(entries: Sequence[Entry], found: Pairs) -> list[Entry]:
    """The entries with every confirmed text added, without those that were rejected or whose text was confirmed for another id.

    A text that was confirmed for several ids goes to the one that was confirmed most often, or to all that share the most.
    """
    texts = [pair for pair in found.confirmed if not pair.between_ids]
    most: dict[str, int] = {}
    for pair in texts:
        most[normalise(pair.text)] = max(pair.votes, most.get(normalise(pair.text), 0))
    winners = {(normalise(pair.text), pair.canonical): pair.text for pair in texts if pair.votes == most[normalise(pair.text)]}
    rejected = {(normalise(pair.text), pair.canonical) for pair in found.rejected if not pair.between_ids}

    def stays(entry: Entry) -> bool:
        key = (normalise(entry.text), entry.canonical)
        return key in winners or (key not in rejected and key[0] not in most)

    kept = [entry for entry in entries if stays(entry)]
    present = {(normalise(entry.text), entry.canonical) for entry in kept}
    return kept + [Entry(key[1], text) for key, text in winners.items() if key not in present]


def texts_of_paired_ids(entries: Sequence[Entry], found: Pairs) -> list[Entry]:
    """For the blob index: for each confirmed pair of two ids, the first id's texts as entries of the second."""
    between = [pair for pair in found.confirmed if pair.between_ids and pair.text != pair.canonical]
    return [Entry(pair.canonical, entry.text) for pair in between for entry in entries if entry.canonical == pair.text]
