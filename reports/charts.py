"""Charts of a sheet's own rows, as SVG without any script; the table beside a chart has the same figures."""

from dataclasses import dataclass
from html import escape

from reports.report import Cell, Chart, Muted, Share, Sheet

WIDTH, BAR, GAP = 640, 16, 8
_LABELS, _RIGHT = 230, 70  # left of the bars, and right of them for their figures
_LINES_HEIGHT, _MARGIN = 240, 40
_COLOURS = ("#005eb8", "#8a9aa8", "#41708f", "#b35900")
_DASHES = ("", "3 3", "3 3", "8 4")
_MOST_BARS = 60


@dataclass(frozen=True, slots=True)
class Mark:
    """One figure of a chart: whose it is, of which column, how much, and how the table writes it."""

    label: str
    column: str
    value: float
    text: str


def find_marks(sheet: Sheet, chart: Chart) -> tuple[Mark, ...]:
    """The figures that there are to draw: hidden ones, and those that there are not, leave a gap."""
    titles = [column.title for column in sheet.columns]
    label = titles.index(chart.label)
    found: list[Mark] = []
    for row in sheet.rows[:_MOST_BARS]:
        for column in chart.shows:
            cell = row[titles.index(column)]
            if isinstance(cell, int | Share):
                value = cell.value if isinstance(cell, Share) else float(cell)
                found.append(Mark(_say(row[label]), column, value, str(cell)))
    return tuple(found)


def draw(sheet: Sheet) -> str:
    """The sheet's chart as an inline SVG element; empty where there is none, or nothing to draw."""
    chart = sheet.chart
    marks = () if chart is None else find_marks(sheet, chart)
    if chart is None or not marks:
        return ""
    body, height = _bars(marks, chart) if chart.kind == "bars" else _lines(marks, chart)
    names = ", ".join(name.replace("\n", " ") for name in chart.shows)
    says = f"{names} by {chart.label.lower()}; the table has the same figures"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}" '
        f'aria-label="{escape(says)}" font-family="sans-serif" font-size="12">{body}</svg>'
    )


def _bars(marks: tuple[Mark, ...], chart: Chart) -> tuple[str, int]:
    room = WIDTH - _LABELS - _RIGHT
    most = 1.0 if all(mark.text.endswith("%") for mark in marks) else max(mark.value for mark in marks) or 1.0
    parts: list[str] = []
    y, before = GAP, ""
    for mark in marks:
        if mark.label != before:
            y += GAP if before else 0
            before = mark.label
            parts.append(
                f'<text x="{_LABELS - 8}" y="{y + 12}" text-anchor="end">{escape(_shorten(mark.label))}</text>'
            )
        colour = _COLOURS[chart.shows.index(mark.column) % len(_COLOURS)]
        width = room * max(mark.value, 0.0) / most
        parts.append(
            f'<rect x="{_LABELS}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}">{_title(mark)}</rect>'
        )
        parts.append(f'<text x="{_LABELS + width + 6:.1f}" y="{y + 12}">{escape(mark.text)}</text>')
        y += BAR + 2
    return _with_key(parts, chart, y + GAP)


def _lines(marks: tuple[Mark, ...], chart: Chart) -> tuple[str, int]:
    labels = list(dict.fromkeys(mark.label for mark in marks))
    wide = WIDTH - 2 * _MARGIN
    most = 1.0 if all(mark.text.endswith("%") for mark in marks) else max(mark.value for mark in marks) or 1.0

    def place(mark: Mark) -> tuple[float, float]:
        step = wide / max(len(labels) - 1, 1)
        return _MARGIN + labels.index(mark.label) * step, _LINES_HEIGHT - (_LINES_HEIGHT - 20) * mark.value / most

    base = _LINES_HEIGHT
    parts = [f'<path d="M{_MARGIN} {base}H{_MARGIN + wide}" stroke="#4c6272" fill="none"/>']
    top = "100%" if marks[0].text.endswith("%") else f"{most:g}"
    for says, y in ((top, 20), ("0", base)):
        parts.append(f'<text x="{_MARGIN - 6}" y="{y + 4}" text-anchor="end">{says}</text>')
    parts.append(f'<path d="M{_MARGIN} 20H{_MARGIN + wide}" stroke="#d8dde0" fill="none"/>')
    for number, column in enumerate(chart.shows):
        own = [mark for mark in marks if mark.column == column]
        colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, own))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        for mark in own:
            x, y = place(mark)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}">{_title(mark)}</circle>')
    ends = {labels[0]: "start", labels[-1]: "end"}
    for label, anchor in ends.items():
        x = _MARGIN if anchor == "start" else _MARGIN + wide
        parts.append(f'<text x="{x}" y="{base + 18}" text-anchor="{anchor}">{escape(label)}</text>')
    return _with_key(parts, chart, base + 30)


def _with_key(parts: list[str], chart: Chart, y: int) -> tuple[str, int]:
    """Which colour is which column, where there are several."""
    if len(chart.shows) < 2:
        return "".join(parts), y
    for number, column in enumerate(chart.shows):
        x = _MARGIN + number * 140
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="{y + 11}">{escape(column)}</text>')
    return "".join(parts), y + 20


def _title(mark: Mark) -> str:
    return f"<title>{escape(mark.label)}, {escape(mark.column)}: {escape(mark.text)}</title>"


def _say(cell: Cell) -> str:
    return cell.text if isinstance(cell, Muted) else str(cell)


def _shorten(label: str) -> str:
    return label if len(label) <= 34 else f"{label[:33]}…"
