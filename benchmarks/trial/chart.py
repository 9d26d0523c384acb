"""The chart of the trial: what share of all items leaders recall, day by day, as SVG without a library."""

from collections.abc import Sequence
from html import escape

from benchmarks.trial.arrays import Floats
from benchmarks.trial.assumptions import HORIZON_DAY, LAST_MAIL_DAY
from benchmarks.trial.cells import DRIP, FIXED, MODEL_NAMES, ORACLE, OURS, Cell

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 178, 64, 52
LINES = (  # rule, colour, dashes, width: told apart in black and white, too
    (ORACLE, "#5b5b5b", "2 4", 2.0),
    (OURS, "#005eb8", "", 3.5),
    (FIXED, "#8a3b00", "10 5", 2.5),
    (DRIP, "#1d1d1b", "12 4 2 4", 2.0),
)
LABEL_GAP = 17


def draw_chart(cell: Cell, *, seed: int, leaders: int) -> str:
    """The whole SVG."""
    found = [(line, cell.outcomes[line[0]].by_day) for line in LINES]
    top_share = 0.1 * (int(max(float(shares.max()) for _, shares in found) * 10) + 1)
    title = "What leaders remember of the tips and resources"
    setting = f"{MODEL_NAMES[cell.model]}; prompts a mail: {cell.prompts}; {leaders} simulated leaders, seed {seed}"
    ends = ", ".join(f"{name} {shares[-1]:.0%}" for (name, *_), shares in found)
    description = (
        f"Share of all 22 items recalled, by day from 0 to 180, after the last mail falling. On day 180: {ends}."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' aria-labelledby="title desc" font-family="Arial, Helvetica, sans-serif" font-size="13">',
        f'<title id="title">{title}</title>',
        f'<desc id="desc">{escape(description)}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="26" font-size="17" font-weight="bold" fill="#1d1d1b">{title}</text>',
        f'<text x="{LEFT}" y="46" fill="#424242">{escape(setting)}</text>',
        *_axes(top_share),
    ]
    labels = _spread([_y(float(shares[-1]), top_share) for _, shares in found])
    for ((name, colour, dashes, width), shares), label in zip(found, labels, strict=True):
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="{width}"{dashed} points="'
            f'{_points(shares, top_share)}"/>'
        )
        parts.append(
            f'<text x="{WIDTH - RIGHT + 8}" y="{label + 4:.1f}" fill="{colour}" font-weight="bold">'
            f"{escape(name)} {shares[-1]:.0%}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def _axes(top_share: float) -> list[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts: list[str] = []
    for tenth in range(round(top_share * 10) + 1):
        y = _y(tenth / 10, top_share)
        parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d8dde0"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#424242">{tenth * 10} %</text>')
    for day in range(0, HORIZON_DAY + 1, 30):
        parts.append(f'<line x1="{_x(day):.1f}" x2="{_x(day):.1f}" y1="{bottom}" y2="{bottom + 5}" stroke="#424242"/>')
        parts.append(f'<text x="{_x(day):.1f}" y="{bottom + 20}" text-anchor="middle" fill="#424242">{day}</text>')
    middle = (LEFT + right) / 2
    parts.append(
        f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle" fill="#424242">days since the start</text>'
    )
    last = _x(LAST_MAIL_DAY)
    parts.append(f'<line x1="{last:.1f}" x2="{last:.1f}" y1="{TOP}" y2="{bottom}" stroke="#768692"/>')
    parts.append(f'<text x="{last + 6:.1f}" y="{bottom - 8}" fill="#424242">the last mail</text>')
    return parts


def _points(shares: Floats, top_share: float) -> str:
    return " ".join(f"{_x(day + 0.5):.1f},{_y(float(share), top_share):.1f}" for day, share in enumerate(shares))


def _x(day: float) -> float:
    return LEFT + (WIDTH - RIGHT - LEFT) * day / HORIZON_DAY


def _y(share: float, top_share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share / top_share


def _spread(heights: Sequence[float]) -> list[float]:
    """The heights of labels, from the top down, moved apart so that none covers another."""
    spread: list[float] = []
    for height in heights:
        spread.append(max(height, spread[-1] + LABEL_GAP) if spread else height)
    return spread
