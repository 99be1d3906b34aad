"""Stores the weights of an ONNX graph as int8; computation stays in float32.

Weights are rounded once, here. With int8 arithmetic the activations would be rounded as well, while the graph runs: processors
differ in the last digit of a float, rounding turns that into a whole step, and the difference grows from layer to layer
(docs/decisions/0002).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

MAX_CODE = 127
"""Codes are symmetric, -127 to 127: zero stays zero, and no zero point is needed."""
MIN_SIZE = 1024
"""Tensors with fewer elements stay float32."""


def quantise_weights(source: Path, target: Path) -> None:
    """Writes `source` with every large matrix of a MatMul and every embedding table as int8.

    A matrix has one scale per output column, and the runtime converts it to float32 once, when it loads the graph. A table has one
    scale per row, and only the rows that are looked up are converted, at each lookup.
    """
    model = onnx.load(str(source))
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer if _is_large_matrix(tensor)}
    users: dict[str, set[str]] = {name: set() for name in weights}
    for node in graph.node:
        for position, name in enumerate(node.input):
            if name in weights:
                users[name].add(f"{node.op_type} {position}")
    matrices = {name for name, by in users.items() if by == {"MatMul 1"}}
    tables = {name for name, by in users.items() if by == {"Gather 0"}}

    stored: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []
    for name in sorted(matrices | tables):
        codes, scales = quantise(numpy_helper.to_array(weights[name]), axis=0 if name in matrices else 1)
        stored += [numpy_helper.from_array(codes, f"{name}.codes"), numpy_helper.from_array(scales, f"{name}.scales")]
        if name in matrices:
            nodes += _dequantised(f"{name}.codes", f"{name}.scales", name)
    for node in graph.node:
        is_lookup = node.op_type == "Gather" and node.input[0] in tables
        nodes += _lookup(node) if is_lookup else [node]

    kept = [tensor for tensor in graph.initializer if tensor.name not in matrices | tables]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend([*kept, *stored])
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def quantise(weights: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """int8 codes and float32 scales, one per slice along `axis`: `codes * scales` is within half a scale of `weights`."""
    scales = (np.abs(weights).max(axis=axis, keepdims=True) / MAX_CODE).astype(np.float32)
    scales[scales == 0] = 1
    return np.rint(weights / scales).astype(np.int8), scales


def _is_large_matrix(tensor: onnx.TensorProto) -> bool:
    return tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2 and int(np.prod(tensor.dims)) >= MIN_SIZE


def _dequantised(codes: str, scales: str, target: str) -> list[onnx.NodeProto]:
    """`target` = float32(`codes`) * `scales`."""
    return [
        helper.make_node("Cast", [codes], [f"{target}.wide"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{target}.wide", scales], [target]),
    ]


def _lookup(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    """The nodes that replace a Gather of rows: Gather the codes and their scales, then dequantise."""
    table, rows = node.input
    target = node.output[0]
    for part in ("codes", "scales"):
        yield helper.make_node("Gather", [f"{table}.{part}", rows], [f"{target}.{part}"], axis=0)
    yield from _dequantised(f"{target}.codes", f"{target}.scales", target)
