"""Enrolments and plans follow config when its content changed."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models.database import Database
from models.domain import RosterEntry
from models.erasing import SYNCED, read_erasures, refuse_erased, warn_of_lost_keys
from models.outbox import drop_planned_of
from models.pseudonyms import Pseudonyms
from models.roster import RosterError, sync_rosters
from models.store import get_state, set_state
from scheduler.live_config import ConfigReading

_PLANNED_FROM = "programmes_planned"
Roster = Mapping[str, Sequence[RosterEntry]]
_log = logging.getLogger(__name__)


def bring_in(
    database: Database, config: ConfigReading, *, pseudonyms: Pseudonyms | None = None, now: datetime
) -> tuple[int, tuple[str, ...]]:
    """Brings the enrolments in line with config, all or none; gives how many are new, and what stands in the way.

    With `pseudonyms`, rows of people who were erased are left out and named, and the others go on.
    """
    try:
        with database.sessions.begin() as session:
            roster, refused = config.roster, ()
            if pseudonyms is not None:
                roster, refusals = refuse_erased(session, config.roster, pseudonyms)
                lost = warn_of_lost_keys(read_erasures(session).values(), pseudonyms)
                refused = (*map(str, refusals), *([lost] if lost else []))
            enrolled = _sync(session, roster, digest=config.roster_digest, now=now)
            _drop_changed_programmes(session, config)
    except RosterError as error:
        return 0, error.problems
    return enrolled, refused


def _sync(session: Session, roster: Roster, *, digest: str, now: datetime) -> int:
    if get_state(session, SYNCED) == digest:
        return 0
    changes = sync_rosters(session, roster, now=now)
    for change in changes:  # no name and no address: a log is read by others, and kept elsewhere
        _log.info("enrolment %d, %s: %s", change.enrolment_id, change.programme, change.what)
    set_state(session, SYNCED, digest)
    return sum(change.what == "enrolled" for change in changes)


def _drop_changed_programmes(session: Session, config: ConfigReading) -> None:
    """Takes back what was planned from an earlier wording or order of a programme."""
    before = get_state(session, _PLANNED_FROM)
    after = json.dumps(config.programme_digests, sort_keys=True)
    if before != after:
        known: dict[str, str] = json.loads(before or "{}")
        for programme, digest in config.programme_digests.items():
            if known.get(programme) != digest:
                drop_planned_of(session, programme)
        set_state(session, _PLANNED_FROM, after)
