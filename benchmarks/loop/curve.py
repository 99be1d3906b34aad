"""What feedback on some sites does for other sites, over how much feedback there is. In this process, by real trainings.

A version that was never trained on one kind of authored forms gets feedback on a share of that kind's sites; the other half of its
sites is measured. Beside it, the same for the held-out sites, whose forms are like those that the version was trained on; and for the
real forms of a file, in two folds.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loop.people import SiteForm, on_sites
from benchmarks.loop.thumbs import Gain, answers_of, gain, share_of_sites, train_on, write_thumbs
from benchmarks.shared.forms import DATA, read_truth
from benchmarks.shared.truth import equivalent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from pydantic import BaseModel

from fieldwise_common.canonical import wire_id
from fieldwise_common.store.model_store import ModelStore, open_store
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.version import load_version
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.run import run
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.state import Mode, RunRequest
from fieldwise_training.steps.context import TrainingContext

KIND = "job-applications"
"""The folder of the corpus that the version of the first curve is never trained on."""
SHARES = (0.125, 0.25, 0.5)
"""Of the sites of a kind: those with feedback. The other half is measured."""
USERS = 10
PALE = "#a9b4c2"

OnStep = Callable[[str], None]
Same = Callable[[str, str], bool]


class Point(BaseModel):
    """One training: how many fields had feedback before it, and what it brought."""

    forms: str
    """Which forms."""
    thumbs: int
    corrected: int
    """Of the thumbs, those down."""
    promoted: bool
    reason: str
    gain: Gain


@dataclass(frozen=True, slots=True)
class Sites:
    """Forms that a version was not trained on: those with feedback by share of the sites, and those measured."""

    name: str
    measured: Sequence[SiteForm]
    judged: Sequence[Sequence[SiteForm]]
    same: Same = str.__eq__


def learning_curve(folder: Path, real: Path | None, on_step: OnStep) -> list[Point]:
    """All points. `folder`: an empty one, for stores and logs. `real`: a truth file, or None."""
    forms = load_forms(DATA / "corpus" / KIND, ids_of(load_canonical(DATA / "canonical")))
    without_kind = folder / "data"
    shutil.copytree(DATA, without_kind, ignore=lambda at, _names: [KIND] if Path(at).name == "corpus" else [])
    points = _trained(folder / "new", without_kind, [halved(f"a new kind: {KIND}", on_sites(forms), SHARES)], on_step)
    held_out = [f for f in load_forms(DATA / "corpus", ids_of(load_canonical(DATA / "canonical"))) if f.is_held_out]
    others = [halved("as in the training", on_sites(held_out), SHARES[-1:])]
    if real is not None:
        others += _folds(real)
    return [*points, *_trained(folder / "known", DATA, others, on_step)]


def halved(name: str, forms: Sequence[SiteForm], shares: Sequence[float]) -> Sites:
    """Half of the sites to measure, and of the other half as many as are in each share of all."""
    half, measured = share_of_sites(forms, 0.5)
    return Sites(name, measured, [share_of_sites(half, 2 * share)[0] for share in shares])


def _folds(real: Path) -> Iterator[Sites]:
    found = read_truth(real)
    forms = [
        SiteForm(
            origin=f"https://{fields[0].site}",
            lang=fields[0].lang,
            fields=tuple(field.descriptor.model_dump(mode="json", exclude_defaults=True) for field in fields),
            truth=tuple(wire_id(field.truth) for field in fields),
        )
        for fields in found.forms
    ]
    halves = share_of_sites(forms, 0.5)
    for number, (judged, measured) in enumerate((halves, halves[::-1]), start=1):
        yield Sites(f"{real.name}, half {number}", measured, [judged], equivalent)


def _trained(folder: Path, data: Path, sites: Sequence[Sites], on_step: OnStep) -> list[Point]:
    """A first version from `data`, and for each share of each set of sites a training that starts from it."""
    on_step(f"training a first version: {folder.name}")
    base = folder / "base"
    run(_context(base, data), RunRequest(mode=Mode.BUILD_INDEX), f"curve-{folder.name}", lambda _: nullcontext(), lambda _: None)
    store = open_store(str(base))
    before = _load(store, store.published().pointer.version)
    points = []
    for number, one in enumerate(sites):
        answers = answers_of(before, one.measured)
        for share, judged in enumerate(one.judged):
            own = folder / f"{number}-{share}"
            shutil.copytree(base, own / "store")
            log = [write_thumbs(own, before, judged[user::USERS], f"user-{user}") for user in range(USERS)]
            thumbs = sum(user.confirmed + user.corrected for user in log)
            on_step(f"{one.name}: full-train with {thumbs} thumbs")
            state = train_on(_context(own / "store", data), log[0], run_id=f"curve-{folder.name}-{number}-{share}")
            after = _load(open_store(str(own / "store")), state.version)
            points.append(
                Point(
                    forms=one.name,
                    thumbs=thumbs,
                    corrected=sum(user.corrected for user in log),
                    promoted=bool(state.promoted),
                    reason=state.reason or "",
                    gain=gain(one.measured, answers, answers_of(after, one.measured), one.same),
                )
            )
            shutil.rmtree(own / "store")
    return points


def _context(store: Path, data: Path) -> TrainingContext:
    return TrainingContext(open_store(str(store)), TrainingSettings(model_store=str(store)), data)


def _load(store: ModelStore, version: str) -> LoadedVersion:
    """A version as inference loads it, promoted or not."""
    with temporary_folder() as folder:
        return load_version(version, store.fetch(version, store.manifest(version).served, folder))


def draw_curve(points: Sequence[Point], path: Path) -> None:
    """Gain over thumbs with its interval, a line per set of forms, as a picture."""
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    for name in dict.fromkeys(point.forms for point in points):
        own = [point for point in points if point.forms == name]
        gains = [point.gain.gain for point in own]
        spread = [
            [point.gain.gain - point.gain.low for point in own],
            [point.gain.high - point.gain.gain for point in own],
        ]
        axes.errorbar([point.thumbs for point in own], gains, yerr=spread, marker="o", capsize=4, label=name)
    axes.axhline(0, color=PALE, linewidth=1)
    axes.set_xlabel("fields with a thumb, on other sites")
    axes.set_ylabel("points of top-1 gained on sites without feedback")
    axes.legend()
    FigureCanvasAgg(figure)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
