"""Leaders that somebody wants in leaders.yaml: foreseen, written and brought about, by command and page alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from config.load import Inspection
from config.problems import ConfigError
from config.proposals import LEADERS_FILE, Proposal
from config.write import keep
from emails.compose import Composed
from models.database import Database
from models.domain import History, PlannedNudge
from models.erasing import SYNCED, Refusal
from models.pseudonyms import Pseudonyms
from models.roster import RosterError
from models.savings import (
    GOOD_FOR,
    Granted,
    Saving,
    find_receipt,
    forget_saving,
    note_saving,
    read_saving,
    read_savings,
    say_entry,
    tell_rows,
    write_receipt,
)
from models.store import get_state
from models.turns import take_turn
from scheduler.correcting import settle_granted
from scheduler.dispatch import Compose
from scheduler.effects import Effect, bring_in_line
from scheduler.live_config import ConfigReading, describe_config

SHOWN_MAILS = 4  # of a new leader


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The leaders' file, the enrolments that follow it, and what shows their mails."""

    folder: Path
    inspect: Callable[[], Inspection]  # all config as it stands now, right or wrong
    current: Callable[[], ConfigReading]  # what the service goes by
    database: Database
    pseudonyms: Pseudonyms
    compose: Compose


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a proposal would do: the changes, and the rows that would enrol nobody."""

    effects: Sequence[Effect]
    refusals: Sequence[Refusal]


class NotInForceError(Exception):
    """The file is written, and its change is not in force; the message says why."""


def foresee(registry: Registry, proposal: Proposal, *, now: datetime) -> Foreseen:
    """What the proposal does to enrolments and plans, tried and undone. Raises RosterError."""
    config = registry.current()
    wished = replace(config, roster={**config.roster, LEADERS_FILE: proposal.entries})
    return Foreseen(*bring_in_line(registry.database, wished, pseudonyms=registry.pseudonyms, now=now, dry_run=True))


def compose_first(registry: Registry, effect: Effect, *, now: datetime) -> list[tuple[PlannedNudge, Composed]]:
    """The first mails of a new leader, as they would leave; their links lead nowhere. Raises ComposeError."""
    enrolment = effect.enrolment
    programme = None if enrolment is None else registry.current().programmes.get(enrolment.programme)
    if enrolment is None or programme is None:
        return []
    nobody = replace(enrolment, id=0)  # a link of a leader's own is for the leader alone
    nudges = effect.coming[:SHOWN_MAILS]
    mails: list[tuple[PlannedNudge, Composed]] = []
    for place, nudge in enumerate(nudges):
        history = History(nudges=tuple(earlier.sent() for earlier in nudges[:place]), next_ordinal=nudge.ordinal)
        composed = registry.compose(nudge, mail_id=0, enrolment=nobody, programme=programme, history=history, now=now)
        mails.append((nudge, composed))
    return mails


# ---------------------------------------------------------------- written and brought about


def save(
    registry: Registry,
    proposal: Proposal,
    *,
    name: str,
    account: str | None,
    now: datetime,
    granted: Granted | None = None,
) -> Foreseen:
    """Writes the proposal and brings it about. Raises ConfigError, with nothing written, and NotInForceError.

    What is about to happen is noted first: after a death in between, the next tick does the rest, and so does the same
    press again.
    """
    pairs = [(one.what, one.entry, one.differences) for one in proposal.wanted if one.entry is not None]
    saving = Saving(name=name, account=account, at=now, rows=tell_rows(pairs), granted=granted)
    with registry.database.sessions.begin() as session:
        is_first = read_saving(session, name) is None
        if is_first:
            note_saving(session, saving)
    try:
        keep(proposal.draft)
    except ConfigError:
        if is_first:  # else the note is that of the same press, which may be at work just now
            with registry.database.sessions.begin() as session:
                forget_saving(session, name)
        raise
    return go_on(registry, name, now=now)


def go_on(registry: Registry, name: str, *, now: datetime) -> Foreseen:
    """Brings about what has been written, and ends the saving. Raises NotInForceError."""
    config, foreseen = bring_about(registry, now=now)
    with registry.database.sessions.begin() as session:
        end_saving(session, name, config, now=now)
    return foreseen


def bring_about(registry: Registry, *, now: datetime) -> tuple[ConfigReading, Foreseen]:
    """Brings the enrolments in line with the files as they are now. Raises NotInForceError."""
    try:
        config = describe_config(registry.inspect().config())
        effects, refusals = bring_in_line(
            registry.database, config, pseudonyms=registry.pseudonyms, now=now, dry_run=False
        )
    except (ConfigError, RosterError) as error:
        path = registry.folder / LEADERS_FILE
        raise NotInForceError(f"{path} is written, but not in force yet: {error}") from error
    return config, Foreseen(effects, refusals)


def end_saving(session: Session, name: str, config: ConfigReading, *, now: datetime) -> None:
    """What remains once a saving is in force: its lines in the audit, and a mail about a correction. Never commits."""
    take_turn(session.connection(), "roster")
    saving = read_saving(session, name)
    if saving is None:  # somebody has done it meanwhile
        return
    write_receipt(session, saving, now=saving.at)
    if saving.granted is not None:
        settle_granted(session, saving.granted, config, account=saving.account, now=now)
    forget_saving(session, name)


def end_savings(session: Session, config: ConfigReading, *, now: datetime) -> None:
    """Ends what a death has left unended: what is in force by now, and what has not come into force for a day."""
    savings = read_savings(session)
    if not savings or get_state(session, SYNCED) != config.roster_digest:
        return
    said = {say_entry(entry) for entries in config.roster.values() for entry in entries}
    for saving in savings:
        if all(row.says in said for row in saving.rows):
            end_saving(session, saving.name, config, now=now)
        elif now - saving.at > GOOD_FOR:
            forget_saving(session, saving.name)


def find_saved(session: Session, proposal: Proposal, name: str) -> int | None:
    """The receipt of a press that has been made before; None for a new one."""
    keys = [one.entry.leader.key for one in proposal.wanted if one.entry is not None]
    return find_receipt(session, keys, name)
