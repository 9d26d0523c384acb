"""What a time, a zone, a working week or a holiday calendar in a config file may be."""

import re
from datetime import time
from functools import cache, lru_cache
from typing import Annotated, cast
from zoneinfo import available_timezones

from holidays import country_holidays, list_supported_countries
from pydantic import AfterValidator, BeforeValidator, ValidatorFunctionWrapHandler, WrapValidator

from config.reading.fields import as_text, described, wrong
from config.reading.wording import kind_of, nearest, show, suggest

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile("([0-9]{1,2}):([0-9]{2})(:00)?")
_HOLIDAYS_CODE = re.compile("([A-Z]{2})(?:-(.{1,37}))?")
_UNITED_KINGDOM = {
    "england": "GB-ENG",
    "wales": "GB-WLS",
    "scotland": "GB-SCT",
    "northern ireland": "GB-NIR",
    "uk": "GB-ENG, GB-WLS, GB-SCT or GB-NIR",
    "united kingdom": "GB-ENG, GB-WLS, GB-SCT or GB-NIR",
}


@described(type="string", pattern=f"^{_CLOCK.pattern}$", examples=["08:30"])
def clock_time(value: object) -> time:
    """A time of day written 08:30, in 24 hours."""
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise wrong(f"should be a time of day and is {kind_of(value)}; write it like 08:30")
    hour, minute = int(found.group(1)), int(found.group(2))
    if hour > 23 or minute > 59:
        raise wrong(f"{show(value)} is no time of day; write one from 00:00 to 23:59")
    return time(hour, minute)


@cache
def known_zones() -> frozenset[str]:
    """The names of the world's time zones, without those that depend on the machine."""
    return frozenset(available_timezones()) - {"localtime", "Factory"}


@described(type="string", examples=["Europe/London"])
def zone(value: object) -> str:
    """An IANA time zone: Europe/London."""
    text = as_text(value)
    if text in known_zones():
        return text
    city = [name for name in sorted(known_zones()) if name.lower().endswith("/" + text.lower().replace(" ", "_"))]
    meant = city[0] if city else nearest(text, sorted(known_zones()))
    raise wrong(f"{show(text)} is no time zone; " + (f"did you mean {meant}?" if meant else "write Europe/London"))


@described(type="string", examples=["GB-ENG", "GB-WLS", "GB-SCT", "GB-NIR", "none"])
def holidays_code(value: object) -> str:
    """A calendar of public holidays: GB-ENG, any country or region the holidays library knows, or none."""
    text = as_text(value)
    if text.lower() == "none":
        return "none"
    country, dash, region = text.partition("-")
    for code in (text, text.upper(), f"{country.upper()}{dash}{region.title()}"):
        if _has_holidays(code):
            return code
    raise wrong(f"{show(text)} is no calendar of public holidays; {_advise_on_holidays(text)}")


@lru_cache(maxsize=1024)
def _has_holidays(code: str) -> bool:
    found = _HOLIDAYS_CODE.fullmatch(code)
    if found is None:
        return False
    try:
        calendar = country_holidays(found.group(1))
    except NotImplementedError:
        return False
    if getattr(calendar, "country", "") != found.group(1):  # an alias, such as UK
        return False
    return found.group(2) is None or found.group(2) in calendar.subdivisions


def _advise_on_holidays(text: str) -> str:
    if text.lower() in _UNITED_KINGDOM:
        return f"did you mean {_UNITED_KINGDOM[text.lower()]}?"
    countries = list_supported_countries(include_aliases=False)
    country = text[:2].upper()
    codes = [country, *(f"{country}-{region}" for region in countries.get(country, ()))]
    if country in countries:
        return suggest(text, codes[1:] or codes)
    return "write a country and region like GB-ENG, or none"


@described(enum=[*WEEKDAYS, *_WEEKDAY_NAMES])
def weekday(value: object) -> int:
    """A day of the week by its first three letters or its whole name; Monday is 0."""
    name = value.strip().lower() if isinstance(value, str) else ""
    if name in _WEEKDAY_NAMES:
        return _WEEKDAY_NAMES.index(name)
    if name not in WEEKDAYS:
        meant = nearest(name, _WEEKDAY_NAMES)
        raise wrong(f"{show(value)} is no day; {suggest(meant[:3] if meant else name, WEEKDAYS)}")
    return WEEKDAYS.index(name)


def _check_week(days: tuple[int, ...]) -> tuple[int, ...]:
    if not days:
        raise wrong("is an empty list; name at least one day, or delete the line")
    twice = [WEEKDAYS[day] for day in sorted(set(days)) if days.count(day) > 1]
    if twice:
        raise wrong(f"{twice[0]} stands here twice; keep it once")
    return tuple(sorted(days))


def _unless_given(value: object, check: ValidatorFunctionWrapHandler) -> tuple[int, ...]:
    """Numbers are for code alone: a file says mon, never 0."""
    return cast("tuple[int, ...]", value if isinstance(value, tuple) else check(value))


ClockTime = Annotated[time, BeforeValidator(clock_time)]
TimeZone = Annotated[str, BeforeValidator(zone)]
Holidays = Annotated[str, BeforeValidator(holidays_code)]
_Weekday = Annotated[int, BeforeValidator(weekday)]
WorkingDays = Annotated[tuple[_Weekday, ...], WrapValidator(_unless_given), AfterValidator(_check_week)]
