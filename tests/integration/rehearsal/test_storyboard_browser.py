"""The overview in a real browser: however long a role's sequence, it prints on one page."""

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from config.load import load_programme
from config.settings import Settings
from rehearsal.storyboard.casting import cast_parts
from rehearsal.storyboard.mails import make_composer
from rehearsal.storyboard.sheets import STYLE_SHEET, Sheets
from rehearsal.storyboard.stage import stage_parts
from tests.conftest import find_chromium

PROGRAMME = load_programme(Path(__file__).parents[3] / "config" / "first-100-days")
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


@pytest.mark.browser
@pytest.mark.parametrize("role", ["executive-director", "system-leader"])  # the longest
def test_the_overview_prints_on_one_page(tmp_path: Path, role: str) -> None:
    chromium = find_chromium()
    assert chromium is not None
    settings = Settings()
    parts = cast_parts(settings, {PROGRAMME.id: PROGRAMME}, roles=[role], starts=[date(2027, 1, 11)])
    (staged,) = stage_parts(make_composer(settings), parts)
    sheets, page = Sheets(settings), tmp_path / staged.part.folder / "overview.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(sheets.write_overview(staged))
    (tmp_path / STYLE_SHEET).write_bytes(sheets.write_style([staged]))
    printed = tmp_path / "overview.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [str(chromium), *options, "--no-pdf-header-footer", f"--print-to-pdf={printed}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert len(PAGE.findall(printed.read_bytes())) == 1
