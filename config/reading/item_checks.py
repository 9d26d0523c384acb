"""What the items of a programme must be to one another: prerequisites, windows, themes, skill sets, late wordings."""

from collections.abc import Iterator, Mapping, Sequence

from config.problems import Problem
from config.reading.items import FoundItem
from config.reading.programme_shapes import ProgrammeShape
from config.reading.wording import show, suggest
from models.domain import CLOSING, WELCOME, Item, Resource, Tip


def check_items(found: Sequence[FoundItem], programme: ProgrammeShape | None, folder: str) -> list[Problem]:
    """Everything that is wrong with the items taken together. Without a programme its words are not held against it."""
    problems: list[Problem] = []
    by_id: dict[str, FoundItem] = {}
    for one in found:
        first = by_id.setdefault(one.id, one)
        if first is not one:
            words = f"{one.id} is the {first.kind} {first.passage.path} already; rename one of the two files"
            problems.append(one.passage.problem_at((0, 0), words))
    for one in found:
        if isinstance(one.item, Tip | Resource):
            problems += [
                *_check_prerequisites(one, one.item, by_id),
                *_check_window(one, one.item, programme),
                *_check_late_policy(one, one.item),
                *_check_words(one, one.item, programme),
            ]
    for one in found:
        if one.kind == "message" and one.draft:
            words = f"state: every leader gets the {one.id}, so it cannot be a draft; write state: live"
            problems.append(one.passage.problem(words, "state"))
    for message in (WELCOME, CLOSING):
        if message not in by_id:
            words = f"the programme has no {message}; write messages/{message}.md"
            problems.append(Problem(path=folder, line=0, column=0, message=words))
    return problems + list(_find_cycles(by_id))


def _check_prerequisites(one: FoundItem, item: Item, by_id: Mapping[str, FoundItem]) -> Iterator[Problem]:
    asked_about = [known.id for known in by_id.values() if known.kind in ("tip", "resource")]
    for place, before in enumerate(item.after):
        if before not in by_id:
            words = f"after: {show(before)} is no item of this programme; {suggest(before, asked_about)}"
        elif before not in asked_about:
            words = f"after: {before} is a {by_id[before].kind}; only tips and resources can come first"
        else:
            continue
        yield one.passage.problem(words, "after", place)


def _find_cycles(by_id: Mapping[str, FoundItem]) -> Iterator[Problem]:
    """One problem for each ring of prerequisites, at the first of its items by name."""
    told: set[frozenset[str]] = set()
    for start in sorted(by_id):
        path = _path_back(start, by_id)
        if path and frozenset(path) not in told:
            told.add(frozenset(path))
            words = (
                f"after: {' waits for '.join([*path, start])}, so none of them can ever come; remove one of the waits"
            )
            yield by_id[start].passage.problem(words, "after")


def _path_back(start: str, by_id: Mapping[str, FoundItem]) -> list[str]:
    """The shortest way over prerequisites from an item back to itself, without the last step; empty where none is."""
    came_from: dict[str, str] = {}
    waiting = [start]
    for current in waiting:
        item = by_id[current].item
        for before in item.after if item is not None else ():
            if before == start:
                path = [current]
                while path[0] != start:
                    path.insert(0, came_from[path[0]])
                return path
            if before in by_id and before not in came_from:
                came_from[before] = current
                waiting.append(before)
    return []


def _check_window(one: FoundItem, item: Item, programme: ProgrammeShape | None) -> Iterator[Problem]:
    if item.latest_day < item.earliest_day:
        key = "latest_day" if one.passage.knows("latest_day") else "earliest_day"
        words = f"{key}: the window closes on day {item.latest_day}, before it opens on day {item.earliest_day}"
        yield one.passage.problem(f"{words}; swap or widen it", key)
    if programme is None:
        return
    for key, day in (("earliest_day", item.earliest_day), ("latest_day", item.latest_day)):
        if not programme.first_day <= day <= programme.last_day:
            words = f"{key}: day {day} is outside the programme; use {programme.first_day} to {programme.last_day}"
            yield one.passage.problem(words, key)


def _check_late_policy(one: FoundItem, item: Item) -> Iterator[Problem]:
    late = item.late if isinstance(item, Tip) else None
    if isinstance(item, Resource) and item.when_late == "late_wording":
        yield one.passage.problem("when_late: a resource has no late wording; write send or skip", "when_late")
    elif item.when_late == "late_wording" and late is None:
        words = "when_late: there is no late wording; add 'late:' with headline, subject, why and action"
        yield one.passage.problem(words, "when_late")
    elif item.when_late != "late_wording" and late is not None:
        words = f"late: this wording is never used with when_late: {item.when_late}; write when_late: late_wording"
        yield one.passage.problem_at(one.passage.at_key("late"), words)
    if isinstance(item, Resource) and item.address_checked and item.url is None:
        words = "address_checked: there is no url that was checked; add the url, or delete this line"
        yield one.passage.problem(words, "address_checked")


def _check_words(one: FoundItem, item: Item, programme: ProgrammeShape | None) -> Iterator[Problem]:
    if programme is None:
        return
    skill_sets = [skill_set.id for skill_set in programme.skill_sets]
    for place, skill_set in enumerate(item.skill_sets):
        if skill_set not in skill_sets:
            keys = ("skill_sets", "main") if place == 0 else ("skill_sets", "also", place - 1)
            words = f"{keys[1]}: {show(skill_set)} is no skill set; {suggest(skill_set, skill_sets)}"
            yield one.passage.problem(words, *keys)
    themes = list(dict.fromkeys(theme.id for theme in programme.themes))
    if one.theme is not None and one.theme not in themes:
        yield one.passage.problem(f"theme: {show(one.theme)} is no theme; {suggest(one.theme, themes)}", "theme")
    if one.theme is None and len(themes) > 1:
        yield one.passage.problem(f"theme is missing; the programme has several, so use one of: {', '.join(themes)}")
