"""Every variant of mail for every role of the programme that ships, as what is to be said; nothing is composed yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from config.load import load_programme
from config.settings import Settings
from emails.weekly import Needy, Week
from models.digests import Digest
from models.domain import (
    CLOSING,
    WELCOME,
    Answer,
    CheckIn,
    Enrolment,
    History,
    Notice,
    Opening,
    PlacedAs,
    PlannedItem,
    PlannedNudge,
    Programme,
    QuestionKind,
    Resource,
    Role,
    SentItem,
    SentNudge,
    Tip,
)
from tests.builders import at, build_enrolment, build_leader, build_planned

CONFIG: Final = Path(__file__).parents[3] / "config"
LONGEST_URL: Final = "https://nudges.leadership.example.org/f1"  # as many characters as a public address may have
HR: Final = "hr@example.org"
SETTINGS: Final = Settings(public_url=LONGEST_URL, reply_to=HR, hr_contact=HR)
START: Final = date(2027, 1, 11)
KINDS: Final[tuple[QuestionKind, ...]] = ("recall", "application", "reflection")
NAMES: Final = {
    "a long name": "The Right Honourable Baroness Alexandra Wilhelmina Featherstonehaugh-Cholmondeley of Example",
    "a name of one word, longer than a line": "Sample" * 14,
    "a name beyond ASCII": "Dr Zoë Łukasz-Ñandú",
    "a name in another script": "孫 さくら",
    "a name from right to left": "سارة مثال",
    "a name with marks that headers know": 'Sam "Sammy" Sample, CBE (HR) <chair>',
}


DIGESTS: Final[dict[str, Digest | Week]] = {
    "digest of changes": Digest(
        changes=(
            "Sam Sample (first-100-days): enrolled, starts 2027-01-11 as chief-executive",
            "Zoë Łukasz-Ñandú (first-100-days): moved, start date: 2027-01-11 → 2027-01-18",
        ),
        more_changes=0,
        problems=(),
        mended=True,
    ),
    "digest of problems": Digest(
        changes=(),
        more_changes=12,
        problems=("config/leaders.yaml:3:9: role: 'emperor' is no role of it; use one of: chair, <director>",),
        mended=False,
    ),
    "digest of what is mended": Digest(changes=(), more_changes=0, problems=(), mended=True),
    "week, with much to do": Week(
        needy=(
            Needy(
                name="The Right Honourable Baroness Alexandra Featherstonehaugh-Cholmondeley",
                organisation="Moor & Dale <Hospitals>",
                problems=("the mail server refused the last 3 mails: 550 5.1.1 no such mailbox", "no sign of life"),
            ),
            Needy(name="孫 さくら", organisation="Example Hospitals", problems=("no sign of life",)),
            Needy(name="Sam Sample", organisation="Example Hospitals", problems=("on hold: not in the file",)),
        ),
        more=9,
        doubts=1,
        corrections=2,
        config_problems=1,
    ),
    "week, with one leader": Week(
        needy=(Needy(name="Sam Sample", organisation="Example Hospitals", problems=("no sign of life",)),),
        more=0,
        doubts=0,
        corrections=0,
        config_problems=0,
    ),
    "week, without leaders": Week(needy=(), more=0, doubts=3, corrections=0, config_problems=0),
}
NOTICES: Final = {
    "paused": Notice(says="paused", values={"until": "2027-09-26"}),
    "paused without an end": Notice(says="paused"),
    "paused by HR": Notice(says="paused", values={"until": "2027-09-26", "by": "admin"}),
    "left": Notice(says="left"),
    "consent given": Notice(says="consent_given", values={"on": "2027-02-12"}),
    "consent withdrawn": Notice(says="consent_withdrawn", values={"on": "2027-02-12"}),
    "fresh link": Notice(
        says="fresh_link",
        values={
            "minutes": "30",
            "purpose": "your notes",
            "button": "Open your notes",
            "url": f"{LONGEST_URL}/m/a-token-that-the-page-of-notes-makes",
        },
    ),
    "correction": Notice(
        says="correction",
        values={"on": "2027-02-12", "asks": "Role: chair, not chief executive\nStart date: 1 February 2027"},
    ),
    "correction made": Notice(
        says="correction_made", values={"asks": "Start date: 1 February 2027 (now 11 January 2027)"}
    ),
    "correction declined": Notice(says="correction_declined", values={"asks": "Role: Chair (now Chief executive)"}),
    "resumed by mail": Notice(says="resumed"),
    "resumed by HR": Notice(says="resumed", values={"by": "admin"}),
    "returned by mail": Notice(says="returned"),
    "answered by mail": Notice(says="answered", values={"given": "listen-first|recall|using"}),
    "checked in by mail": Notice(says="checked_in"),
    "reply not understood": Notice(says="reply_not_understood"),
}
BRANDED: Final = SETTINGS.model_copy(
    update={
        "brand_name": "Moor & Dale <Leadership> Académie",
        "brand_colour": "#ffd700",
        "brand_accent_colour": "#005eb8",
        "brand_typeface": "Arial, 'Some Sans', sans-serif",
        "sender_name": "Moor & Dale, <Leadership> Académie",
        "academy_name": "Moor & Dale <Académie>",
    }
)
READ: Final = SETTINGS.model_copy(update={"replies": "lmtp://127.0.0.1"})  # what leaders write back
WITH_LOGO: Final = BRANDED.model_copy(update={"brand_logo": Path(__file__).with_name("logo.png")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One mail to be written: what it says, when, about whom, after what, in which installation."""

    name: str
    says: PlannedNudge | Notice | Digest | Week
    leaves_at: datetime
    enrolment: Enrolment
    to_hr: bool = False
    history: History = field(default_factory=History)
    settings: Settings = SETTINGS

    @property
    def recipient(self) -> str:
        return HR if self.to_hr else self.enrolment.leader.email


