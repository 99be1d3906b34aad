"""What users said about fields, and what follows from it.

`carry` leads through it: `source` finds the log's new objects, `read` parses them into `rows`, `join` finds the decisions that feedback
without a signature is about, `forms` collects the forms with feedback (`judged`), `votes` makes one vote per user and field, and both are
merged with those of the parent. Then `agreement` decides what holds for everyone, `learned` lists what is new about that, and `texts`
finds the labels that mean the same on many sites. `rebuild` makes forms of judged fields again, to measure versions and to train the
ranker on (`ranker.lessons`). `live` counts what users reject of the live version's fills, `shadow_log` reads what a version in shadow
decided. `parquet` stores votes and judged forms. `pairs` and `correct` are about plain CSV files, by which an
operator corrects the canonical synonyms.
"""
