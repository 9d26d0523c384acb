"""The keys in the front matter of tips, resources, check-ins and messages."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from config.reading.address_fields import WebAddress
from config.reading.date_fields import IsoDate
from config.reading.fields import Given, YesNo, one_line, one_of, prose, whole, wrong
from config.reading.shapes import Shape
from models.domain import LatePolicy

_Word = Annotated[str, BeforeValidator(one_line(80))]
_Title = Annotated[str, BeforeValidator(one_line(160))]
_Subject = Annotated[str, BeforeValidator(one_line(120))]
_Preheader = Annotated[str, BeforeValidator(one_line(200))]
_Note = Annotated[str, BeforeValidator(one_line(300))]
_NoteOrNumber = Annotated[str, BeforeValidator(one_line(300, numbers=True))]
_Prose = Annotated[str, BeforeValidator(prose(2000))]
_Day = Annotated[int, BeforeValidator(whole(-100, 400))]
_LatePolicy = Annotated[LatePolicy, BeforeValidator(one_of("send", "late_wording", "skip"))]


def _check_asks(asks: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(asks) <= 3:
        raise wrong(f"holds {len(asks)} questions; ask one to three")
    return asks


class QuestionShape(Shape):
    ask: _Prose
    answer: _Prose


class QuestionsShape(Shape):
    recall: Given[QuestionShape] = None
    application: Given[QuestionShape] = None
    reflection: Given[QuestionShape] = None


class SkillSetsShape(Shape):
    main: _Word
    also: tuple[_Word, ...] = ()


class LateShape(Shape):
    headline: _Title
    subject: _Subject
    why: _Prose
    action: _Prose


class MailShape(Shape):
    """What every item's mail needs."""

    subject: _Subject
    preheader: _Preheader


class TipShape(MailShape):
    headline: _Title
    earliest_day: _Day
    latest_day: _Day
    after: tuple[_Word, ...] = ()
    when_late: _LatePolicy
    before_start: YesNo = False
    skill_sets: SkillSetsShape
    theme: Given[_Word] = None
    questions: QuestionsShape = QuestionsShape()
    late: Given[LateShape] = None


class ResourceShape(MailShape):
    title: _Title
    format: _Word
    author: Given[_NoteOrNumber] = None
    publisher: Given[_NoteOrNumber] = None
    published: Given[_NoteOrNumber] = None
    read: _Note
    minutes: Annotated[int, BeforeValidator(whole(1, 10))]
    url: Given[WebAddress] = None
    address_checked: Given[IsoDate] = None
    earliest_day: Given[_Day] = None
    latest_day: Given[_Day] = None
    after: tuple[_Word, ...] = ()
    when_late: _LatePolicy = "send"
    skill_sets: Given[SkillSetsShape] = None
    theme: Given[_Word] = None
    questions: QuestionsShape = QuestionsShape()


class CheckInShape(MailShape):
    title: _Title
    day: _Day
    asks: Annotated[tuple[_Prose, ...], AfterValidator(_check_asks)]


class MessageShape(MailShape):
    title: _Title
    day: _Day
    choice: Given[_Prose] = None
