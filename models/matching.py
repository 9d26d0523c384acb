"""Who a roster speaks of: each of its entries joined to the leader we know, if we do."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, String, or_, select
from sqlalchemy.orm import Session

from models.domain import RosterEntry
from models.tables import EnrolmentRow, LeaderRow, MailRow


class RosterError(Exception):
    """The rosters contradict each other or what is kept; each problem says where and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Known:
    """The leaders and enrolments that are kept."""

    leaders: tuple[LeaderRow, ...]
    enrolments: Mapping[int, tuple[EnrolmentRow, ...]]  # by leader
    by_address: Mapping[str, tuple[LeaderRow, ...]]  # in lower case

    def is_held(self, leader: LeaderRow) -> bool:
        """Whether no source speaks of this leader any more."""
        return all(row.held_at is not None for row in self.enrolments.get(leader.id, ()))


@dataclass(frozen=True, slots=True)
class Match:
    """An entry of a source, and whom it means. `double`: the same person enrolled afresh, whom the history replaces."""

    source: str
    entry: RosterEntry
    leader: LeaderRow | None = None
    double: LeaderRow | None = None


def read_known(session: Session, *, about: RosterEntry | None = None) -> Known:
    """Everybody, whatever their source; or those whom one entry may mean, by any of its names."""
    wanted = select(LeaderRow).order_by(LeaderRow.id)
    if about is not None:
        wanted = wanted.where(LeaderRow.id.in_(select_claimants(about)))
    leaders = tuple(session.scalars(wanted))
    enrolments: dict[int, list[EnrolmentRow]] = defaultdict(list)
    kept = select(EnrolmentRow).order_by(EnrolmentRow.id)
    if about is not None:
        kept = kept.where(EnrolmentRow.leader_id.in_(leader.id for leader in leaders))
    for row in session.scalars(kept):
        enrolments[row.leader_id].append(row)
    by_address: dict[str, list[LeaderRow]] = defaultdict(list)
    for leader in leaders:
        by_address[leader.email.lower()].append(leader)
    return Known(
        leaders=leaders,
        enrolments={leader_id: tuple(rows) for leader_id, rows in enrolments.items()},
        by_address={address: tuple(rows) for address, rows in by_address.items()},
    )


def select_claimants(entry: RosterEntry) -> Select[int]:
    """The leaders who have the identity, the address or an earlier address that an entry names.

    By the indexes, which know letters as they are: config gives every address in small ones.
    """
    addresses = {address.lower() for address in (entry.leader.email, *entry.formerly)}
    return select(LeaderRow.id).where(or_(LeaderRow.key == entry.leader.key, LeaderRow.email.in_(sorted(addresses))))


def match_entries(session: Session, rosters: Mapping[str, Sequence[RosterEntry]], known: Known) -> tuple[Match, ...]:
    """Each entry's match, by its identity, else its address, else an earlier address; in the order of identities.

    Raises RosterError with every problem found: somebody named twice, or another source's already, an earlier address
    that is somebody else's, words longer than are kept.
    """
    named = sorted(
        (Match(source, entry) for source, roster in rosters.items() for entry in roster),
        key=lambda match: (match.entry.leader.key, match.source, match.entry.origin),
    )
    problems = [*_find_doubled(named), *_find_too_long(named)]
    if problems:
        raise RosterError(problems)
    former = _find_former(named, known)
    joined = _join(named, known, former, problems)
    problems += _find_foreign(joined, known, sources=set(rosters))
    if problems:
        raise RosterError(problems)
    taken = {match.leader.id for match in joined if match.leader is not None}
    return tuple(_bring_history(session, match, known, former, taken) for match in joined)


# ---------------------------------------------------------------- joining


def _find_former(named: Iterable[Match], known: Known) -> dict[str, LeaderRow]:
    """By identity: the leader kept under one of the entry's earlier addresses."""
    former: dict[str, LeaderRow] = {}
    for match in named:
        rows = (row for address in match.entry.formerly for row in known.by_address.get(address.lower(), ()))
        row = next((row for row in rows if row.key != match.entry.leader.key), None)
        if row is not None:
            former[match.entry.leader.key] = row
    return former


