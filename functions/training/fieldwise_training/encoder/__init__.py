"""The encoder of a version: the base sentence-transformer as an ONNX graph.

`model_manager` loads the base model, `exporter` exports it, `quantiser` stores its weights as int8, `parity` compares the result with
the original; `build` puts them together. `parallel` embeds many texts on all cores.

Before that, in `full-train`: `pairs` (the texts to learn from) and `rows` (a text, a near one of its id, and one of another) →
`fine_tuning`, with `checkpoints` after each epoch → `gain` (whether the fine-tuned model is kept).
"""
