"""One person's data for the person: what is kept about them, in sections and in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from emails.answer_names import NOT_READ_YET
from emails.words import write_date
from models.domain import Belief, Enrolment, Memory, QuestionKind, RosterEntry
from scheduler.calendar import WEEKDAYS, local_date
from scheduler.correcting import name_role
from scheduler.memory import retrievability
from web.facts import name_zone
from web.mails import find_programme
from web.outlook import name_item
from web.site import Site
from web.wording import LEAVING, WORDS

Rows = Mapping[str, Sequence[Mapping[str, Any]]]  # by table
Line = tuple[str, ...]

_WHO: Mapping[str, str] = {"config": "HR’s file", "leader": "You", "admin": "An admin", "system": "The service"}
_DID: Mapping[str, str] = {
    "enrolled": "enrolled you",
    "returned": "sending began again",
    "moved": "start date moved",
    "role_changed": "role changed",
    "withdrawn": "ended the programme for you",
    "paused": "paused",
    "resumed": "ended the pause",
    "updated": "changed",
    "held": "row missing from the file, so nothing was sent",
    "left": "left",
    "pace_chosen": "chose how many e-mails",
    "days_chosen": "chose the days",
    "send_at_chosen": "chose the time of day",
    "format_chosen": "chose the form of the e-mails",
    "tracking_chosen": "decided about opens and clicks",
    "correction_asked": "asked HR for a correction",
}
_HITS: Mapping[str, str] = {
    "open": "the e-mail’s picture was fetched",
    "click": "a link to something to read was followed",
    "page": "a page was looked at",
}
_STATES: Mapping[str, str] = {"in_doubt": "sent, and nobody knows whether it arrived", "sent": "sent"}
# How likely it is that something comes back, from this probability on.
_LIKELY = ((0.9, "almost certainly"), (0.7, "probably"), (0.4, "perhaps"), (0.0, "probably not"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, and below it sentences, named facts, or a table."""

    heading: str
    says: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    columns: Line = ()
    rows: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All that is told about: rows by table, the enrolments with what is believed to be remembered, HR's rows."""

    rows: Rows
    enrolments: tuple[Enrolment, ...]
    memories: Mapping[int, Memory]  # by enrolment; none where answers have been removed
    entries: tuple[RosterEntry, ...]
    names: frozenset[str]
    now: datetime

    @property
    def leader(self) -> Mapping[str, Any]:
        return self.rows["leaders"][0]

    def when(self, instant: datetime | None) -> str:
        """An instant in the leader's own time."""
        if instant is None:
            return "–"
        local = instant.astimezone(ZoneInfo(self.leader["time_zone"]))
        return f"{write_date(local.date())}, {local:%H:%M}"

    def enrolment(self, number: int | None) -> Enrolment | None:
        return next((one for one in self.enrolments if one.id == number), None)


def tell(site: Site, person: Person) -> tuple[Section, ...]:
    """Everything, section by section; those with nothing in them say so."""
    return (
        _tell_who(person),
        *(_tell_enrolment(site, person, enrolment) for enrolment in person.enrolments),
        _tell_mails(site, person),
        _tell_answers(site, person),
        _tell_own(site, person),
        *(_tell_memory(site, person, enrolment) for enrolment in person.enrolments),
        _tell_hits(person),
        _tell_consents(person),
        _tell_changes(person),
        _tell_file(person),
    )


# ---------------------------------------------------------------- who


def _tell_who(person: Person) -> Section:
    leader = person.leader
    days: list[int] = (
        leader["chosen_working_days"] if leader["chosen_working_days"] is not None else leader["working_days"]
    )
    spans: list[tuple[str, str | None]] = leader["away"]
    away = "; ".join(_say_span(first, last) for first, last in spans)
    earlier = ", ".join(sorted(person.names - {leader["email"].lower(), leader["key"]}))
    return Section(
        heading="Who you are here",
        facts=(
            ("Name", leader["name"]),
            ("E-mail address", leader["email"]),
            ("Known by", leader["key"]),
            ("Earlier addresses and ids", earlier or "none"),
            ("Organisation", leader["organisation"]),
            ("Time zone and public holidays", f"{name_zone(leader['time_zone'])}; {leader['holidays']}"),
            ("Days on which e-mail may come", ", ".join(WEEKDAYS[day] for day in days)),
            ("Time of day", leader["chosen_send_at"] or leader["send_at"]),
            ("Form", "text alone" if leader["chosen_format"] == "plain" else "designed"),
            ("Days away", away or "none"),
            ("Somebody else opens your mail", "yes" if leader["assistant_reads"] else "no"),
            ("On record since", person.when(leader["created_at"])),
        ),
    )


