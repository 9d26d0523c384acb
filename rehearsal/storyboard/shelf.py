"""The rehearsal of a role, made when somebody first asks to see it, and kept while what it is made of stays."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.settings import Settings
from models.domain import Programme
from rehearsal.storyboard.casting import cast_parts, next_start
from rehearsal.storyboard.layout import lay_out
from rehearsal.storyboard.mails import make_composer
from rehearsal.storyboard.sheets import Sheets
from rehearsal.storyboard.stage import stage_parts

MOST = 3  # rehearsals in memory, of some two megabytes each

Files = Mapping[str, bytes]


@dataclass(slots=True)
class Shelf:
    """Its files are those that `rehearse --role` writes."""

    settings: Settings
    clock: Callable[[], datetime]
    _kept: dict[tuple[str, str], tuple[Programme, date, Files]] = field(
        default_factory=dict[tuple[str, str], tuple[Programme, date, Files]]
    )
    _turn: threading.Lock = field(default_factory=threading.Lock)  # one is made at a time

    def take(self, programme: Programme, role: str) -> Files:
        """The files by their names. Raises RehearsalError for a role that the programme does not have."""
        today = self.clock().astimezone(ZoneInfo(self.settings.time_zone)).date()
        name = (programme.id, role)
        with self._turn:
            kept = self._kept.pop(name, None)
            if kept is None or kept[0] is not programme or kept[1] != today:
                kept = (programme, today, self._make(programme, role, today))
            self._kept[name] = kept  # the newest comes last
            while len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
            return kept[2]

    def _make(self, programme: Programme, role: str, today: date) -> Files:
        starts = (next_start(today),)
        parts = cast_parts(self.settings, {programme.id: programme}, roles=(role,), starts=starts, enrolled=None)
        return lay_out(Sheets(self.settings), stage_parts(make_composer(self.settings), parts))
