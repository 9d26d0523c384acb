"""Enrolments and plans follow config when its content changed."""

import json
import logging
from datetime import datetime

from sqlalchemy.orm import Session

from models.database import Database
from models.outbox import drop_planned_of
from models.roster import RosterError, sync_rosters
from models.store import get_state, set_state
from scheduler.live_config import ConfigReading

_SYNCED = "config_synced"
_PLANNED_FROM = "programmes_planned"
_log = logging.getLogger(__name__)


def bring_in(database: Database, config: ConfigReading, *, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Brings the enrolments in line with config, all or none; gives how many are new, and what stands in the way."""
    try:
        with database.sessions.begin() as session:
            enrolled = _sync(session, config, now=now)
            _drop_changed_programmes(session, config)
    except RosterError as error:
        return 0, error.problems
    return enrolled, ()


def _sync(session: Session, config: ConfigReading, *, now: datetime) -> int:
    if get_state(session, _SYNCED) == config.roster_digest:
        return 0
    changes = sync_rosters(session, config.roster, now=now)
    for change in changes:
        _log.info("%s, %s: %s", change.name, change.programme, change.detail)
    set_state(session, _SYNCED, config.roster_digest)
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
