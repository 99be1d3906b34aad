"""Whether the exported encoder still says what the model it came from says, on what fields are really called."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fieldwise_common.errors import ExportMismatch
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_training.state import Precision

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

LOWEST_COSINE: dict[Precision, float] = {"fp32": 0.999, "int8": 0.98}
"""An fp32 graph computes the same thing; per-channel int8 keeps 0.985 and more on field labels."""

LABELS = (
    "First name", "Last name *", "Full name as on card", "E-mail address", "Confirm your email", "Phone", "Mobile phone number",
    "Street address", "Apt, suite, unit, building, floor, etc.", "City", "ZIP / Postal code", "State/Province/Region", "Country",
    "Date of birth", "Company", "Job title", "LinkedIn profile URL", "Are you legally authorized to work in the United States?",
    "Desired salary", "Card number", "CVV", "Expiration date (MM/YY)", "Coupon code", "Search", "Username or email", "New password",
    "Vorname", "Straße und Hausnummer", "Postleitzahl", "Prénom", "Code postal", "Adresse e-mail", "Apellidos", "Código postal",
    "Fecha de nacimiento", "Cognome", "CEP", "Sobrenome", "Voornaam", "Imię i nazwisko", "Имя", "Телефон", "姓名", "邮政编码",
    "電話番号", "이메일", "الاسم الأول", "billing first name", "addr1",
)  # fmt: skip


def check_parity(model: "SentenceTransformer", onnx: Path, tokenizer: Path, settings: Path, precision: Precision) -> float:
    """The lowest cosine over `LABELS` between `model` and its export, run as inference runs it.

    Raises ExportMismatch naming the label, below `LOWEST_COSINE` of the precision.
    """
    expected = np.asarray(model.encode(list(LABELS), normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)
    cosines = (OnnxEncoder(onnx, tokenizer, settings).encode(LABELS) * expected).sum(axis=1)
    worst = int(np.argmin(cosines))
    lowest = float(cosines[worst])
    if not lowest >= LOWEST_COSINE[precision]:  # a NaN is refused too
        raise ExportMismatch(
            f"the {precision} encoder has cosine {lowest:.4f} to its model on {LABELS[worst]!r}; {LOWEST_COSINE[precision]} is asked"
        )
    return round(lowest, 6)
