"""Whether a version may go into production, and why or why not, in words."""

from fieldwise_common.store.manifest import Verdict
from fieldwise_training.evaluation.metrics import Metrics
from fieldwise_training.state import Mode


def judge(metrics: Metrics, mode: Mode, min_accuracy: float) -> Verdict:
    """Promotes at `min_accuracy` or better, and not below the version in production on the same fields; never a smoke test."""
    if mode is Mode.SMOKE_TEST:
        return Verdict(promote=False, reason="smoke-test")
    accuracy = metrics.candidate.overall.accuracy or 0.0
    measured = f"top-1 accuracy {accuracy:.4f} on {metrics.candidate.overall.fields} fields"
    if accuracy < min_accuracy:
        return Verdict(promote=False, reason=f"{measured} is below the {min_accuracy:.4f} asked for")
    if metrics.champion is None:
        rival = f"; the version in production could not be measured ({metrics.champion_problem})" if metrics.champion_problem else ""
        return Verdict(promote=True, reason=f"{measured} reaches the {min_accuracy:.4f} asked for{rival}")
    bar = metrics.champion.overall.accuracy or 0.0
    champion = f"the {bar:.4f} of {metrics.champion.version}, in production"
    if accuracy < bar:
        return Verdict(promote=False, reason=f"{measured} is below {champion}")
    return Verdict(promote=True, reason=f"{measured} reaches the {min_accuracy:.4f} asked for and is not below {champion}")