@cache
def shipped_programme() -> Programme:
    return load_programme(CONFIG / "first-100-days")


def list_variants() -> tuple[Variant, ...]:
    """Every variant of every role. What a role's variants are made of differs, so that each item comes up somewhere."""
    programme = shipped_programme()
    return tuple(
        variant
        for number, role in enumerate(programme.roles.values())
        for variant in _vary_role(programme, role, number)
    )


def choose_some() -> tuple[Variant, ...]:
    """Each variant once, of one role after the other: for what takes long."""
    by_variant: dict[str, list[Variant]] = {}
    for variant in list_variants():
        by_variant.setdefault(variant.name.partition(": ")[2], []).append(variant)
    return tuple(variants[number % len(variants)] for number, variants in enumerate(by_variant.values()))


def _vary_role(programme: Programme, role: Role, number: int) -> Iterator[Variant]:
    def vary(what: str, *items: PlannedItem, day: int, **fields: Any) -> Variant:
        return _build(f"{role.id}: {what}", items, day=day, role=role.id, **fields)

    def turn(names: Sequence[str], by: int = 0) -> str:
        return names[(number + by) % len(names)]

    items = programme.items
    own = [name for name in role.item_ids if name in items]
    tips = [name for name in own if isinstance(items[name], Tip)]
    linked = [name for name in own if isinstance(item := items[name], Resource) and item.url]
    unlinked = [name for name in own if isinstance(item := items[name], Resource) and not item.url]
    tip, resource, rider = turn(tips, 3), turn(linked), turn(unlinked)
    asked = [_ask(turn(tips, 4 + at), KINDS[at]) for at in range(3)]
    asked_too = [_ask(turn(linked, 2), "application"), *asked[:2]]

    yield vary("welcome, asking about tracking", _plan(programme, WELCOME), day=-21)
    yield vary("welcome, without tracking", _plan(programme, WELCOME), day=-21, settings=_track("off"))
    yield vary("welcome, tracking chosen", _plan(programme, WELCOME), day=-21, tracking=True)
    yield vary("tip", _plan(programme, tip), day=12)
    yield vary("tip with a question", _plan(programme, turn(tips, 1)), asked[2], day=-2)
    yield vary("tip with three questions", _plan(programme, turn(tips)), *asked, day=33)
    yield vary("tip with a rider", *_bring(programme, role, Tip, number), *asked, day=50)
    yield vary(
        "tip with two riders, tracked",
        _plan(programme, tip),
        _plan(programme, rider, "with"),
        _plan(programme, resource, "with"),
        asked[0],
        day=0,
        tracking=True,
    )
    yield vary("late tip", _plan(programme, _late_tip(programme, tips), late=True), *asked[: number % 3], day=9)
    yield vary("resource", _plan(programme, resource), day=64)
    yield vary("resource with a question", _plan(programme, turn(linked, 1)), asked[1], day=71)
    yield vary("resource, tracked", _plan(programme, turn(linked, 2)), asked[0], day=20, tracking=True)
    yield vary("resource with a rider, tracked", *_bring(programme, role, Resource, number), day=78, tracking=True)
    for count in (1, 2, 3):
        yield vary(f"{count} questions alone", *asked_too[-count:] if number % 2 else asked_too[:count], day=80 + count)
    for check_in in (name for name in own if isinstance(items[name], CheckIn)):
        yield vary(check_in, _plan(programme, check_in), day=cast(CheckIn, items[check_in]).day)
    yield vary("closing, much met", _plan(programme, CLOSING), day=100, history=_much(programme, role))
    yield vary("closing, little met", _plan(programme, CLOSING), day=101, history=_little(programme, role))
    yield vary("closing, nothing met, tracked", _plan(programme, CLOSING), day=100, tracking=True)
    for openings in (("welcome_back",), ("dates_moved",), ("welcome_back", "dates_moved")):
        yield vary(f"tip, {' and '.join(openings)}", _plan(programme, tip), *asked, day=40, openings=openings)
    yield vary("questions alone, welcome_back", *asked, day=41, openings=("welcome_back",))
    for words, name in NAMES.items():
        yield vary(f"welcome to {words}", _plan(programme, WELCOME), day=-21, name=name, organisation=name)
    yield vary("tip under another brand", _plan(programme, turn(tips, 1)), *asked, day=15, settings=BRANDED)
    yield vary("tip under a logo", _plan(programme, turn(tips, 2)), *asked, day=16, settings=WITH_LOGO)
    yield vary("tip, with words to reply", _plan(programme, tip), *asked, day=33, settings=READ)
    yield vary("a question alone, with words to reply", asked[0], day=84, settings=READ)
    yield vary("welcome, plain", _plan(programme, WELCOME), day=-21, plain=True)
    yield vary("tip, plain", _plan(programme, tip), _plan(programme, rider, "with"), *asked, day=29, plain=True)
    yield vary("resource, plain, tracked", _plan(programme, resource), asked[1], day=64, plain=True, tracking=True)
    for words, notice in NOTICES.items():
        name = turn(list(NAMES.values())) if notice.says == "correction" else "Sam Sample"
        yield _tell(f"{role.id}: {words}", notice, role=role.id, name=name, to_hr=notice.says == "correction")
    for words, digest in DIGESTS.items():
        yield _tell(f"{role.id}: {words}", digest, role=role.id, to_hr=True)
    yield _tell(f"{role.id}: left, plain", NOTICES["left"], role=role.id, plain=True)


