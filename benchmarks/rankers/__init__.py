"""What a learned ranker should be: several approaches, fitted on the same forms, measured on the same others: `make bench-rankers`.

`forms` prepares the forms as production sees them, `approaches` holds one module for each approach, `calibrated` makes all of them
equally honest about how sure they are, `measure` counts, `show` prints.
"""
