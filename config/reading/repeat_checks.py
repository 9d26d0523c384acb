"""Warnings about items that say what another says already: its title, its subject, its question."""

from collections.abc import Iterator, Sequence

from config.problems import Problem
from config.reading.items import FoundItem
from config.reading.passage import Key
from models.domain import CheckIn, Item, Tip


def find_repeats(found: Sequence[FoundItem]) -> list[Problem]:
    """One warning for each text that stands in an earlier place already, capitals and the last stop apart."""
    first: dict[tuple[str, str], tuple[FoundItem, tuple[Key, ...]]] = {}
    problems: list[Problem] = []
    for one in found:
        for what, text, keys in _texts_of(one.item) if one.item is not None else ():
            plain = " ".join(text.lower().split()).rstrip(".?!")
            earlier, place = first.setdefault((what, plain), (one, keys))
            if (earlier, place) != (one, keys):
                where = f"{earlier.passage.path}:{earlier.passage.at(*place)[0]}"
                words = f"{keys[0] if isinstance(keys[-1], int) else keys[-1]}: the same stands in {where}"
                problems.append(one.passage.problem(f"{words}; {_ADVICE[what]}", *keys, severity="warning"))
    return problems


_ADVICE = {
    "title": "are they one item? Else give each a title of its own",
    "subject": "in the inbox they look like one mail, so write another",
    "question": "ask something else here",
}


def _texts_of(item: Item) -> Iterator[tuple[str, str, tuple[Key, ...]]]:
    yield "title", item.title, ("headline" if isinstance(item, Tip) else "title",)
    yield "subject", item.subject, ("subject",)
    for question in item.questions:
        yield "question", question.ask, ("questions", question.kind, "ask")
    if isinstance(item, CheckIn):  # two check-ins may well ask the same; one need not ask it twice
        for place, ask in enumerate(item.asks):
            yield "question", f"{item.id}: {ask}", ("asks", place)
