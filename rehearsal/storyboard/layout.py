"""All files of a rehearsal by name: an index, a page a mail, the mails, an overview and a calendar file a part."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from rehearsal.storyboard.diary import write_diary
from rehearsal.storyboard.mails import LINK_PAGE
from rehearsal.storyboard.sheets import STYLE_SHEET, Sheets, read_script
from rehearsal.storyboard.stage import StagedPart

INDEX, SCRIPT = "index.html", "index.js"


def lay_out(sheets: Sheets, parts: Sequence[StagedPart]) -> dict[str, bytes]:
    """The files, by their names in the folder. The same parts give the same bytes."""
    files = {
        INDEX: sheets.write_index(parts),
        STYLE_SHEET: sheets.write_style(parts),
        SCRIPT: read_script(SCRIPT),
        LINK_PAGE: sheets.write_link_page(),
        **sheets.write_logo(),
    }
    for staged in parts:
        files[f"{staged.part.folder}/overview.html"] = sheets.write_overview(staged)
        files[f"{staged.part.folder}/plan.ics"] = _write_plan(staged)
        for walk in staged.walks:
            for number, mail in enumerate(walk.mails):
                files[f"{mail.stem}.html"] = sheets.write_mail(staged, walk, number)
                files.update(mail.files)
    return files


def _write_plan(staged: StagedPart) -> bytes:
    enrolment = staged.part.enrolment
    stamp = datetime.combine(enrolment.enrolled_on, time(12), tzinfo=UTC)
    nudges = [mail.scene.nudge for mail in staged.plan.mails]
    return write_diary(staged.part.programme, enrolment, nudges, stamp=stamp)
