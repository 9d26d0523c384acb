"""What roles and sequences must be: made of known items, each once, with a welcome and a closing summary."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from config.problems import Problem
from config.reading.items import FoundItem
from config.reading.passage import Key, Passage
from config.reading.programme_shapes import ProgrammeShape, RolesShape, SequenceShape
from config.reading.wording import show, suggest
from models.domain import CLOSING, WELCOME, CheckIn, Resource, Tip


def check_roles(
    roles: RolesShape,
    passage: Passage,
    found: Sequence[FoundItem],
    programme: ProgrammeShape | None,
    paces: Collection[str] | None,
) -> list[Problem]:
    """Everything that is wrong with the roles and their sequences, and what no role meets."""
    by_id = {one.id: one for one in found}
    problems = list(_check_role_words(roles, passage, paces))
    for name, sequence in roles.sequences.items():
        where = passage.under("sequences", name)
        problems += _check_places(sequence, where, by_id)
        problems += _check_completeness(name, sequence, where, by_id)
        problems += _check_days(sequence, where, by_id, programme)
        problems += _warn_of_prerequisites(name, sequence, where, by_id)
        problems += _warn_of_drafts(sequence, where, by_id)
    used = {role.sequence for role in roles.roles}
    met = {item for name, sequence in roles.sequences.items() if name in used for _, item in _listed(sequence)}
    for one in found:
        if one.id not in met and not one.draft:
            words = f"no role meets {one.id}; give it a place in a sequence of roles.yaml"
            problems.append(one.passage.problem_at((1, 1), words, severity="warning"))
    return problems


def _listed(sequence: SequenceShape) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Every item that stands in the sequence, with the keys that lead to it."""
    for place, step in enumerate(sequence.items):
        yield ("items", place, "item"), step.item
        for rider, item in enumerate(step.riders):
            yield ("items", place, "with", rider), item
    for place, item in enumerate(sequence.optional):
        yield ("optional", place), item


def _check_role_words(roles: RolesShape, passage: Passage, paces: Collection[str] | None) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, role in enumerate(roles.roles):
        first = seen.setdefault(role.id, place)
        if first != place:
            line = passage.at("roles", first, "id")[0]
            yield passage.problem(f"id: {role.id} stands on line {line} already; rename one", "roles", place, "id")
        if paces is not None and role.pace not in paces:
            words = f"pace: {show(role.pace)} is no pace; {suggest(role.pace, paces)}"
            yield passage.problem(words, "roles", place, "pace")
        if role.sequence not in roles.sequences:
            words = f"sequence: {show(role.sequence)} is no sequence; {suggest(role.sequence, roles.sequences)}"
            yield passage.problem(words, "roles", place, "sequence")
    used = {role.sequence for role in roles.roles}
    for name in roles.sequences:
        if name not in used:
            words = f"no role uses the sequence {show(name)}; name it in a role, or remove it"
            yield passage.problem_at(passage.at_key("sequences", name), words, severity="warning")


def _check_places(sequence: SequenceShape, where: Passage, by_id: Mapping[str, FoundItem]) -> Iterator[Problem]:
    seen: dict[str, tuple[Key, ...]] = {}
    for keys, item in _listed(sequence):
        name = "item" if keys[-1] == "item" else str(keys[-2])
        one = by_id.get(item)
        if seen.setdefault(item, keys) != keys:
            line = where.at(*seen[item])[0]
            yield where.problem(f"{name}: {item} stands on line {line} of this sequence already; keep one", *keys)
        if one is None:
            yield where.problem(f"{name}: {show(item)} is no item; {suggest(item, by_id)}", *keys)
        elif name != "item" and one.kind not in ("tip", "resource"):
            yield where.problem(
                f"{name}: {item} is a {one.kind}, which has a place of its own; move it to items", *keys
            )
        elif name == "item" and isinstance(one.item, Resource) and one.item.url is None:
            words = f"item: {item} has no url, so it cannot come alone; put it under 'with:' of a related tip"
            yield where.problem(words, *keys)


def _check_completeness(
    name: str, sequence: SequenceShape, where: Passage, by_id: Mapping[str, FoundItem]
) -> Iterator[Problem]:
    steps = {step.item for step in sequence.items}
    place = where.at_key()
    for message in (WELCOME, CLOSING):
        if message not in steps:
            words = f"the sequence {show(name)} has no {message}; add it to its items"
            yield where.problem_at(place, words)
    for one in by_id.values():
        if one.kind == "check-in" and one.id not in steps and not one.draft:
            words = f"the sequence {show(name)} has no {one.id}; add it to its items"
            yield where.problem_at(place, words, severity="warning")


def _check_days(
    sequence: SequenceShape, where: Passage, by_id: Mapping[str, FoundItem], programme: ProgrammeShape | None
) -> Iterator[Problem]:
    for place, step in enumerate(sequence.items):
        keys = ("items", place, "day")
        if programme is not None and not programme.first_day <= step.day <= programme.last_day:
            words = f"day: {step.day} is outside the programme; use {programme.first_day} to {programme.last_day}"
            yield where.problem(words, *keys)
        item = by_id[step.item].item if step.item in by_id else None
        if isinstance(item, CheckIn):
            if item.day != step.day:
                words = f"day: {step.day} is not the day that {item.id} names itself, {item.day}; make them agree"
                yield where.problem(words, *keys, severity="warning")
        elif isinstance(item, Tip | Resource) and not item.earliest_day <= step.day <= item.latest_day:
            words = (
                f"day: {step.day} is outside the window of {item.id}, {item.earliest_day} to {item.latest_day}; "
                "move it, or widen the window"
            )
            yield where.problem(words, *keys, severity="warning")


def _warn_of_drafts(sequence: SequenceShape, where: Passage, by_id: Mapping[str, FoundItem]) -> Iterator[Problem]:
    for keys, item in _listed(sequence):
        if item in by_id and by_id[item].draft:
            words = f"{item} is a draft, so it stays out; write state: live in its file when it is ready"
            yield where.problem(words, *keys, severity="warning")


def _warn_of_prerequisites(
    name: str, sequence: SequenceShape, where: Passage, by_id: Mapping[str, FoundItem]
) -> Iterator[Problem]:
    sent = {item for keys, item in _listed(sequence) if keys[0] == "items"}
    for keys, item in _listed(sequence):
        one = by_id.get(item)
        if item not in sent or one is None or one.item is None:
            continue
        for before in one.item.after:
            if before in by_id and before not in sent and not by_id[before].draft:
                words = (
                    f"{item} waits for {before}, which the sequence {show(name)} does not hold; add it or drop the wait"
                )
                yield where.problem(words, *keys, severity="warning")
