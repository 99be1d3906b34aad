"""Training: makes a model version from canonical synonyms, authored forms and feedback, and measures it.

The version is promoted if it is good enough and not significantly worse than the live one.

A run takes these steps (`steps/order.py`), each a function from one `RunState` (`state.py`) to the next. What they make goes into
the version's folder in the store (`fieldwise_common.store.layout`).

    validate  malformed data fails at once                        canonical_loader, corpus
    load      canonical synonyms, forms and feedback, stored      canonical_loader, corpus, feedback/
    finetune  the base model, fine-tuned in `full-train`          encoder/
    encoder   the model as an int8-weights ONNX graph             encoder/
    index     synonyms, corrected by feedback: vectors, lexicon   feedback/, index/
    ranker    the network that decides: from forms and feedback   ranker/
    calibrate thresholds, from authored forms and votes           calibration/
    evaluate  the version and the live one on the same forms      evaluation/
    seal      verdict, report, manifest                           evaluation/, release/
    gate      stops if it is not good enough, or was overtaken    evaluation/
    promote   the pointer moves to the version                    fieldwise_common.store
    notify    inference is asked to load it; events are published release/

`handler` runs one step per invocation for Step Functions, and what comes between them (`workflow/`); `cli` runs all of them in one
process (`run`) and looks after a store.
"""
