"""Ids and addresses that more than one row claims, within a file or across files."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from config.problems import Problem
from config.reading.leader_rows import Row
from config.reading.passage import Key
from config.reading.shapes import name_key
from config.reading.wording import show


@dataclass(frozen=True, slots=True)
class _Claim:
    """A word that says who a row is about, and where it stands."""

    row: Row
    word: str
    keys: tuple[Key, ...]

    @property
    def name(self) -> str:
        return str(self.keys[0])


def find_duplicates(rows: Iterable[Row]) -> list[Problem]:
    """One problem for each second claim, at its place and naming the first. Letters compare without regard to case."""
    first_claims: dict[str, _Claim] = {}
    problems: list[Problem] = []
    for row in rows:
        for claim in _claims_of(row):
            earlier = first_claims.setdefault(claim.word.strip().lower(), claim)
            if earlier is not claim:
                problems.append(_explain(claim, earlier))
    return problems


def _claims_of(row: Row) -> Iterable[_Claim]:
    """Ids and addresses share one space of names, as a leader is known by either. An id may repeat the own address."""
    email, identity, formerly = row.read("email"), row.read("id"), row.read("formerly")
    if isinstance(email, str) and email.strip():
        yield _Claim(row, email, ("email",))
    if isinstance(identity, str | int) and str(identity).strip() and str(identity).lower() != str(email).lower():
        yield _Claim(row, str(identity), ("id",))
    for place, old in enumerate(cast("list[object]", formerly) if isinstance(formerly, list) else []):
        if isinstance(old, str) and old.strip():
            yield _Claim(row, old, ("formerly", place))


def _explain(claim: _Claim, earlier: _Claim) -> Problem:
    passage = earlier.row.passage
    line, column = passage.at(*earlier.keys)
    if earlier.row is claim.row:
        words = f"{show(claim.word)} is this leader's own {earlier.name} already; remove it here"
    else:
        words = (
            f"{show(claim.word)} is the {earlier.name} of {passage.path}:{line}:{column} already; keep one of the two"
        )
    return claim.row.passage.problem(name_key(claim.name, words), *claim.keys)
