"""Who may see the admin pages: accounts, the link that sets a password, who is signed in, and tries that failed.

Passwords come as hashes, links and sessions as hashes of what a browser holds. Functions never commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models.changes import write_audit
from models.tables import AccountRow, AdminSessionRow, SignInTryRow
from models.turns import take_turn

AccountRole = Literal["viewer", "hr", "admin"]
SignIn = Literal["password", "openid"]
LINK_GOOD_FOR = timedelta(hours=24)
IDLE_END = timedelta(minutes=45)
ABSOLUTE_END = timedelta(hours=10)
TRIES_COUNT_FOR = timedelta(minutes=15)
_SEEN_EVERY = timedelta(minutes=1)  # noting it at each page would make of every look a write


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`organisations`: whose leaders they see; empty: everybody's.

    `can_sign_in`: a password is set, or the account is bound to somebody at the provider.
    """

    id: int
    email: str
    role: AccountRole
    organisations: tuple[str, ...]
    created_at: datetime
    can_sign_in: bool
    link_until: datetime | None = None
    sign_in: SignIn = "password"


def hash_token(token: str) -> str:
    """What is kept of a token that is long and random: whoever reads the database cannot use it."""
    return sha256(token.encode()).hexdigest()


# ---------------------------------------------------------------- accounts


def put_account(
    session: Session, email: str, *, role: AccountRole, organisations: Sequence[str], link: str | None, now: datetime
) -> bool:
    """Add an account, or change one; whether it is new. Of one that was there, everybody is signed out.

    With a link, which sets a password, an older password holds until it is used. Without one the account is of OpenID
    Connect: a password goes, and whom it is bound to already stays.
    """
    row = _find(session, email)
    is_new = row is None
    before = {} if row is None else {"role": row.role, "organisations": row.organisations, "sign_in": row.sign_in}
    if row is None:
        row = AccountRow(email=email.lower(), created_at=now)
        session.add(row)
    row.role, row.organisations = role, sorted(set(organisations))
    if link is None:
        row.sign_in, row.password, row.link, row.link_until = "openid", None, None, None
    else:
        row.sign_in, row.openid_issuer, row.openid_subject = "password", None, None
        row.link, row.link_until = hash_token(link), now + LINK_GOOD_FOR
    session.flush()
    session.execute(delete(AdminSessionRow).where(AdminSessionRow.account_id == row.id))
    after = {"role": role, "organisations": row.organisations, "sign_in": row.sign_in}
    _note(session, "account_added" if is_new else "account_changed", row.email, before=before, after=after, now=now)
    return is_new


def remove_account(session: Session, email: str, *, now: datetime) -> bool:
    """Remove an account and sign it out at once; whether there was one."""
    row = _find(session, email)
    if row is None:
        return False
    _note(session, "account_removed", row.email, before={"role": row.role}, after={}, now=now)
    session.delete(row)
    session.flush()
    return True


def read_accounts(session: Session) -> tuple[Account, ...]:
    """All accounts by their address."""
    return tuple(_account(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.email)))


# ---------------------------------------------------------------- passwords


def find_by_link(session: Session, link: str, *, now: datetime) -> Account | None:
    """The account whose password this link may set."""
    row = session.scalar(select(AccountRow).where(AccountRow.link == hash_token(link), AccountRow.link_until > now))
    return None if row is None else _account(row)


def set_password(session: Session, link: str, password: str, *, now: datetime) -> bool:
    """Set the password that a link may set, once, and sign everybody out; whether it still could."""
    row = session.scalar(
        select(AccountRow).where(AccountRow.link == hash_token(link), AccountRow.link_until > now).with_for_update()
    )
    if row is None:
        return False
    row.password, row.link, row.link_until = password, None, None
    session.execute(delete(AdminSessionRow).where(AdminSessionRow.account_id == row.id))
    _note(session, "password_set", row.email, before={}, after={}, now=now)
    session.flush()
    return True


def find_password(session: Session, email: str) -> tuple[Account, str] | None:
    """The account of that address and its password's hash; None where nobody could sign in."""
    row = _find(session, email)
    return None if row is None or row.password is None else (_account(row), row.password)


# ---------------------------------------------------------------- OpenID Connect


def find_bound(session: Session, *, issuer: str, subject: str) -> Account | None:
    """The account that is bound to this person."""
    row = session.scalar(
        select(AccountRow).where(AccountRow.openid_issuer == issuer, AccountRow.openid_subject == subject)
    )
    return None if row is None else _account(row)


