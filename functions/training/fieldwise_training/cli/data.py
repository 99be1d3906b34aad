"""What versions are made from: canonical ids and authored forms."""

from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.cli.app import Data, app, console, one_line_errors
from fieldwise_training.cli.tables import corpus_tables, id_table
from fieldwise_training.corpus import load_forms, load_guard
from fieldwise_training.steps.context import SHIPPED_DATA


@app.command()
def corpus(
    data: Data = SHIPPED_DATA,
) -> None:
    """Checks the authored forms, guard forms too, and counts them by language and part, and their fields by truth."""
    with one_line_errors():
        known = ids_of(load_canonical(data / "canonical"))
        for table in corpus_tables(load_forms(data / "corpus", known), load_guard(data, known)):
            console.print(table)


@app.command()
def ids(
    data: Data = SHIPPED_DATA,
) -> None:
    """Lists all canonical ids: the kind of answer, what else is known of each, its synonyms and the fields that ask for it."""
    with one_line_errors():
        entries = load_canonical(data / "canonical")
        console.print(id_table(entries, load_forms(data / "corpus", ids_of(entries))))