def _join(
    named: Sequence[Match], known: Known, former: Mapping[str, LeaderRow], problems: list[str]
) -> tuple[Match, ...]:
    by_key = {row.key: row for row in known.leaders}
    own = {match.entry.leader.key: by_key.get(match.entry.leader.key) for match in named}
    taken = {row.id: match for match in named if (row := own[match.entry.leader.key]) is not None}
    same = {match.entry.leader.key: _find_same_address(match.entry, known, taken) for match in named}
    # an earlier address is somebody's own word, so it goes before the guess from an equal address
    for match in named:
        key = match.entry.leader.key
        if own[key] is not None or same[key] is not None or key not in former:
            continue
        other = taken.setdefault(former[key].id, match)
        if other is not match:
            problems.append(
                f"{_say_place(match)}: formerly names {former[key].email}, which is the address of "
                f"{other.entry.leader.name} ({_say_place(other)}); give both an id, or take it out of formerly"
            )
        own[key] = former[key]
    for match in named:
        row = same[match.entry.leader.key]
        if own[match.entry.leader.key] is None and row is not None and taken.setdefault(row.id, match) is match:
            own[match.entry.leader.key] = row
    return tuple(replace(match, leader=own[match.entry.leader.key]) for match in named)


def _find_same_address(entry: RosterEntry, known: Known, taken: Collection[int]) -> LeaderRow | None:
    """The leader with the entry's address, when an id was given or dropped; two ids are two people."""
    address = entry.leader.email.lower()
    rows = (
        row
        for row in known.by_address.get(address, ())
        if row.id not in taken and address in (row.key, entry.leader.key)
    )
    return min(rows, key=lambda row: (known.is_held(row), row.id), default=None)


def _bring_history(
    session: Session, match: Match, known: Known, former: Mapping[str, LeaderRow], taken: Collection[int]
) -> Match:
    """Somebody enrolled afresh, whose earlier address is named only now, gets the history, unless mail left since."""
    row = former.get(match.entry.leader.key)
    if row is None or match.leader is None or row.id in taken or not known.is_held(row):
        return match
    if _was_written_to(session, match.leader):
        return match
    return replace(match, leader=row, double=match.leader)


def _was_written_to(session: Session, leader: LeaderRow) -> bool:
    of_leader = select(MailRow.id).join(EnrolmentRow).where(EnrolmentRow.leader_id == leader.id)
    tried = of_leader.where(or_(MailRow.state != "planned", MailRow.tries > 0))
    return session.scalar(tried.limit(1)) is not None


# ---------------------------------------------------------------- problems


def _find_doubled(named: Iterable[Match]) -> Iterator[str]:
    seen: dict[tuple[str, str], Match] = {}
    for match in named:
        leader = match.entry.leader
        names = {("address", leader.email.lower()), ("id", leader.key)}
        names |= {("earlier address", address.lower()) for address in match.entry.formerly}
        for what, name in sorted(names):
            other = seen.setdefault((what, name), match)
            if other is not match and not (what == "id" and ("address", name) in names):
                yield (f"{_say_place(match)}: the {what} {name} stands in {_say_place(other)} too; keep one of the two")


def _find_foreign(matches: Iterable[Match], known: Known, *, sources: Collection[str]) -> Iterator[str]:
    """Leaders whom a source that is not being synced still speaks of."""
    for match in matches:
        rows = [*known.by_address.get(match.entry.leader.email.lower(), ()), *([match.leader] if match.leader else [])]
        enrolments = (enrolment for row in rows for enrolment in known.enrolments.get(row.id, ()))
        for source in sorted({row.source for row in enrolments if row.held_at is None} - set(sources)):
            yield (
                f"{_say_place(match)}: {match.entry.leader.email} is enrolled by {source} already; "
                f"take it out of {source} first"
            )


def _find_too_long(named: Iterable[Match]) -> Iterator[str]:
    for match in named:
        leader, entry = match.entry.leader, match.entry
        words = [(LeaderRow, "key", leader.key), (LeaderRow, "email", leader.email), (LeaderRow, "name", leader.name)]
        words += [(LeaderRow, "organisation", leader.organisation), (EnrolmentRow, "cohort", entry.cohort or "")]
        for row, column, value in words:
            kind = row.__table__.c[column].type
            longest = kind.length if isinstance(kind, String) else None
            if longest is not None and len(value) > longest:
                yield f"{_say_place(match)}: {column} is longer than {longest} characters; shorten it"


def _say_place(match: Match) -> str:
    return match.entry.origin or match.source
