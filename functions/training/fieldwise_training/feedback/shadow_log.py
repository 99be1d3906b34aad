"""What the log has of the version that is in shadow now."""

from datetime import UTC, datetime

from fieldwise_common.store.shadow import ShadowSetting
from fieldwise_training.evaluation.shadow import Shadows
from fieldwise_training.feedback.carry import read_feedback
from fieldwise_training.feedback.source import mark_at
from fieldwise_training.release.draft import temporary_folder


def shadows_in_log(log: str, setting: ShadowSetting) -> Shadows:
    """The comparisons in a log since the shadow was set. Raises as `read_feedback`."""
    with temporary_folder() as folder:
        return read_feedback(log, mark_at(log, setting.at or datetime.now(UTC)), folder).shadows
