"""Responses of inference for these tests."""

from typing import Any

MATCH: dict[str, Any] = {
    "selector": "#mail",
    "canonical": "email",
    "score": 0.97,
    "threshold_used": 0.5,
    "confidence_signals": ["label"],
    "method": "lexical-exact",
    "decision_id": "d-1",
    "field": {"type": "email", "options": [], "pattern": "", "placeholder": "you@…", "label": "E-mail"},
}
DECISION: dict[str, Any] = {
    "decision_id": "d-1",
    "selector": "#mail",
    "label": "E-mail",
    "placeholder": "you@…",
    "field_type": "email",
    "required": True,
    "predicted": "email",
    "score": 0.97,
    "threshold_used": 0.5,
    "confidence_signals": ["label", "type;email"],
    "decision": "accepted",
    "method": "lexical-exact",
    "text": "E-mail",
}
UNSURE = {
    **DECISION,
    "decision_id": "d-2",
    "selector": "#q",
    "predicted": "username",
    "score": 0.1,
    "decision": "unsure",
    "required": False,
}
CLASSIFIED = {"matches": [MATCH], "model_version": "embeddings_v1", "decisions": [DECISION, UNSURE]}
IDS = {"model_version": "embeddings_v1", "ids": ["email", "none:search", "tel", "username"]}


def classified(request_id: str, *fields: tuple[str, str], site: str = "") -> dict[str, Any]:
    """What inference returns for a form; `fields`: the selector and the accepted id of each, "" if none was accepted."""
    decisions = [
        {
            **DECISION,
            "decision_id": f"{request_id}.{site}.{position}",
            "selector": selector,
            "label": f"Label of {selector}",
            "predicted": canonical,
            "decision": "accepted" if canonical else "unsure",
            "position": position,
            "signature": f"aa-bb-{position}",
        }
        for position, (selector, canonical) in enumerate(fields)
    ]
    return {"matches": [], "model_version": "embeddings_v1", "decisions": decisions, "request_id": request_id}
