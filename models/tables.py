"""The mapped rows, and the one datetime type they use."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TextClause,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from models.domain import MailState

OPEN_STATES: tuple[MailState, ...] = ("planned", "claimed", "sending")
# Indexes over the few mails that still move. A query finds one only where it writes the state out: see `in_state`.
_OPEN_NUDGE = text("kind = 'nudge' AND state IN ('planned', 'claimed', 'sending')")
_PLANNED = text("state = 'planned'")
_LEASED = text("state IN ('claimed', 'sending')")
_IN_DOUBT = text("state = 'in_doubt'")
_PUT_OFF = text("state = 'planned' AND tries > 0")
_FAILED = text("state IN ('failed', 'failed_after_doubt')")
_SENT_NUDGE = text("kind = 'nudge' AND state = 'sent'")
_WAITING = text("state = 'waiting'")
CROWDED = text("crowd IS true")  # the few events of crowds, likewise
_NUMBERS_NEVER_RETURN = {"sqlite_autoincrement": True}  # a link in an erased leader's mail must not open another's page


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as naive UTC.

    SQLAlchemy's `DateTime(timezone=True)` drops the offset on SQLite without a word, so naive values are refused here.
    """

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone, this one has none: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _index_where(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


_PLAIN_ORDER = String(530).with_variant(String(530, collation="C"), "postgresql")  # as Python orders texts


class Row(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        bytes: LargeBinary,
        bool: Boolean,
        date: Date,
    }


class LeaderRow(Row):
    """A person. `chosen_*` are the leader's own choices: they stay apart from config, and win."""

    __tablename__ = "leaders"
    __table_args__ = (_NUMBERS_NEVER_RETURN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(320), unique=True)
    email: Mapped[str] = mapped_column(String(320), index=True)
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str] = mapped_column(String(200), index=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    holidays: Mapped[str] = mapped_column(String(40))
    working_days: Mapped[list[Any]]  # weekday numbers, Monday 0
    send_at: Mapped[str] = mapped_column(String(5))  # HH:MM, local
    away: Mapped[list[Any]]  # [[first, last], ...] ISO dates
    assistant_reads: Mapped[bool]
    source: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    chosen_working_days: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    chosen_send_at: Mapped[str | None] = mapped_column(String(5))
    chosen_format: Mapped[str | None] = mapped_column(String(8))  # plain: text without any HTML


class EnrolmentRow(Row):
    """A leader taking a programme."""

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("leader_id", "programme"), _NUMBERS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(primary_key=True)
    leader_id: Mapped[int] = mapped_column(ForeignKey("leaders.id", ondelete="CASCADE"))
    programme: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(80))
    start_date: Mapped[date]
    enrolled_on: Mapped[date]
    cohort: Mapped[str] = mapped_column(String(80))
    pace: Mapped[str | None] = mapped_column(String(20))
    skip: Mapped[list[Any]]
    config_status: Mapped[str] = mapped_column(String(12))  # active, paused, withdrawn: what config says
    held_at: Mapped[datetime | None]  # the row disappeared from its source
    left_at: Mapped[datetime | None]  # the leader's own leaving; only the leader undoes it
    source: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    chosen_pace: Mapped[str | None] = mapped_column(String(20))
    moved_at: Mapped[datetime | None]  # when the start date last moved so far that the leader is told
    withdrawn_at: Mapped[datetime | None]  # since when HR says withdrawn, in config or on the admin pages
    kept_counts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # once answers are removed


class MemoryRow(Row):
    """What a leader is believed to remember of an enrolment: a projection of what was sent and what came back."""

    __tablename__ = "memories"

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True)
    through: Mapped[int]  # the ordinal of the last nudge it counts
    made_from: Mapped[str] = mapped_column(String(32))  # a fingerprint of all it was worked out from
    opened: Mapped[float]  # Beta counts of mails opened and not
    unopened: Mapped[float]
    beliefs: Mapped[str] = mapped_column(Text)  # JSON: item → [stability in days, difficulty, day of last exposure]


class PauseRow(Row):
    """Local days on which an enrolment's count of days stands still; `last` null has no end yet."""

    __tablename__ = "pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"), index=True)
    first: Mapped[date]
    last: Mapped[date | None]
    by: Mapped[str] = mapped_column(String(12))  # leader, config, admin
    created_at: Mapped[datetime]


