"""The page docs/claims.md: a heat map a claim over the whole grid, with a sentence made from its verdicts."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from benchmarks.claims_grid import CATALOGUES, MODELS, RARE_QUANTILE, SPLITS, STARTS, WIDTH, K, Line, made
from benchmarks.claims_verdicts import (
    CLAIMS,
    COUNTED,
    L2S,
    LENGTHS,
    SPOTS,
    Claim,
    Runs,
    Spot,
    Status,
    Verdict,
    by_model,
    interval,
    judge_all,
    same_side,
    status,
)

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURES = ROOT / "docs" / "claims.md", ROOT / "docs" / "claims"


def table(judged: dict[str, dict[str, Verdict]], *, counts: bool = False) -> str:
    """Write claims by models as Markdown, each word alone or with the places behind it."""
    lines = ["| the text says | " + " | ".join(MODELS) + " |", "|---" * (len(MODELS) + 1) + "|"]
    for claim in CLAIMS:
        verdicts = (judged[claim.name][model] for model in MODELS)
        cells = [_bold(one.word) + (f"<br>{one.counts}" if counts and one.counts else "") for one in verdicts]
        lines.append(f"| {claim.words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _bold(word: str) -> str:
    """Write the word bold and its condition plain.

    Examples
    --------
    >>> _bold("when no L2"), _bold("not applicable")
    ('**when** no L2', 'not applicable')
    """
    first, _, rest = word.partition(" ")
    return word if first == "not" else f"**{first}** {rest}".strip()


def settings() -> str:
    """Write how each model is fitted as Markdown."""
    return "\n".join(f"- {model.name}: {model.settings}" for model in MODELS.values())


def rules(lines: list[Line]) -> str:
    """Write how a word is come by."""
    catalogues, starts = " and ".join(CATALOGUES), ", ".join(f"{start:g}" for start in STARTS)
    trainings = len({line.place for line in lines})
    rare = f"{RARE_QUANTILE:.0%} quantile of the catalogue"
    return (
        f"Two catalogues ({catalogues}), starts of {starts} (standard deviation), three weights of L2, three lengths "
        f"of training, {WIDTH} numbers a vector, lists of {K}, splits per_user_75_25, seeds {SPLITS[0]} to "
        f"{SPLITS[-1]}. A film is rare if it has no more ratings than the {rare}.\n\n"
        "A claim *holds* at a place of the grid if the 95 % interval of its yardstick over the splits (Student's t) "
        "lies above zero. **always**: at every place; **never**: at none; **when ...**: the plainest condition on one "
        "or two dials that tells most places right, then at how many places the claim holds where the condition is "
        "met, and elsewhere; **not applicable**: it is asked nowhere, as a cure where there is nothing to cure.\n\n"
        f"The figures: {trainings:,} trainings, kept in `benchmarks/claims.csv`, {made()}; `python -m "
        "benchmarks.claims_grid` makes them anew. `python course.py bench claims` judges them, measures a sample again "
        "and fails where a word of it changes, as CI does."
    )


def sentence(verdicts: dict[str, Verdict]) -> str:
    """Say in a sentence for which models a claim holds.

    Examples
    --------
    >>> sentence({"ALS": Verdict("never", (0, 9), (0, 0), 0), "iALS": Verdict("always", (9, 9), (0, 0), 0)})
    'Always: iALS. Never: ALS.'
    """
    by_word: dict[str, list[str]] = defaultdict(list)
    for model, verdict in verdicts.items():
        by_word[verdict.word].append(f"{model} ({verdict.counts})" if verdict.word.startswith("when") else model)
    order = sorted(by_word, key=lambda word: (["always", "when", "never", "not"].index(word.split()[0]), word))
    return " ".join(f"{word[0].upper()}{word[1:]}: {'; '.join(by_word[word])}." for word in order)


def figures_table(claim: Claim, runs: dict[str, Runs]) -> str:
    """Write a claim's yardstick by model as Markdown: least, middle and greatest place, each with its interval."""
    lines = ["| model | least | median | greatest |", "|---|---|---|---|"]
    for model in MODELS:
        asked = [spot for spot in SPOTS if status(claim, spot, runs[model]) in COUNTED]
        if asked:
            effects = sorted(
                ([claim.effect(figures) for figures in runs[model][spot]] for spot in asked), key=lambda e: np.mean(e)
            )
            cells = [_with_interval(effects[at]) for at in (0, len(effects) // 2, -1)]
            lines.append(f"| {model} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _with_interval(effects: list[float]) -> str:
    """Write a mean over the splits, and its interval.

    Examples
    --------
    >>> _with_interval([0.1, 0.2, 0.3, 0.2, 0.2])
    '+0.200 (+0.112 to +0.288)'
    """
    low, high = interval(effects)
    return f"{np.mean(effects):+.3f} ({low:+.3f} to {high:+.3f})"


def picture(claim: Claim, runs: dict[str, Runs]) -> Figure:
    """Draw a claim's effect over the grid: a block for a model, a catalogue and a start; L2 by length inside."""
    columns = [(catalogue, start) for catalogue in CATALOGUES for start in STARTS]
    height, width = 4 * len(MODELS) - 1, 4 * len(columns) - 1
    values, found = np.full((height, width), np.nan), np.full((height, width), None, dtype=object)
    for row, model in enumerate(MODELS):
        for column, (catalogue, start) in enumerate(columns):
            for down, l2 in enumerate(L2S):
                for right, length in enumerate(LENGTHS):
                    spot, at = Spot(catalogue, start, l2, length), (4 * row + down, 4 * column + right)
                    found[at] = state = status(claim, spot, runs[model])
                    if state in COUNTED:
                        values[at] = np.mean([claim.effect(figures) for figures in runs[model][spot]])
    figure = Figure(figsize=(11, 11), layout=None)
    axes = figure.add_axes((0.15, 0.07, 0.73, 0.86))
    other = np.select(
        [found == Status.NOTHING, found == Status.AWAY, found == Status.NOT_ASKED], [0.0, 2.0, 1.0], default=np.nan
    )
    axes.imshow(other, cmap=ListedColormap(["#dddddd", "#f6f6f6", "#777777"]), vmin=0, vmax=2, aspect="auto")
    most = max(float(np.nanquantile(np.abs(values), 0.95)), 1e-6) if np.isfinite(values).any() else 1.0
    shown = axes.imshow(values, cmap="PuOr_r", vmin=-most, vmax=most, aspect="auto")
    rows, places = np.nonzero(found == Status.OPEN)
    axes.plot(places, rows, linestyle="none", marker="x", markersize=4, color="#444444")
    rows, places = np.nonzero(found == Status.HOLDS)
    axes.plot(places, rows, linestyle="none", marker="o", markersize=2.5, color="#000000", markeredgewidth=0)
    axes.set_yticks([4 * row + 1 for row in range(len(MODELS))], list(MODELS), fontsize=10)
    axes.set_xticks([4 * column + 1 for column in range(len(columns))], [f"start {start:g}" for _, start in columns])
    for number, catalogue in enumerate(CATALOGUES):
        middle = 4 * len(STARTS) * number + 2 * len(STARTS) - 1
        axes.text(middle, -1.3, catalogue, ha="center", fontsize=12)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel(
        f"in a block: {', '.join(L2S)} from top to bottom; {', '.join(LENGTHS)} training from left to right\n"
        "dot: the claim holds; x: the splits do not agree; light: nothing to cure, or not asked; dark: runs away",
        labelpad=8,
    )
    bar = figure.colorbar(shown, cax=figure.add_axes((0.9, 0.3, 0.02, 0.4)), extend="both")
    bar.set_label(claim.yardstick.partition(";")[0], fontsize=9)
    figure.suptitle(claim.words[0].upper() + claim.words[1:], fontsize=14, y=0.985)
    return figure


def png(figure: Figure) -> bytes:
    """Write a figure as a small PNG of 128 colours, the same bytes for the same figure."""
    from PIL import Image

    raw = io.BytesIO()
    figure.savefig(raw, dpi=80, format="png", metadata={"Software": None})
    small = io.BytesIO()
    with Image.open(raw) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def page(lines: list[Line]) -> str:
    """Write docs/claims.md."""
    judged, runs = judge_all(lines), by_model(lines)
    parts = [
        "# What holds, when, and for which model",
        "Made by `python course.py bench claims`. The text this course was founded on says eight things of norms, "
        "popularity and starts that can be measured. Each is true of some models at some settings. Lessons 5 to 8 show "
        "why; here is where.",
        table(judged, counts=True),
        rules(lines),
    ]
    for claim in CLAIMS:
        verdicts = judged[claim.name]
        same, n = same_side(claim, lines)
        away = sum(verdict.away for verdict in verdicts.values())
        parts += [
            f"## {claim.words[0].upper()}{claim.words[1:]}",
            f"Yardstick: {claim.yardstick}. {sentence(verdicts)}",
            f"![Heat map: {claim.words}; {len(MODELS)} models over starts, L2 and lengths of training on two "
            f"catalogues, as the sentence above sums them up](claims/{claim.name}.png)",
            "The yardstick at three of the places, with its 95 % interval over the splits:",
            figures_table(claim, runs),
            f"With 8 or 40 numbers a vector, or half the learning rate, the yardstick is on the same side of zero at "
            f"{same} of {n} places (first split alone)."
            + (f" At {away} places the training ran away; they are not counted." if away else ""),
        ]
    return "\n\n".join([*parts, "## Settings", settings()]) + "\n"


def write(lines: list[Line]) -> None:
    """Write the page and its pictures."""
    runs = by_model(lines)
    PICTURES.mkdir(exist_ok=True)
    for claim in CLAIMS:
        (PICTURES / f"{claim.name}.png").write_bytes(png(picture(claim, runs)))
    PAGE.write_text(page(lines), encoding="utf-8")
