"""Compares an exported encoder's vectors with those of the original model, on typical labels."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fieldwise_common.errors import ExportMismatch
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_inference.serving.precision import Precision

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

LOWEST_COSINE: dict[Precision, float] = {Precision.FP32: 0.999, Precision.INT8_WEIGHTS: 0.99}
"""Required of each precision. With int8 weights the built-in model reaches 0.9986, the same on every processor."""

LABELS = (
    "First name", "Last name *", "Full name as on card", "E-mail address", "Confirm your email", "Phone", "Mobile phone number",
    "Street address", "Apt, suite, unit, building, floor, etc.", "City", "ZIP / Postal code", "State/Province/Region", "Country",
    "Date of birth", "Company", "Job title", "LinkedIn profile URL", "Are you legally authorized to work in the United States?",
    "Desired salary", "Card number", "CVV", "Expiration date (MM/YY)", "Coupon code", "Search", "Username or email", "New password",
    "Vorname", "Straße und Hausnummer", "Postleitzahl", "Prénom", "Code postal", "Adresse e-mail", "Apellidos", "Código postal",
    "Fecha de nacimiento", "Cognome", "CEP", "Sobrenome", "Voornaam", "Imię i nazwisko", "Имя", "Телефон", "姓名", "邮政编码",
    "電話番号", "이메일", "الاسم الأول", "billing first name", "addr1",
)  # fmt: skip


class Parity:
    """Compares exports with `model`, whose vectors of `LABELS` are computed once."""

    def __init__(self, model: "SentenceTransformer", tokenizer: Path, settings: Path) -> None:
        self._tokenizer = tokenizer
        self._settings = settings
        self._expected = np.asarray(model.encode(list(LABELS), normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)

    def require(self, onnx: Path, precision: Precision) -> float:
        """The lowest cosine over `LABELS` between the model and an export, which is run with inference's own code.

        Raises ExportMismatch naming the label, if it is below `LOWEST_COSINE` of the precision.
        """
        cosines = (OnnxEncoder(onnx, self._tokenizer, self._settings).of_the_graph(LABELS) * self._expected).sum(axis=1)
        worst = int(np.argmin(cosines))
        lowest, required = float(cosines[worst]), LOWEST_COSINE[precision]
        if not lowest >= required:  # so that NaN fails too
            raise ExportMismatch(f"the {precision} encoder has cosine {lowest:.4f} to its model on {LABELS[worst]!r}, below {required}")
        return round(lowest, 6)