def _tell_enrolment(site: Site, person: Person, enrolment: Enrolment) -> Section:
    row = next(row for row in person.rows["enrolments"] if row["id"] == enrolment.id)
    programme = find_programme(site, enrolment)
    pauses = [pause for pause in person.rows["pauses"] if pause["enrolment_id"] == enrolment.id]
    said = [_say_span(pause["first"], pause["last"]) for pause in pauses]
    return Section(
        heading=enrolment.programme if programme is None else programme.name,
        facts=(
            ("Role", name_role(programme, enrolment.role)),
            ("Day 0, your start", write_date(enrolment.start_date)),
            ("Enrolled on", write_date(enrolment.enrolled_on)),
            ("Cohort", enrolment.cohort),
            ("How many e-mails", row["chosen_pace"] or row["pace"] or "as usual for the role"),
            ("Left out for you", ", ".join(name_item(site, enrolment, item) for item in row["skip"]) or "nothing"),
            ("Pauses", "; ".join(said) or "none"),
            ("You left", person.when(row["left_at"])),
            ("HR ended it", person.when(row["withdrawn_at"])),
            ("HR’s file says", f"{row['config_status']}{'' if row['held_at'] is None else ', and lacks your row now'}"),
        ),
    )


def _say_span(first: str | date, last: str | date | None) -> str:
    begins, ends = (date.fromisoformat(str(day)) if day else None for day in (first, last))
    until = "without an end" if ends is None else f"to {write_date(ends)}"
    return f"{'' if begins is None else write_date(begins)} {until}"


# ---------------------------------------------------------------- what was sent, and what came back


def _tell_mails(site: Site, person: Person) -> Section:
    rows = [
        (
            person.when(mail["ended_at"] if mail["state"] in _STATES else mail["slot"]),
            mail["subject"] or "not written yet",
            _STATES.get(mail["state"], mail["state"].replace("_", " ")),
            "; ".join(_list_items(site, person, mail)) or "–",
        )
        for mail in person.rows["mails"]
    ]
    return _table(
        "E-mails to you and about you",
        ("When", "Subject", "What became of it", "What it brought"),
        rows,
        nothing="None has been sent yet.",
    )


def _list_items(site: Site, person: Person, mail: Mapping[str, Any]) -> Iterator[str]:
    enrolment = person.enrolment(mail["enrolment_id"])
    for item in person.rows["mail_items"]:
        if item["mail_id"] == mail["id"] and enrolment is not None:
            title = name_item(site, enrolment, item["item"], late=item["late"])
            yield f"a question about “{title}”" if item["placed"] == "prompt" else f"“{title}”"


def _tell_answers(site: Site, person: Person) -> Section:
    items = {(item["mail_id"], item["position"]): item for item in person.rows["mail_items"]}
    rows: list[Line] = []
    for event in person.rows["events"]:
        item = items.get((event["mail_id"], event["position"]))
        enrolment = person.enrolment(event["enrolment_id"])
        if event["kind"] in ("answer", "unread", "check_in") and item is not None and enrolment is not None:
            title = name_item(site, enrolment, item["item"], late=item["late"])
            rows.append((person.when(event["at"]), title, _say_answer(event, item["question"])))
    removed = any(row["kept_counts"] is not None for row in person.rows["enrolments"])
    gone = ("Older answers, opens and clicks have been removed, as they are some months after a programme.",)
    section = _table("Your answers", ("When", "About", "What you pressed"), rows, nothing="You have not answered any.")
    return replace(section, says=(*section.says, *gone)) if removed else section


def _say_answer(event: Mapping[str, Any], kind: str | None) -> str:
    answer = event["value"].get("answer")
    if event["kind"] == "check_in":
        return "checked in"
    if event["kind"] == "unread":
        return NOT_READ_YET
    words = WORDS.get(cast(QuestionKind, kind))
    return str(answer) if words is None or answer is None else words.name(answer)


def _tell_own(site: Site, person: Person) -> Section:
    def about(row: Mapping[str, Any], item: str) -> str:
        enrolment = person.enrolment(row["enrolment_id"])
        return "–" if enrolment is None or not item else name_item(site, enrolment, item)

    notes = [(person.when(row["at"]), about(row, row["about"]), row["text"]) for row in person.rows["notes"]]
    habits = [
        (person.when(row["kept_at"]), about(row, row["item"]), "kept as a habit") for row in person.rows["habits"]
    ]
    return _table(
        "What is yours alone: notes and habits",
        ("When", "About", "What"),
        [*notes, *habits],
        nothing="You have written nothing down, and marked no habit.",
    )