class ConsentRow(Row):
    """Each time a leader agreed to tracking or took it back; the newest counts."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    leader_id: Mapped[int] = mapped_column(ForeignKey("leaders.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    tracking: Mapped[bool]
    how: Mapped[str] = mapped_column(String(40))


class MailRow(Row):
    """Anything sent, through this one outbox. States: contract, "A mail's states"."""

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "ordinal"),
        _index_where("ix_mails_planned_due", "not_before", "id", where=_PLANNED),
        _index_where("ix_mails_planned_slot", "slot", where=_PLANNED),
        _index_where("ix_mails_leased", "lease_until", where=_LEASED),
        _index_where("ix_mails_in_doubt", "ended_at", where=_IN_DOUBT),
        _index_where("one_open_nudge", "enrolment_id", where=_OPEN_NUDGE, unique=True),
        _index_where("ix_mails_put_off", "not_before", where=_PUT_OFF),
        _index_where("ix_mails_failed", "ended_at", where=_FAILED),
        _index_where("ix_mails_sent_on", "local_date", "enrolment_id", where=_SENT_NUDGE),
        _NUMBERS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(320))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"))
    ordinal: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20))
    slot: Mapped[datetime]  # planned for; a retry moves `not_before`, never the slot
    not_before: Mapped[datetime]
    local_date: Mapped[date | None]
    day: Mapped[int | None]
    why: Mapped[str] = mapped_column(Text, default="")
    token: Mapped[str | None] = mapped_column(String(32))  # of the claim that holds it
    lease_until: Mapped[datetime | None]
    tracked: Mapped[bool] = mapped_column(default=False)  # it carried a pixel and tracked links
    subject: Mapped[str | None] = mapped_column(String(200))
    message_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    envelope_sender: Mapped[str | None] = mapped_column(String(320))  # where delivery reports go; bound with the bytes
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # what it says, if it is no nudge
    message: Mapped[bytes | None]  # bound at the first intent, kept until sent
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # sent, failed, in doubt, ...: when the state was reached


class MailItemRow(Row):
    """What a nudge says, bound with its bytes at the first intent."""

    __tablename__ = "mail_items"
    __table_args__ = (UniqueConstraint("mail_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"))
    position: Mapped[int]
    item: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    placed: Mapped[str] = mapped_column(String(12))
    question: Mapped[str | None] = mapped_column(String(12))
    late: Mapped[bool] = mapped_column(default=False)


class AttemptRow(Row):
    """One try at delivering a mail; append-only."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))  # sent, temporary, permanent, in_doubt, not_composed
    detail: Mapped[str] = mapped_column(Text)


class EventRow(Row):
    """The raw log: whatever came in from the web or in replies, as it came. Never changed; graded afterwards."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_mail_id_at", "mail_id", "at"),
        Index("ix_events_at", "at"),
        UniqueConstraint("mail_id", "nonce"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))  # open, click, page, answer, unread, check_in, mark, choice
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"), index=True)
    position: Mapped[int | None]  # of the mail's item
    method: Mapped[str] = mapped_column(String(8))
    agent: Mapped[str] = mapped_column(String(300))
    origin: Mapped[str] = mapped_column(String(32))  # keyed hash of the address it came from, never the address
    purpose: Mapped[str] = mapped_column(String(40), default="")  # Sec-Purpose, Purpose or X-Moz, as sent
    nonce: Mapped[str | None] = mapped_column(String(40))  # of the page a button was pressed on: once only
    value: Mapped[dict[str, Any]]


class HabitRow(Row):
    """A tip that a leader has made a habit of."""

    __tablename__ = "habits"
    __table_args__ = (UniqueConstraint("enrolment_id", "item"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(80))
    kept_at: Mapped[datetime]


class NoteRow(Row):
    """What a leader wrote, at a check-in or about a tip; for the leader alone, so no report reads it."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"), index=True)
    about: Mapped[str] = mapped_column(String(80))  # an item; "": nothing in particular
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class CorrectionRow(Row):
    """What a leader asked HR to put right. HR does so in config; nothing here changes an enrolment."""

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    role: Mapped[str | None] = mapped_column(String(80))
    start_date: Mapped[date | None]


class GradeRow(Row):
    """Who probably made a hit of the raw log, and the rule that said so: a projection, which can be made anew."""

    __tablename__ = "grades"
    __table_args__ = (_index_where("ix_grades_crowd", "mail_id", where=CROWDED),)

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    mail_id: Mapped[int]  # that of the event
    credence: Mapped[str] = mapped_column(String(12))  # human, suspect, machine, proxied
    why: Mapped[str] = mapped_column(String(80))
    crowd: Mapped[bool]  # its maker was at the mails of many just then: only the log as a whole shows that
    edition: Mapped[str] = mapped_column(String(12))  # of the rules that said so


