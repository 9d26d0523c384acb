"""How questions were answered, as of a turn of the week: by item, and by the week at whose end it may be told."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from models.answers import read_answers
from models.domain import Answer
from reports.editions import Figures, Part
from reports.report import ReportContext
from reports.suppression import tally_answers
from reports.weeks import turn_into


def work_out_answers(session: Session, context: ReportContext, week: date) -> Figures:
    """`items`: [answered, using, nearly, forgot] of each; `released`: how many of each kind, by week of release."""
    answers = read_answers(session, until=turn_into(week))
    given: Iterator[tuple[str, date, str, Answer]] = ((one.item, one.week, one.person, one.answer) for one in answers)
    tallies = tally_answers(given, small_group=context.small_group)
    released: dict[str, dict[str, int]] = {}
    for tally in tallies.values():
        for monday, counts in tally.released.items():
            own = released.setdefault(monday.isoformat(), {})
            for answer, number in counts.items():
                own[answer] = own.get(answer, 0) + number
    return {
        "items": {
            item: [tally.figures.answered, tally.figures.using, tally.figures.nearly, tally.figures.forgot]
            for item, tally in tallies.items()
        },
        "released": released,
    }


ANSWERS = Part(name="answers", work_out=work_out_answers)
