"""The keys in the front matter of tips, resources, check-ins and messages."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from config.reading.address_fields import WebAddress
from config.reading.date_fields import IsoDate
from config.reading.fields import Given, YesNo, one_line, one_of, prose, whole, wrong
from config.reading.limits import ACTION_WORDS, HEADLINE_WORDS, QUESTION_WORDS, SUBJECT_CHARACTERS, WHY_WORDS
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
_State = Annotated[Literal["draft", "live"], BeforeValidator(one_of("draft", "live"))]
_LatePolicy = Annotated[LatePolicy, BeforeValidator(one_of("send", "late_wording", "skip"))]


def _check_asks(asks: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(asks) <= 3:
        raise wrong(f"holds {len(asks)} questions; ask one to three")
    return asks


class QuestionShape(Shape):
    ask: _Prose = Field(description=f"The question, at most {QUESTION_WORDS} words.")
    answer: _Prose = Field(description="What a good answer holds, shown once the leader has thought of one.")


class QuestionsShape(Shape):
    recall: Given[QuestionShape] = Field(default=None, description="Asks for what the item says. Needed for a tip.")
    application: Given[QuestionShape] = Field(default=None, description="Puts a case to use it on. Needed for a tip.")
    reflection: Given[QuestionShape] = Field(
        default=None, description="Asks about the leader's own ways. Needed for a tip."
    )


class SkillSetsShape(Shape):
    main: _Word = Field(description="The id of the skill set that it serves most.")
    also: tuple[_Word, ...] = Field(default=(), description="The ids of others that it serves.")


class LateShape(Shape):
    headline: _Title = Field(description=f"At most {HEADLINE_WORDS} words.")
    subject: _Subject = Field(description=f"At most {SUBJECT_CHARACTERS} characters.")
    why: _Prose = Field(description=f"The reason, at most {WHY_WORDS} words.")
    action: _Prose = Field(description=f"The thing to do, at most {ACTION_WORDS} words.")


class MailShape(Shape):
    """What every item's file may say."""

    subject: _Subject = Field(description=f"The line in the inbox, at most {SUBJECT_CHARACTERS} characters.")
    preheader: _Preheader = Field(
        description="The line that the inbox shows after the subject; it says something else."
    )
    state: _State = Field(default="live", description="draft: checked like the others, and never sent.")
    reviewed_by: Given[_Note] = Field(default=None, description="Who last read this text and stood by it.")
    review_by: Given[IsoDate] = Field(default=None, description="The day by which it should be read again.")


class TipShape(MailShape):
    headline: _Title = Field(description=f"What the tip says, at most {HEADLINE_WORDS} words.")
    earliest_day: _Day = Field(description="The first day on which it may come, counted from the start date (day 0).")
    latest_day: _Day = Field(description="The last day on which it may come.")
    after: tuple[_Word, ...] = Field(default=(), description="The ids of tips and resources that come first.")
    when_late: _LatePolicy = Field(description="What those get who are enrolled after its time.")
    before_start: YesNo = Field(default=False, description="true: best before day one.")
    skill_sets: SkillSetsShape = Field(description="What it teaches: one main skill set, and others.")
    theme: Given[_Word] = Field(
        default=None, description="The id of its theme; needed where the programme has several."
    )
    questions: QuestionsShape = Field(
        default=QuestionsShape(), description="What brings it back later: all three are wanted."
    )
    late: Given[LateShape] = Field(default=None, description="Its words for when_late: late_wording.")


class ResourceShape(MailShape):
    title: _Title = Field(description="As its author gave it.")
    format: _Word = Field(description="What it is: report, article, film …")
    author: Given[_NoteOrNumber] = Field(default=None, description="Who wrote it.")
    publisher: Given[_NoteOrNumber] = Field(default=None, description="Who published it.")
    published: Given[_NoteOrNumber] = Field(default=None, description="When, as it says itself.")
    read: _Note = Field(description="The part to read.")
    minutes: Annotated[int, BeforeValidator(whole(1, 10))] = Field(description="How long that part takes.")
    url: Given[WebAddress] = Field(default=None, description="Its address, whole; left out where none is sure.")
    address_checked: Given[IsoDate] = Field(default=None, description="The day on which somebody opened the address.")
    earliest_day: Given[_Day] = Field(
        default=None, description="The first day on which it may come; else the programme's."
    )
    latest_day: Given[_Day] = Field(
        default=None, description="The last day on which it may come; else the programme's."
    )
    after: tuple[_Word, ...] = Field(default=(), description="The ids of tips and resources that come first.")
    when_late: _LatePolicy = Field(
        default="send", description="send or skip: what those get who are enrolled after its time."
    )
    skill_sets: Given[SkillSetsShape] = Field(
        default=None, description="What it teaches: one main skill set, and others."
    )
    theme: Given[_Word] = Field(
        default=None, description="The id of its theme; needed where the programme has several."
    )
    questions: QuestionsShape = Field(default=QuestionsShape(), description="One is enough, usually application.")


class CheckInShape(MailShape):
    title: _Title = Field(description="What stands above its text.")
    day: _Day = Field(description="The day on which it comes, within three days where it can.")
    asks: Annotated[tuple[_Prose, ...], AfterValidator(_check_asks)] = Field(
        description="One to three questions, for the leader alone.", json_schema_extra={"minItems": 1, "maxItems": 3}
    )


class MessageShape(MailShape):
    title: _Title = Field(description="What stands above its text.")
    day: _Day = Field(description="The day on which it comes.")
    choice: Given[_Prose] = Field(default=None, description="The welcome's one decision, where tracking is asked for.")