class IncomingRow(Row):
    """A mail that came in and was dealt with, so that it is dealt with once; of what it said nothing is kept."""

    __tablename__ = "incoming"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(24), unique=True)  # a keyed hash of its Message-ID
    at: Mapped[datetime] = mapped_column(index=True)
    taken_as: Mapped[str] = mapped_column(String(20))  # answer, check_in, pause, ..., not_understood, report
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"), index=True)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), index=True)
    answered: Mapped[bool]  # it was answered by a mail of its own kind, of which there are few a day
    message: Mapped[bytes | None]  # of a report on a delivery: how it begins, until it has been read


class AuditRow(Row):
    """Who changed what about an enrolment, and when."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))  # config, leader, admin, system
    action: Mapped[str] = mapped_column(String(40))
    leader_key: Mapped[str] = mapped_column(String(320), index=True)
    programme: Mapped[str] = mapped_column(String(80))
    change: Mapped[dict[str, Any]]
    account: Mapped[str | None] = mapped_column(String(320))  # of the admin pages, where somebody did it there


class ErasureRow(Row):
    """Somebody erased: the names not to be enrolled again by mistake, as pseudonyms; the ledger holds them, too."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(40), unique=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(12))  # admin, leader, system
    names: Mapped[list[Any]]
    removed: Mapped[dict[str, Any]]  # what went → how much of it
    lifted_at: Mapped[datetime | None]  # the names may be enrolled again
    left_to_do: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # outside the tables


class AccountRow(Row):
    """Somebody who may see the admin pages."""

    __tablename__ = "accounts"
    __table_args__ = (Index("ix_accounts_openid", "openid_issuer", "openid_subject", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)  # in lower case
    role: Mapped[str] = mapped_column(String(12))  # viewer, hr, admin
    organisations: Mapped[list[Any]]  # whose leaders they see; empty: everybody's
    created_at: Mapped[datetime]
    password: Mapped[str | None] = mapped_column(String(200))  # argon2
    link: Mapped[str | None] = mapped_column(String(64), unique=True)  # hash of the one that sets a password
    link_until: Mapped[datetime | None]
    sign_in: Mapped[str] = mapped_column(String(12), server_default="password")  # or openid
    openid_issuer: Mapped[str | None] = mapped_column(String(300))  # who vouches for the account since it was bound
    openid_subject: Mapped[str | None] = mapped_column(String(255))  # and by which name


class AdminSessionRow(Row):
    """Somebody signed in, by the hash of what their browser holds."""

    __tablename__ = "admin_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignInTryRow(Row):
    """A try to sign in that has not succeeded, for each whom it counts against: an account, an address."""

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index("ix_sign_in_tries_against_at", "against", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    against: Mapped[str] = mapped_column(String(32))  # a keyed hash


class StandingRow(Row):
    """Where an enrolment stands, as the report `leaders` tells it: a projection, which can be made anew.

    It holds as long as nothing is noted of its enrolment in `touched`, `stale_at` is not reached, and it was made from
    the programmes and settings of today. `day` is kept so that it need not be written anew each day: on the
    leader's date D it is `stands_at`, or where that is null D less `day_zero`, both as ordinals.
    """

    __tablename__ = "standings"
    __table_args__ = (
        Index("ix_standings_about", "about", "programme"),
        Index("ix_standings_programme_cohort", "programme", "cohort", "status", "sent"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True)
    made_from: Mapped[str] = mapped_column(String(32), index=True)  # a fingerprint of programmes and settings
    stale_at: Mapped[datetime | None] = mapped_column(index=True)  # time alone changes it then
    about: Mapped[str] = mapped_column(_PLAIN_ORDER)  # name and address on two lines, as they are searched and sorted
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(80), index=True)
    organisation: Mapped[str] = mapped_column(String(200), index=True)
    cohort: Mapped[str] = mapped_column(String(80), index=True)
    programme: Mapped[str] = mapped_column(String(80))
    time_zone: Mapped[str] = mapped_column(String(64))
    start_date: Mapped[date]
    day_zero: Mapped[int]
    stands_at: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(12), index=True)
    sent: Mapped[int]
    opened: Mapped[int | None]
    engaged: Mapped[int]
    items_met: Mapped[int]
    items_total: Mapped[int | None]
    check_ins_done: Mapped[int]
    last_activity: Mapped[datetime | None]
    next_slot: Mapped[datetime | None]
    problem_count: Mapped[int] = mapped_column(index=True)
    problems: Mapped[list[Any]]
    mails_sent: Mapped[int]  # of all kinds, as the report `delivery` counts them
    mails_failed: Mapped[int]
    mails_failed_after_doubt: Mapped[int]
    mails_expired: Mapped[int]
    mails_cancelled: Mapped[int]
    mails_suppressed: Mapped[int]
    refused_hard: Mapped[int]
    refused_soft: Mapped[int]


class TouchedRow(Row):
    """Something was written about an enrolment since its standing was worked out: the database's triggers note it.

    One of the three says whose it is. Nothing is updated here, so writers never wait for each other.
    """

    __tablename__ = "touched"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int | None]
    mail_id: Mapped[int | None]
    leader_id: Mapped[int | None]


