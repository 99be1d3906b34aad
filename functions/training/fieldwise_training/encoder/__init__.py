"""The encoder of a version: the base sentence-transformer, exported to ONNX and checked against itself."""
