"""Tiny inputs for a training: a 64-dimensional sentence-transformer with five words, a few canonical ids, three forms."""

import json
from pathlib import Path

from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.steps.context import TrainingContext

WORDS = ("first", "last", "name", "email", "search")
CANONICAL = {"given-name": ["First name"], "family-name": ["Last name"], "email": ["Email"], "none:search": ["Search"]}
CALIBRATION_SITE = "calibration-6.example"  # its hash puts it into the calibration part
HELD_OUT_SITE = "held-out-8.example"  # its hash puts it into the held-out part


def tiny_model(folder: Path) -> Path:
    """Saves a real BERT with random weights, 64 dimensions and a word-level tokenizer, pooled by mean; returns its folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(7)
    vocabulary = {word: number for number, word in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", model_max_length=64
    )
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
    )
    plain = folder / "plain"
    BertModel(config).save_pretrained(plain)
    fast.save_pretrained(plain)
    transformer = Transformer(str(plain))
    SentenceTransformer(modules=[transformer, Pooling(64, "mean")], device="cpu").save(str(folder / "tiny"), create_model_card=False)
    return folder / "tiny"


def unquantisable_model(folder: Path) -> Path:
    """A tiny model that int8 weights ruin; returns its folder.

    One component of every token's vector is always zero, so the huge weights it is multiplied by do not affect the result. But they
    determine the scales of quantisation, and every other weight is rounded to zero.
    """
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny_model(folder)), device="cpu")
    transformer = model[0].auto_model
    with torch.no_grad():
        for module in transformer.modules():
            if isinstance(module, torch.nn.LayerNorm):
                module.weight[0] = module.bias[0] = 0.0
        for layer in transformer.encoder.layer:
            for linear in (layer.attention.self.query, layer.attention.self.key, layer.attention.self.value, layer.intermediate.dense):
                linear.weight *= 30  # so that the layer outweighs its residual connection
                linear.weight[:, 0] = 1e6
            layer.output.dense.weight *= 30
    model.save(str(folder / "unquantisable"), create_model_card=False)
    return folder / "unquantisable"


def tiny_data(folder: Path, canonical: dict[str, list[str]] | None = None) -> Path:
    """Canonical data and three forms (one held out, one for calibration, one for training), laid out as the shipped data."""
    (folder / "canonical").mkdir(parents=True)
    (folder / "corpus").mkdir()
    (folder / "canonical" / "en.json").write_text(json.dumps(canonical or CANONICAL), "utf-8")
    fields = [
        {"label": "First name *", "truth": "given-name"},
        {"label": "Last name", "truth": "family-name"},
        {"label": "Email", "type": "email", "truth": "email"},
        {"label": "Search", "type": "search", "truth": "none"},
    ]
    forms = [
        {"site": site, "lang": "en", "kind": "signup", "fields": fields} for site in (HELD_OUT_SITE, CALIBRATION_SITE, "indexed-1.example")
    ]
    (folder / "corpus" / "en.jsonl").write_text("".join(json.dumps(form) + "\n" for form in forms), "utf-8")
    return folder


def tiny_context(root: Path, base_model: str = "", **settings: object) -> TrainingContext:
    """A context with a folder store and the tiny data below `root`."""
    chosen = TrainingSettings.model_validate({"model_store": str(root / "store"), "base_model": base_model, **settings})
    data = root / "data" if (root / "data").exists() else tiny_data(root / "data")
    return TrainingContext(ModelStore(FolderObjects(root / "store")), chosen, data)
