"""What was told about the columns of spreadsheets, by heading: remembered in the data folder for the next one."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

REMEMBERED = "import-columns.json"


def recall_columns(data: Path) -> dict[str, str]:
    """Heading → field. Where nothing is remembered, or nothing that can be read, headings speak for themselves."""
    try:
        return json.loads((data / REMEMBERED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def remember_columns(data: Path, told: Mapping[str, str]) -> None:
    """Keep what was told, beside what was told before."""
    if not told:
        return
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data / REMEMBERED
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(
        json.dumps({**recall_columns(data), **told}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    draft.replace(path)
