"""The front matter and text of an item's file as a value of the domain."""

from typing import cast, get_args

from config.reading.item_shapes import (
    CheckInShape,
    LateShape,
    MailShape,
    MessageShape,
    QuestionsShape,
    ResourceShape,
    SkillSetsShape,
    TipShape,
)
from models.domain import CheckIn, Item, Message, Question, QuestionKind, Resource, Tip, Wording


def build_item(item: str, shape: MailShape, texts: list[str], *, window: tuple[int, int]) -> Item:
    """The item of that id. `window`: the days between which a resource may come that names none itself."""
    match shape:
        case TipShape():
            return _build_tip(item, shape, why=texts[0], action=texts[1])
        case ResourceShape():
            return _build_resource(item, shape, texts[0], window=window)
        case CheckInShape():
            return CheckIn(
                id=item,
                title=shape.title,
                subject=shape.subject,
                preheader=shape.preheader,
                day=shape.day,
                body=texts[0],
                asks=shape.asks,
            )
        case _:
            message = cast("MessageShape", shape)
            return Message(
                id=item,
                title=message.title,
                subject=message.subject,
                preheader=message.preheader,
                day=message.day,
                body=texts[0],
                choice=message.choice or "",
            )


def _build_tip(item: str, shape: TipShape, *, why: str, action: str) -> Tip:
    return Tip(
        id=item,
        title=shape.headline,
        subject=shape.subject,
        preheader=shape.preheader,
        earliest_day=shape.earliest_day,
        latest_day=shape.latest_day,
        after=shape.after,
        when_late=shape.when_late,
        skill_sets=_skill_sets(shape.skill_sets),
        questions=_questions(shape.questions),
        why=why,
        action=action,
        before_start=shape.before_start,
        late=_wording(shape.late),
    )


def _build_resource(item: str, shape: ResourceShape, covers: str, *, window: tuple[int, int]) -> Resource:
    return Resource(
        id=item,
        title=shape.title,
        subject=shape.subject,
        preheader=shape.preheader,
        earliest_day=window[0] if shape.earliest_day is None else shape.earliest_day,
        latest_day=window[1] if shape.latest_day is None else shape.latest_day,
        after=shape.after,
        when_late=shape.when_late,
        skill_sets=_skill_sets(shape.skill_sets),
        questions=_questions(shape.questions),
        format=shape.format,
        author=shape.author,
        publisher=shape.publisher,
        published=shape.published,
        covers=covers,
        read=shape.read,
        minutes=shape.minutes,
        url=shape.url,
        address_checked=shape.address_checked,
    )


def _wording(shape: LateShape | None) -> Wording | None:
    if shape is None:
        return None
    return Wording(headline=shape.headline, subject=shape.subject, why=shape.why, action=shape.action)


def _skill_sets(shape: SkillSetsShape | None) -> tuple[str, ...]:
    return () if shape is None else (shape.main, *shape.also)


def _questions(shape: QuestionsShape) -> tuple[Question, ...]:
    kinds = cast("tuple[QuestionKind, ...]", get_args(QuestionKind))
    asked = {"recall": shape.recall, "application": shape.application, "reflection": shape.reflection}
    return tuple(
        Question(kind=kind, ask=question.ask, answer=question.answer)
        for kind in kinds
        if (question := asked[kind]) is not None
    )