def _track(mode: str) -> Settings:
    return SETTINGS.model_copy(update={"open_tracking": mode})


def _build(
    what: str,
    items: Sequence[PlannedItem],
    *,
    day: int,
    role: str,
    openings: tuple[Opening, ...] = (),
    settings: Settings = SETTINGS,
    history: History | None = None,
    **leader: Any,
) -> Variant:
    local = START + timedelta(days=day)
    nudge = build_planned(
        f"{local} 08:30", day=day, local_date=local, items=tuple(items), openings=openings, ordinal=30
    )
    enrolment = build_enrolment(leader=build_leader(**leader), role=role)
    return Variant(
        name=what,
        says=nudge,
        leaves_at=nudge.slot,
        enrolment=enrolment,
        history=history or History(),
        settings=settings,
    )


def _tell(what: str, notice: Notice | Digest | Week, *, role: str, to_hr: bool = False, **leader: Any) -> Variant:
    enrolment = build_enrolment(leader=build_leader(**leader), role=role)
    return Variant(name=what, says=notice, leaves_at=at("2027-02-12 10:07"), enrolment=enrolment, to_hr=to_hr)


def _plan(programme: Programme, item: str, placed: PlacedAs | None = None, *, late: bool = False) -> PlannedItem:
    kind = programme.items[item].kind
    usual: dict[str, PlacedAs] = {"tip": "new", "resource": "new", "check-in": "check-in", "message": "message"}
    return PlannedItem(item=item, kind=kind, placed=placed or usual[kind], late=late)


def _bring(programme: Programme, role: Role, kind: type[Tip | Resource], number: int) -> tuple[PlannedItem, ...]:
    """An item with its rider, as a sequence brings them: the role's own where it has one."""
    steps = [step for other in (role, *programme.roles.values()) for step in other.steps if step.riders]
    found = [step for step in steps if isinstance(programme.items[step.item], kind)]
    step = found[number % sum(step in role.steps for step in found)] if found[0] in role.steps else found[0]
    return (_plan(programme, step.item), *(_plan(programme, rider, "with") for rider in step.riders))


def _ask(item: str, question: QuestionKind) -> PlannedItem:
    kind = shipped_programme().items[item].kind
    return PlannedItem(item=item, kind=kind, placed="prompt", question=question)


def _late_tip(programme: Programme, tips: Sequence[str]) -> str:
    return next(name for name in tips if cast(Tip, programme.items[name]).late)


def _much(programme: Programme, role: Role) -> History:
    """All of the role's items met, each tip asked about three times and answered now and then."""
    answers: tuple[Answer | None, ...] = ("using", None, "nearly", "using", "forgot")
    nudges: list[SentNudge] = []
    for number, name in enumerate(role.item_ids):
        item = programme.items[name]
        met = SentItem(item=name, kind=item.kind, placed=_plan(programme, name).placed)
        asked = [
            SentItem(
                item=name, kind=item.kind, placed="prompt", question=question.kind, answer=answers[(number + at) % 5]
            )
            for at, question in enumerate(item.questions)
        ]
        nudges.append(_sent(number + 1, met, *asked))
    return History(nudges=tuple(nudges), next_ordinal=len(nudges) + 1)


def _little(programme: Programme, role: Role) -> History:
    tip = next(name for name in role.item_ids if isinstance(programme.items[name], Tip))
    return History(nudges=(_sent(1, SentItem(item=tip, kind="tip", placed="new")),), next_ordinal=2)


def _sent(ordinal: int, *items: SentItem) -> SentNudge:
    on = START + timedelta(days=2 * ordinal)
    return SentNudge(ordinal=ordinal, at=at(f"{on} 08:30"), local_date=on, items=items)