def bind_account(session: Session, email: str, *, issuer: str, subject: str, now: datetime) -> Account | None:
    """Bind an account that was made for this address to the person who has it; None where none waits for that."""
    row = session.scalar(
        select(AccountRow)
        .where(AccountRow.email == email.strip().lower(), AccountRow.sign_in == "openid")
        .where(AccountRow.openid_subject.is_(None))
        .with_for_update()
    )
    if row is None:
        return None
    row.openid_issuer, row.openid_subject = issuer, subject
    _note(session, "account_bound", row.email, before={}, after={"issuer": issuer}, now=now)
    session.flush()
    return _account(row)


# ---------------------------------------------------------------- sessions


def begin_session(session: Session, account: Account, token: str, *, now: datetime, how: str) -> bool:
    """Sign somebody in; whether the account is still there. What has ended for everybody goes."""
    session.execute(
        delete(AdminSessionRow).where(
            (AdminSessionRow.seen_at <= now - IDLE_END) | (AdminSessionRow.began_at <= now - ABSOLUTE_END)
        )
    )
    if session.scalar(select(AccountRow.id).where(AccountRow.id == account.id).with_for_update()) is None:
        return False
    session.add(AdminSessionRow(account_id=account.id, token=hash_token(token), began_at=now, seen_at=now))
    _note(session, "signed_in", account.email, before={}, after={"how": how}, now=now)
    session.flush()
    return True


def read_session(session: Session, token: str, *, now: datetime) -> tuple[Account, bool] | None:
    """Who is signed in with this token, and whether it is time to note that they were seen; None: nobody."""
    found = session.execute(
        select(AccountRow, AdminSessionRow.seen_at)
        .join(AdminSessionRow, AdminSessionRow.account_id == AccountRow.id)
        .where(
            AdminSessionRow.token == hash_token(token),
            AdminSessionRow.seen_at > now - IDLE_END,
            AdminSessionRow.began_at > now - ABSOLUTE_END,
        )
    ).one_or_none()
    return None if found is None else (_account(found[0]), found[1] <= now - _SEEN_EVERY)


def note_seen(session: Session, token: str, *, now: datetime) -> None:
    """Let a session's idle time begin anew."""
    session.execute(update(AdminSessionRow).where(AdminSessionRow.token == hash_token(token)).values(seen_at=now))


def end_session(session: Session, token: str, *, now: datetime) -> None:
    """Sign out whoever holds this token."""
    email = session.scalar(
        select(AccountRow.email)
        .join(AdminSessionRow, AdminSessionRow.account_id == AccountRow.id)
        .where(AdminSessionRow.token == hash_token(token))
    )
    if email is not None:
        session.execute(delete(AdminSessionRow).where(AdminSessionRow.token == hash_token(token)))
        _note(session, "signed_out", email, before={}, after={}, now=now)


# ---------------------------------------------------------------- tries


def take_try(session: Session, limits: Mapping[str, int], *, now: datetime) -> tuple[int, ...] | None:
    """Count a try against each of these, before the password is looked at; None where one has had too many.

    `limits`: whom it counts against → how many may fail in a while. What is given is for `forgive`.
    """
    take_turn(session.connection(), "sign-in")
    since = now - TRIES_COUNT_FOR
    session.execute(delete(SignInTryRow).where(SignInTryRow.at <= since))
    failed = (
        select(SignInTryRow.against, func.count())
        .where(SignInTryRow.against.in_(limits))
        .group_by(SignInTryRow.against)
    )
    counted = dict(session.execute(failed).all())
    if any(counted.get(against, 0) >= most for against, most in limits.items()):
        return None
    rows = [SignInTryRow(at=now, against=against) for against in limits]
    session.add_all(rows)
    session.flush()
    return tuple(row.id for row in rows)


def forgive(session: Session, tries: Sequence[int]) -> None:
    """Take back the tries that succeeded."""
    session.execute(delete(SignInTryRow).where(SignInTryRow.id.in_(tries)))


def note_refused(session: Session, email: str, *, now: datetime, why: str = "wrong password") -> bool:
    """Audit that somebody was not let in to an account that there is; whether there is one."""
    row = _find(session, email)
    if row is not None:
        _note(session, "sign_in_refused", row.email, before={}, after={"why": why}, now=now)
    return row is not None


# ---------------------------------------------------------------- shared


def _find(session: Session, email: str) -> AccountRow | None:
    return session.scalar(select(AccountRow).where(AccountRow.email == email.strip().lower()))


def _account(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        email=row.email,
        role=cast(AccountRole, row.role),
        organisations=tuple(row.organisations),
        created_at=row.created_at,
        can_sign_in=row.password is not None or row.openid_subject is not None,
        link_until=row.link_until,
        sign_in=cast(SignIn, row.sign_in),
    )


def _note(
    session: Session,
    action: str,
    email: str,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
    now: datetime,
) -> None:
    write_audit(
        session,
        leader_key="",
        programme="",
        actor="admin",
        action=action,
        before=before,
        after=after,
        now=now,
        account=email,
    )
