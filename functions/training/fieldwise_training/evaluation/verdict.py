"""Whether a version may go into production, and the reason in words."""

from fieldwise_common.store.manifest import Verdict
from fieldwise_training.evaluation.metrics import Metrics
from fieldwise_training.state import Mode


def judge(metrics: Metrics, mode: Mode, min_accuracy: float) -> Verdict:
    """Promotes if accuracy is at least `min_accuracy`, and at least that of the version in production; never a smoke test."""
    if mode is Mode.SMOKE_TEST:
        return Verdict(promote=False, reason=mode)  # `make train` knows by this reason that it is no failure
    accuracy = metrics.candidate.overall.accuracy or 0.0
    result = f"top-1 accuracy {accuracy:.4f} on {metrics.candidate.overall.fields} fields"
    if accuracy < min_accuracy:
        return Verdict(promote=False, reason=f"{result} is below the required {min_accuracy:.4f}")
    if metrics.champion is None:
        unmeasured = f"; the version in production could not be measured ({metrics.champion_problem})" if metrics.champion_problem else ""
        return Verdict(promote=True, reason=f"{result} reaches the required {min_accuracy:.4f}{unmeasured}")
    bar = metrics.champion.overall.accuracy or 0.0
    champion = f"the {bar:.4f} of {metrics.champion.version}, in production"
    if accuracy < bar:
        return Verdict(promote=False, reason=f"{result} is below {champion}")
    return Verdict(promote=True, reason=f"{result} reaches the required {min_accuracy:.4f} and is not below {champion}")
