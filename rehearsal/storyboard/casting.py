"""The parts of a rehearsal: a sample person for each role and start date asked for. Nobody of them exists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from config.settings import Settings
from models.domain import Enrolment, Leader, Programme, Role

ENROLLED_DAYS_BEFORE = 35  # long enough for the tip that works best before day one
_NAMES = (
    "Alex Sample",
    "Robin Specimen",
    "Kim Example",
    "Jo Sample",
    "Sam Specimen",
    "Lee Example",
    "Ash Sample",
    "Max Specimen",
)
_ORGANISATION = "Example Hospitals"


class RehearsalError(Exception):
    """What was asked for cannot be rehearsed, and why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A sample leader in a role of a programme, from a start date."""

    programme: Programme
    enrolment: Enrolment

    @property
    def role(self) -> Role:
        return self.programme.roles[self.enrolment.role]

    @property
    def folder(self) -> str:
        """Where its files lie in a rehearsal's folder."""
        return f"{self.programme.id}/{self.role.id}/{self.enrolment.start_date}"


def cast_parts(
    settings: Settings,
    programmes: Mapping[str, Programme],
    *,
    roles: Sequence[str],
    starts: Sequence[date],
    enrolled: date | None = None,
) -> tuple[Part, ...]:
    """A part for each role (all of them without any named) and start date, in the order of the programmes' roles.

    `enrolled` is the day on which everybody is enrolled; five weeks before the start date without it. Raises
    RehearsalError for a role that no programme has.
    """
    known = [(programme, role) for programme in programmes.values() for role in programme.roles]
    for role in roles:
        if role not in {name for _, name in known}:
            raise RehearsalError(
                f"there is no role {role!r}; known: {', '.join(_each_once(name for _, name in known))}"
            )
    return tuple(
        Part(
            programme=programme,
            enrolment=_enrol(
                settings, programme, role, start, enrolled or start - timedelta(days=ENROLLED_DAYS_BEFORE)
            ),
        )
        for programme, role in known
        if not roles or role in roles
        for start in sorted(set(starts))
    )


def next_start(today: date) -> date:
    """The first Monday for which somebody enrolled today is enrolled early enough."""
    earliest = today + timedelta(days=ENROLLED_DAYS_BEFORE)
    return earliest + timedelta(days=-earliest.weekday() % 7)


def _enrol(settings: Settings, programme: Programme, role: str, start: date, enrolled: date) -> Enrolment:
    """An enrolment by the settings' calendar. Its leader's key, and with it every Message-ID, is its own."""
    name = _NAMES[list(programme.roles).index(role) % len(_NAMES)]
    leader = Leader(
        key=f"rehearsal {programme.id} {role} {start}",
        email=f"{name.lower().replace(' ', '.')}@example.org",
        name=name,
        organisation=_ORGANISATION,
        time_zone=settings.time_zone,
        holidays=settings.holidays,
        working_days=settings.working_days,
        send_at=settings.send_at,
        tracking=(settings.open_tracking or programme.open_tracking) == "on",
    )
    return Enrolment(
        id=1,
        leader=leader,
        programme=programme.id,
        role=role,
        start_date=start,
        enrolled_on=enrolled,
        cohort=f"{start:%Y-%m}",
    )


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