# ---------------------------------------------------------------- what is believed


def _tell_memory(site: Site, person: Person, enrolment: Enrolment) -> Section:
    memory = person.memories.get(enrolment.id)
    beliefs: Mapping[str, Belief] = {} if memory is None else memory.beliefs
    today = (local_date(enrolment.leader, person.now) - enrolment.start_date).days
    rows: list[Line] = []
    for item, belief in sorted(beliefs.items()):
        chance = retrievability(belief, float(today))
        says = next(words for least, words in _LIKELY if chance >= least)
        rows.append((name_item(site, enrolment, item), f"{says} ({round(100 * chance)} in 100)"))
    section = _table(
        "What we believe you remember",
        ("What you met", "Would it come back to you today?"),
        rows,
        nothing="Nothing is believed about you.",
    )
    how = (
        "Worked out from when each thing came and what you answered, by a general model of forgetting. It decides "
        "which questions come back and when, and nothing else. It is no judgement of you, and HR sees it only as a "
        f"mean over {site.settings.small_group} or more people."
    )
    return replace(section, says=(how,)) if rows else section


# ---------------------------------------------------------------- the rest


def _tell_hits(person: Person) -> Section:
    subjects = {mail["id"]: mail["subject"] or "" for mail in person.rows["mails"]}
    rows = [
        (
            person.when(event["at"]),
            _HITS[event["kind"]],
            subjects.get(event["mail_id"], "–"),
            event["agent"] or "not recorded",
        )
        for event in person.rows["events"]
        if event["kind"] in _HITS
    ]
    return _table(
        "Opens, clicks and visits",
        ("When", "What", "Of the e-mail", "The program that came"),
        rows,
        nothing="None is on record.",
        says="Many of these are made by mail scanners. The address you came from is kept only as a code that cannot be "
        "turned back.",
    )


def _tell_consents(person: Person) -> Section:
    rows = [
        (person.when(row["at"]), "agreed" if row["tracking"] else "took it back", row["how"])
        for row in person.rows["consents"]
    ]
    columns = ("When", "You", "Where")
    return _table("Opens and clicks: your word", columns, rows, nothing="You have not been heard on it.")


def _tell_changes(person: Person) -> Section:
    rows = [
        (
            person.when(line["at"]),
            _WHO.get(line["actor"]) or str(line["actor"]),
            _DID.get(line["action"]) or str(line["action"]).replace("_", " "),
            _say_change(line["change"]),
        )
        for line in person.rows["audit"]
    ]
    return _table(
        "Who changed what", ("When", "Who", "What", "From what to what"), rows, nothing="Nothing was changed."
    )


def _say_change(change: Mapping[str, Any]) -> str:
    before: Mapping[str, Any] = change.get("before") or {}
    after: Mapping[str, Any] = change.get("after") or {}
    names = [name for name in {**before, **after} if before.get(name) is not None or after.get(name) is not None]
    return "; ".join(_say_field(name, before.get(name), after.get(name)) for name in names) or "–"


def _say_field(name: str, before: object, after: object) -> str:
    label = "" if name == "value" else f"{name.replace('_', ' ')}: "
    if before is None:
        return f"{label}{_say(after)}"
    return f"{label}{_say(before)} → {_say(after)}"


def _say(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_say(part)}" for name, part in cast("Mapping[str, object]", value).items() if part)
    if isinstance(value, list):
        return ", ".join(_say(part) for part in cast("list[object]", value)) or "none"
    text = str(value)
    instant, _, why = text.partition(": ")
    return f"{instant}: {LEAVING[why]}" if why in LEAVING else text


def _tell_file(person: Person) -> Section:
    rows = [(entry.origin, f"{entry.leader.name}, {entry.leader.email}", entry.status) for entry in person.entries]
    return _table(
        "Your row in HR’s file",
        ("Where", "Who", "Status"),
        rows,
        nothing="HR’s file has no row of yours now.",
    )


def _table(heading: str, columns: Line, rows: Iterable[Line], *, nothing: str, says: str = "") -> Section:
    found = tuple(rows)
    words = says if found else nothing
    return Section(heading=heading, says=(words,) if words else (), columns=columns if found else (), rows=found)
