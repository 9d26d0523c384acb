"""Hits on the mails of many, from one address and agent within a minute: one machine that reads for all of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from scheduler.runs import find_runs
from scheduler.telltales import CROWD_SIZE, CROWD_SPAN, IMAGE_PROXIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """As much of a hit as tells whose mail it was on, and who made it."""

    event_id: int
    mail_id: int
    enrolment_id: int
    at: datetime
    origin: str
    agent: str

    @property
    def maker(self) -> tuple[str, str]:
        return self.origin, self.agent


def find_crowds(footprints: Iterable[Footprint]) -> dict[int, set[int]]:
    """The hits of crowds, by mail. `footprints`: those of one maker together, in order of time.

    A proxy that fetches images when people open their mail is no crowd, nor is a hit that does not say who made it.
    """
    found: dict[int, set[int]] = defaultdict(set)
    for (origin, agent), hits in groupby(footprints, key=lambda hit: hit.maker):
        if not origin or not agent or any(part in agent.lower() for part in IMAGE_PROXIES):
            continue
        made = tuple(hits)
        for place in find_runs([(hit.at, hit.enrolment_id) for hit in made], span=CROWD_SPAN, least=CROWD_SIZE):
            found[made[place].mail_id].add(made[place].event_id)
    return dict(found)
