"""What was wrong at the last tick, a line each, and since when. Functions never commit."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from models.store import get_state, set_state

CONFIG_PROBLEMS = "config_problems"  # a line each
_SINCE = "config_problems_since"  # JSON: a hash of the problem without its place → instant; names nobody
_PLACE = re.compile(r":[0-9]+:[0-9]+: ")  # moves with every line above it


def keep_problems(session: Session, problems: Sequence[str], *, now: datetime) -> None:
    """Keep what is wrong now; what was wrong before stays so since then."""
    earlier = _read_since(session)
    since = {name: earlier.get(name, now.isoformat()) for name in map(_name, problems)}
    set_state(session, CONFIG_PROBLEMS, "\n".join(problems) or None)
    if since != earlier:
        set_state(session, _SINCE, json.dumps(since) if since else None)


def find_since(session: Session, problems: Sequence[str]) -> list[datetime | None]:
    """Since when each of these is wrong; None where the last tick did not know it."""
    since = _read_since(session)
    found = [since.get(_name(problem)) for problem in problems]
    return [None if instant is None else datetime.fromisoformat(instant) for instant in found]


def _read_since(session: Session) -> dict[str, str]:
    return json.loads(get_state(session, _SINCE) or "{}")


def _name(problem: str) -> str:
    return sha256(_PLACE.sub(": ", problem, count=1).encode("utf-8", "surrogatepass")).hexdigest()[:16]