class EditionRow(Row):
    """Figures that reports tell of a week, worked out once at its turn and the same ever after."""

    __tablename__ = "editions"
    __table_args__ = (UniqueConstraint("scope", "week", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(32))  # whose leaders: of all, or a fingerprint of the organisations
    week: Mapped[date]  # the Monday at whose beginning it was so
    name: Mapped[str] = mapped_column(String(20))
    small_group: Mapped[int]  # the setting that it was suppressed by
    figures: Mapped[str] = mapped_column(Text)  # JSON
    made_at: Mapped[datetime]


class ApiKeyRow(Row):
    """A key by which another system speaks to the API; of the secret in it only a hash is kept."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    handle: Mapped[str] = mapped_column(String(16), unique=True)  # the key's public part, by which it is found
    secret_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[Any]]
    organisations: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))  # null: all
    created_at: Mapped[datetime]


class ApiRequestRow(Row):
    """A request that was fulfilled under an Idempotency-Key, so that it is fulfilled once; hashes of what was said."""

    __tablename__ = "api_requests"
    __table_args__ = (UniqueConstraint("api_key_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))  # a keyed hash of the Idempotency-Key
    content: Mapped[str] = mapped_column(String(64))  # a keyed hash of what was asked for
    enrolment: Mapped[int]  # that it made
    at: Mapped[datetime] = mapped_column(index=True)


class HappeningRow(Row):
    """Something that other systems are told of, in the order in which it happened; written together with it."""

    __tablename__ = "happenings"
    __table_args__ = (_NUMBERS_NEVER_RETURN,)  # a number is where somebody reads on

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(12))  # enrolled, sent, answered, checked_in, completed
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"), index=True)
    mail: Mapped[int | None]  # the number of the mail that was sent
    event: Mapped[int | None]  # the number of the event in the raw log, which may be gone by now


class WebhookRow(Row):
    """Where another system wants to be told what happens."""

    __tablename__ = "webhooks"
    __table_args__ = (_NUMBERS_NEVER_RETURN,)  # a number is what a person names

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(String(200))
    events: Mapped[list[Any]]  # kinds of happenings
    organisations: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))  # null: all
    seals: Mapped[list[Any]]  # what its secrets are worked out from, the newest first: see `webhooks`
    created_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    failing_since: Mapped[datetime | None]
    rest_until: Mapped[datetime | None]  # nothing is tried there before
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[str | None] = mapped_column(String(200))


class DeliveryRow(Row):
    """A happening on its way to a webhook; what it says is put together from the happening at each try."""

    __tablename__ = "deliveries"
    __table_args__ = (
        _index_where("ix_deliveries_waiting", "webhook_id", "id", where=_WAITING),
        Index("ix_deliveries_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    happening_id: Mapped[int] = mapped_column(ForeignKey("happenings.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(12))  # waiting, delivered, given_up, dropped
    not_before: Mapped[datetime]
    give_up_at: Mapped[datetime]
    token: Mapped[str | None] = mapped_column(String(32))  # of the claim that holds it
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]  # what was answered at the last try
    detail: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None]


class StateRow(Row):
    """Small facts of the installation: last_tick_at, virtual, clock_high_water, clock_problem, config_problems,
    config_problems_since, config_synced, programmes_planned, graded, digest_through, digest_told, digest_seen,
    weekly_digest_posted."""

    __tablename__ = "state"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
