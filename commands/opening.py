"""An installation opened from its settings: config read, database at the newest revision, mail and links ready."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from commands.weekly import compose_week, plan_weekly
from commands.wiring import OUT_OF_SERVICE, CommandError, Wiring
from config.load import (
    Config,
    Inspection,
    check_reading_age,
    find_config_dir,
    find_data_dir,
    inspect_config,
    load_config,
    load_content,
)
from config.problems import ConfigError, Problem, errors_among
from config.settings import Settings
from emails.compose import Composer
from emails.links import SHORTEST_SECRET, Links
from emails.transport import TransportError, open_transport
from models.accounts import read_accounts
from models.database import Database, migrate, open_database
from models.erasing import find_refused, warn_of_lost_keys
from models.failures import DatabaseError
from models.ledger import LEDGER, read_ledger
from models.pseudonyms import find_pseudonyms, keep_pseudonyms
from models.store import get_state, set_state
from rehearsal.storyboard.shelf import Shelf
from reports.editions import keep_editions
from reports.kept import bring_up_to_date
from reports.registry import PARTS
from reports.report import ReportContext
from scheduler.clock_guard import VIRTUAL, is_virtual
from scheduler.enrolling import Registry
from scheduler.erasing import Erasing, heed_ledger
from scheduler.last_good import LastGood
from scheduler.live_config import ConfigReading, LiveConfig
from scheduler.planning import next_nudge
from scheduler.retention import Retention
from scheduler.roomless import warn_of_misfits
from scheduler.tick import LAST_TICK, Installation
from scheduler.webhooks.signing import HookSecrets
from web.app import create_app
from web.looks import LooksError
from web.site import Site

KEY_FILE, OLD_KEY_FILE = "link.key", "link.key.old"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything a command works with."""

    settings: Settings
    config: LiveConfig
    database: Database
    installation: Installation
    erasing: Erasing
    registry: Registry
    site: Site
    hook_secrets: HookSecrets


def inspect_config_now(wiring: Wiring) -> tuple[Inspection | None, list[Problem]]:
    """All config, right or wrong, and what there is to say about it: errors, warnings, then what reads too hard."""
    try:
        inspection = inspect_config(find_config_dir(wiring.environ), wiring.environ, today=wiring.clock().date())
    except ConfigError as error:
        return None, list(error.problems)
    errors = errors_among(inspection.problems)
    problems = [*errors, *(problem for problem in inspection.problems if problem not in errors)]
    if not errors:
        problems += [*warn_of_misfits(inspection.config()), *warn_of_erased(wiring, inspection)]
    return inspection, problems + check_reading_age(inspection)


def warn_of_erased(wiring: Wiring, inspection: Inspection) -> list[Problem]:
    """A warning for each row of somebody who was erased, as far as the ledger in the data folder knows."""
    settings = inspection.settings
    try:
        erasures = read_ledger(settings.data).values()
    except DatabaseError as error:
        return [Problem(path=LEDGER, line=0, column=0, message=str(error))]
    if not erasures:
        return []
    pseudonyms = find_pseudonyms(settings.data, read_secrets(wiring, settings))
    entries = [entry for found in inspection.roster.values() for entry in found if entry.status != "withdrawn"]
    problems: list[Problem] = []
    for refusal in find_refused(entries, erasures, pseudonyms).values():
        path, _, line = refusal.origin.rpartition(":")
        problems.append(Problem(path=path, line=int(line), column=1, message=refusal.says, severity="warning"))
    lost = warn_of_lost_keys(erasures, pseudonyms)
    return problems + ([Problem(path=LEDGER, line=0, column=0, message=lost, severity="warning")] if lost else [])


def read_config(wiring: Wiring, roster_file: Path | None, *, patient: bool = False) -> LiveConfig:
    """All config, checked, and read again when it changes. Raises CommandError with a line for each problem.

    A patient reader goes on without a leaders' file that is broken, and with the last good state of any other.
    """
    folder = find_config_dir(wiring.environ)
    try:
        return LiveConfig(
            folder,
            lambda folder: read_config_now(wiring, roster_file, folder),
            load_content=(lambda folder: load_content(folder, wiring.environ)) if patient else None,
            last_good=LastGood(find_data_dir(folder, wiring.environ)) if patient else None,
        )
    except ConfigError as error:
        raise CommandError(str(error)) from error


@contextmanager
def open_house(wiring: Wiring, *, roster_file: Path | None = None, patient: bool = False) -> Generator[House]:
    """The installation, closed again afterwards. What stands in its way is a CommandError with one line.

    `patient`: a broken file need not, see `read_config`.
    """
    config = read_config(wiring, roster_file, patient=patient)
    settings = config.settings
    try:
        make_data_folder(settings.data)
        secrets = read_secrets(wiring, settings)
        links = Links(settings.public_url, secrets)
        database = open_database(settings.database)
    except DatabaseError as error:
        raise CommandError(str(error), exit_code=OUT_OF_SERVICE) from error
    except OSError as error:
        where = error.filename or settings.data
        raise CommandError(f"{where}: {error.strerror}; check FIRST100_DATA", exit_code=OUT_OF_SERVICE) from error
    try:
        migrate(database)
        virtual = mark_virtual(database, allowed=settings.allow_time_travel)
        erasing = Erasing(
            database=database,
            pseudonyms=keep_pseudonyms(settings.data, secrets),
            data=settings.data,
            mailboxes=find_mailboxes(settings),
        )
        heed_ledger(erasing)
        composer = Composer(settings, links)
        registry = build_registry(wiring, config, erasing, composer)
        yield House(
            settings=settings,
            config=config,
            database=database,
            installation=build_installation(wiring, config, erasing, composer, virtual=virtual),
            erasing=erasing,
            registry=registry,
            site=build_site(wiring, config, erasing, registry, links, hook_secrets=HookSecrets(secrets)),
            hook_secrets=HookSecrets(secrets),
        )
    except (DatabaseError, TransportError) as error:
        raise CommandError(str(error), exit_code=OUT_OF_SERVICE) from error
    finally:
        database.close()


