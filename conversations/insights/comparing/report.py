"""The comparison as a table (Markdown), as data (JSON) and as a picture (SVG).

The picture is a template of ours: bars need no library, and so the command draws wherever the product runs.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from conversations.insights.comparing.running import Scores
from omnicqm.common.errors import InvalidInput

NAME = "insights-compare"
COLUMNS = (
    *("model", "n", "median ms", "p95 ms", "USD each", "tokens in", "cached", "out", "fell back", "checks failed"),
    *("support", "words", "ROUGE-1", "ROUGE-2", "ROUGE-L", "BLEU"),
)
JUDGE = (
    "Support is the share of its words that the events named by the weakest statement of a summary have (0 to 1): it"
    " stands in for a judge. Tokens are means over all calls of a summary, repairs included."
)
WIDTH, LABELS, ROW, TOP = 720, 230, 44, 60  # pixels of the picture


def report_write(scores: Sequence[Scores], folder: Path, *, about: str) -> list[Path]:
    """Write table, data and picture into `folder`. Raises `InvalidInput` when that cannot be written."""
    data = json.dumps({"about": about, "models": [score.as_json() for score in scores]}, indent=2)
    contents = {"md": f"# {about}\n\n{table_make(scores)}\n{JUDGE}\n", "json": f"{data}\n", "svg": picture_make(scores)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / f"{NAME}.{kind}" for kind in contents]
        for file, content in zip(files, contents.values(), strict=True):
            file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written: {error.strerror}.", param="out") from error
    return files


def table_make(scores: Sequence[Scores]) -> str:
    """A row a model."""
    rows = [COLUMNS, tuple("-" for _ in COLUMNS), *(_cells(score) for score in scores)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cells(score: Scores) -> tuple[str, ...]:
    each = max(1, score.summaries)
    failed = ", ".join(f"{code} {count}" for code, count in score.failures.items()) or "none"
    rouge = [f"{value:.3f}" for value in score.rouge.values()] if score.rouge else ["-"] * 3
    tokens = (score.input_tokens, score.cached_tokens, score.output_tokens)
    return (
        *(score.model, str(score.summaries), f"{score.median_ms:.0f}", f"{score.p95_ms:.0f}"),
        *(f"{score.cost_usd / each:.6f}", *(f"{count / each:.0f}" for count in tokens)),
        *(str(score.fallbacks), failed, f"{score.support:.2f}", f"{score.words:.0f}"),
        *(*rouge, "-" if score.bleu is None else f"{score.bleu:.1f}"),
    )


def picture_make(scores: Sequence[Scores]) -> str:
    """Two bars a model: how long a CRM agent waits (median, and on to p95), and how good the summary is."""
    longest = max((score.p95_ms for score in scores), default=0) or 1
    half = (WIDTH - LABELS) / 2 - 60
    rows = [_row(score, place, half, longest) for place, score in enumerate(scores)]
    has_rouge = any(score.rouge for score in scores)
    frame: dict[str, Any] = {
        "width": WIDTH,
        "height": TOP + ROW * len(scores) + 16,
        "waiting": LABELS,
        "quality": LABELS + half + 70,
        "measure": "ROUGE-L" if has_rouge else "support of the weakest statement",
    }
    return render_to_string("conversations/insights/compare.svg", {"rows": rows, **frame})


def _row(score: Scores, place: int, half: float, longest: float) -> dict[str, Any]:
    quality = score.rouge["rougeL"] if score.rouge else score.support
    return {
        "name": score.model,
        "y": TOP + ROW * place,
        "median": round(half * score.median_ms / longest, 1),
        "p95": round(half * score.p95_ms / longest, 1),
        "waits": f"{score.median_ms:.0f} / {score.p95_ms:.0f} ms",
        "good": round(half * quality, 1),
        "quality": f"{quality:.2f}",
    }
