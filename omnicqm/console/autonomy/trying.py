"""What somebody tries out on the page, and the figures that come of it, in words."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django import forms

from agents.factors import FACTOR_WORDS
from agents.selectors import CategorySetting
from agents.types import Factor
from analytics.evaluation.statistics import Estimate
from analytics.rehearsal import Figures, Score, history_load, rehearse
from analytics.rehearsal.figures import as_it_was, curve

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days"}
DEFAULT_DAYS = 30
CURVE_STEP = 10
WEIGHT = "w_"


class TryForm(forms.Form):
    """`category` must be one of those given; a missing threshold or weight is the saved one."""

    category = forms.ChoiceField()
    days = forms.TypedChoiceField(choices=list(PERIODS.items()), coerce=int, required=False)
    threshold = forms.IntegerField(min_value=0, max_value=100, required=False)

    def __init__(self, data: Mapping[str, Any], settings: list[CategorySetting]) -> None:
        super().__init__(data)
        self._settings = {setting.key: setting for setting in settings}
        self.fields["category"].choices = [(key, key) for key in self._settings]  # type: ignore[attr-defined]
        for factor in Factor:
            self.fields[f"{WEIGHT}{factor}"] = forms.IntegerField(min_value=0, max_value=100, required=False)

    @property
    def setting(self) -> CategorySetting:
        return self._settings[self.cleaned_data["category"]]

    @property
    def score(self) -> Score:
        told, saved = self.cleaned_data, self.setting
        weights = {factor: _or(told[f"{WEIGHT}{factor}"], saved.weights[factor]) for factor in Factor}
        return Score(_or(told["threshold"], saved.threshold), weights)

    @property
    def problem(self) -> str:
        """The first thing that is wrong, naming the field."""
        name, problems = next(iter(self.errors.items()))
        return f"{name}: {problems[0]}"


def _or(value: int | None, saved: int) -> int:
    return saved if value is None else value


@dataclass(frozen=True)
class FigureLine:
    """One figure on the page: as tried, as saved, and whether the change is for the better."""

    name: str
    title: str
    value: str
    saved: str
    was: str
    change: str
    tone: str
    note: str


@dataclass(frozen=True)
class Trial:
    """What the sliders show."""

    category: str
    days: int
    cases: int
    runs: int
    is_cut: bool
    differs: bool
    lines: list[FigureLine]
    curve: list[dict[str, float | None]]
    threshold: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Slider:
    name: str
    title: str
    value: int
    saved: int


def sliders_of(setting: CategorySetting, score: Score) -> list[Slider]:
    """The threshold, then the weights in the order of their definition."""
    weights = [
        Slider(f"{WEIGHT}{f}", FACTOR_WORDS[f].capitalize(), score.weights[f], setting.weights[f]) for f in Factor
    ]
    return [Slider("threshold", "Threshold", score.threshold, setting.threshold), *weights]


def trial_make(setting: CategorySetting, score: Score, *, days: int) -> Trial:
    """The figures of the last `days` of a category under `score`, beside those under what is saved and as it was."""
    history = history_load(setting.key, days=days)
    saved = Score(setting.threshold, setting.weights)
    tried, kept, was = rehearse(history, score), rehearse(history, saved), as_it_was(history)
    steps = range(0, 101, CURVE_STEP)
    return Trial(
        category=setting.key,
        days=days,
        cases=history.cases,
        runs=was.runs,
        is_cut=history.is_cut,
        differs=(score.threshold, dict(score.weights)) != (saved.threshold, dict(saved.weights)),
        lines=lines_of(tried, kept, was),
        curve=[_point(at, figures) for at, figures in zip(steps, curve(history, score, steps), strict=True)],
        threshold=score.threshold,
    )


def lines_of(tried: Figures, saved: Figures, was: Figures) -> list[FigureLine]:
    """α, wrong sends, sent alone, what is left for people."""
    labels = f"{tried.wrong:,} of {tried.known:,} replies of which somebody said so"
    fresh = f"{tried.fresh:,} sent that were not then, of {tried.fresh_unknown:,} nobody has said whether it was right"
    return [
        _share("alpha", "α", "alpha", tried, saved, was, up=True, note=f"{tried.resolved:,} of {tried.cases:,} cases"),
        _share("wrong", "Wrong sends", "wrong_rate", tried, saved, was, up=False, note=labels),
        _share("sent", "Sent alone", "sent_share", tried, saved, was, up=None, note=fresh),
        FigureLine(
            name="queue",
            title="To people a day",
            value=_number(tried.queue_a_day),
            saved=_number(saved.queue_a_day),
            was=_number(was.queue_a_day),
            change=_signed(tried.queue_a_day - saved.queue_a_day, ""),
            tone=_tone(tried.queue_a_day - saved.queue_a_day, up=False),
            note=f"{tried.escalated:,} of {tried.runs:,} runs; asked back {tried.asked:,} times",
        ),
    ]


def _share(
    name: str, title: str, figure: str, tried: Figures, saved: Figures, was: Figures, *, up: bool | None, note: str
) -> FigureLine:
    now: Estimate = getattr(tried, figure)
    before: Estimate = getattr(saved, figure)
    interval = f"; 95 %: {_percent(now.low)} to {_percent(now.high)}" if now.n else ""
    difference = 100 * (now.value - before.value)
    return FigureLine(
        name=name,
        title=title,
        value=_percent(now.value),
        saved=_percent(before.value),
        was=_percent(getattr(was, figure).value),
        change=_signed(difference, " points"),
        tone=_tone(difference, up=up),
        note=f"{note}{interval}",
    )


def _point(at: int, figures: Figures) -> dict[str, float | None]:
    alpha, wrong = figures.alpha.value, figures.wrong_rate.value
    return {"at": at, "alpha": _plain(alpha), "wrong": _plain(wrong), "sent": _plain(figures.sent_share.value)}


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else round(100 * value, 2)


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{100 * value:.1f} %"


def _number(value: float) -> str:
    return f"{value:.1f}"


def _signed(difference: float, unit: str) -> str:
    if math.isnan(difference) or abs(difference) < 0.05:
        return "as saved"
    return f"{'+' if difference > 0 else '−'}{abs(difference):.1f}{unit}"


def _tone(difference: float, *, up: bool | None) -> str:
    if up is None or math.isnan(difference) or abs(difference) < 0.05:
        return ""
    return "good" if (difference > 0) is up else "bad"