def build_installation(
    wiring: Wiring, config: LiveConfig, erasing: Erasing, composer: Composer, *, virtual: bool
) -> Installation:
    """What a tick works with. Raises TransportError for an address of a mail server that cannot be used."""
    settings, database = config.settings, erasing.database
    return Installation(
        database=database,
        read_config=config.read,
        plan=next_nudge,
        compose=composer.compose_nudge,
        compose_notice=composer.compose_notice,
        compose_digest=composer.compose_digest,
        compose_week=partial(compose_week, database, composer, config, settings),
        weekly=plan_weekly(settings),
        hr_contact=settings.hr_contact,
        transport=open_transport(settings.mail_url, virtual=virtual),
        new_token=wiring.new_token,
        lease=timedelta(minutes=settings.lease_minutes),
        in_doubt_policy=settings.in_doubt_policy,
        erasing=erasing,
        retention=Retention(events_days=settings.retain_events_days, audit_months=settings.retain_audit_months),
        keep_figures=partial(keep_figures, database, settings.small_group),
        stopwatch=wiring.stopwatch,
    )


def build_registry(wiring: Wiring, config: LiveConfig, erasing: Erasing, composer: Composer) -> Registry:
    """What enrolling works with."""
    folder = find_config_dir(wiring.environ)
    return Registry(
        folder=folder,
        inspect=lambda: inspect_config(folder, wiring.environ, today=wiring.clock().date()),
        current=lambda: config.current,
        database=erasing.database,
        pseudonyms=erasing.pseudonyms,
        compose=composer.compose_nudge,
    )


def build_site(
    wiring: Wiring,
    config: LiveConfig,
    erasing: Erasing,
    registry: Registry,
    links: Links,
    *,
    hook_secrets: HookSecrets,
) -> Site:
    """What the pages work with."""
    return Site(
        database=erasing.database,
        settings=config.settings,
        programmes=lambda: config.current.programmes,
        links=links,
        now=wiring.clock,
        erasing=erasing,
        new_token=wiring.new_token,
        hook_secrets=hook_secrets,
        roster=lambda: [entry for entries in config.current.roster.values() for entry in entries],
        rehearse=Shelf(config.settings, wiring.clock).take,
        registry=registry,
    )


def keep_figures(
    database: Database, small_group: int, config: ConfigReading, now: datetime, stopping: Callable[[], bool]
) -> None:
    """Bring up to date what is kept for reports: see reports/kept.py and reports/editions.py."""
    context = ReportContext(programmes=config.programmes, tracking=config.tracking, small_group=small_group, now=now)
    bring_up_to_date(database, context, stopping=stopping)
    with database.reading() as session:
        seen = {account.organisations for account in read_accounts(session)}
    keep_editions(database, context, PARTS, seen, stopping=stopping)


def read_config_now(wiring: Wiring, roster_file: Path | None, folder: Path) -> Config:
    """All config of a folder at this moment. Raises ConfigError: a running service keeps its last good state."""
    return load_config(folder, wiring.environ, today=wiring.clock().date(), roster_file=roster_file)


def open_pages(house: House) -> FastAPI:
    """The web application. Raises CommandError where the look of its pages is not installed."""
    try:
        return create_app(house.site)
    except LooksError as error:
        raise CommandError(str(error), exit_code=OUT_OF_SERVICE) from error


def make_data_folder(folder: Path) -> None:
    """The folder of database, mailbox and key, for this account alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def read_secrets(wiring: Wiring, settings: Settings) -> tuple[bytes, ...]:
    """The keys of links, the one that signs first: the environment's, else the data folder's own, made on first start.

    The older ones only verify. A key that lies in the data folder goes on doing so when the environment brings another.
    """
    own, old = settings.data / KEY_FILE, settings.data / OLD_KEY_FILE
    if settings.secret is not None:
        first = settings.secret.get_secret_value().encode()
    else:
        if not own.exists():
            keep_new_key(own, wiring.new_secret())
        first = _read_key(own)
    older = [secret.get_secret_value().encode() for secret in settings.old_secrets]
    older += [_read_key(path) for path in (own, old) if path.exists()]
    return tuple(dict.fromkeys((first, *older)))


def _read_key(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) < SHORTEST_SECRET:
        raise CommandError(f"{path} holds no key; put the right one back, or move the file away")
    return key


def find_mailboxes(settings: Settings) -> tuple[Path, ...]:
    """The local mailboxes: the one in use, and the one that a trial before there was a mail server may have left."""
    own = settings.data / "mailbox"
    used = (
        Path(settings.mail_url.partition(":")[2].removeprefix("//"))
        if settings.mail_url.startswith("maildir:")
        else own
    )
    return tuple(dict.fromkeys((used, own)))


def keep_new_key(path: Path, key: bytes) -> None:
    """Writes a key file whole or not at all; one that another process made meanwhile stays."""
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def mark_virtual(database: Database, *, allowed: bool) -> bool:
    """Whether the database runs on a virtual clock. Raises CommandError where a real one's database would be turned."""
    with database.sessions.begin() as session:
        if is_virtual(session) or not allowed:
            return is_virtual(session)
        if get_state(session, LAST_TICK) is not None:
            raise CommandError(
                "FIRST100_ALLOW_TIME_TRAVEL is set, but this database has been used with the real clock; "
                "unset it, or name an empty folder with FIRST100_DATA"
            )
        set_state(session, VIRTUAL, "yes")
    return True
