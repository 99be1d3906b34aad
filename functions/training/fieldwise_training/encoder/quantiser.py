"""An ONNX graph with its weights stored as int8 and computed with in float32.

Weights are rounded once, here; nothing is rounded while the graph runs. Arithmetic in int8 would round the activations as well,
and there a difference in the last digit of a float, which is all that processors differ by, becomes a whole step and grows from
layer to layer (docs/decisions/0002).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LARGEST = 127
"""Codes are symmetric, -127 to 127: zero stays zero, and no zero point is needed."""
SMALLEST_SIZE = 1024
"""Elements of a tensor worth storing as int8."""


def quantise_weights(source: Path, target: Path) -> None:
    """Writes `source` with every large matrix it multiplies by, and every table it looks rows up in, as int8.

    A matrix gets a scale per output column; the runtime widens it once, when it loads the graph. A table gets a scale per row, and
    only the rows that are looked up are widened, each time.
    """
    model = onnx.load(str(source))
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer if _is_large_matrix(tensor)}
    users: dict[str, set[str]] = {name: set() for name in weights}
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name in weights:
                users[name].add(f"{node.op_type} {place}")
    matrices = {name for name, by in users.items() if by == {"MatMul 1"}}
    tables = {name for name, by in users.items() if by == {"Gather 0"}}

    stored: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []
    for name in sorted(matrices | tables):
        codes, scales = quantise(numpy_helper.to_array(weights[name]), axis=0 if name in matrices else 1)
        stored += [numpy_helper.from_array(codes, f"{name}.codes"), numpy_helper.from_array(scales, f"{name}.scales")]
        if name in matrices:
            nodes += _widened(f"{name}.codes", f"{name}.scales", name)
    for node in graph.node:
        is_lookup = node.op_type == "Gather" and node.input[0] in tables
        nodes += _looked_up(node) if is_lookup else [node]

    kept = [tensor for tensor in graph.initializer if tensor.name not in matrices | tables]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend([*kept, *stored])
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def quantise(weights: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """int8 codes and float32 scales, one per slice along `axis`: `codes * scales` is `weights` to half a scale."""
    scales = (np.abs(weights).max(axis=axis, keepdims=True) / LARGEST).astype(np.float32)
    scales[scales == 0] = 1
    return np.rint(weights / scales).astype(np.int8), scales


def _is_large_matrix(tensor: onnx.TensorProto) -> bool:
    return tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2 and int(np.prod(tensor.dims)) >= SMALLEST_SIZE


def _widened(codes: str, scales: str, target: str) -> list[onnx.NodeProto]:
    """`target` = float32(`codes`) * `scales`."""
    return [
        helper.make_node("Cast", [codes], [f"{target}.wide"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{target}.wide", scales], [target]),
    ]


def _looked_up(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    """The nodes that take the place of a Gather of rows: of the codes and of their scales, then widened."""
    table, rows = node.input
    target = node.output[0]
    for part in ("codes", "scales"):
        yield helper.make_node("Gather", [f"{table}.{part}", rows], [f"{target}.{part}"], axis=0)
    yield from _widened(f"{target}.codes", f"{target}.scales", target)
