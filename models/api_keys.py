"""Keys of the API: made, listed, removed, and found again by what was sent; of a secret only its hash is kept.

A key reads `f100_HANDLE_SECRET`. Functions take a session and never commit.
"""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, cast, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import ApiKeyRow

Scope = Literal["enrolments:read", "enrolments:write", "progress:read", "events:read", "webhooks:write"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
SECRET_OCTETS = 32
LONGEST_NAME = 60
_OPENING = "f100"
_HANDLE_OCTETS = 8
_NO_HASH = "0" * 64


class ApiKeyError(Exception):
    """The key cannot be made or removed; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What a key may do. `organisations`: whose leaders it sees; None: all."""

    id: int
    name: str
    scopes: frozenset[Scope]
    organisations: frozenset[str] | None
    created_at: datetime


def add_api_key(
    session: Session,
    name: str,
    *,
    scopes: Collection[Scope],
    organisations: Collection[str],
    secret: bytes,
    now: datetime,
) -> str:
    """Keep a new key and give it, for the only time. `secret`: random octets. Raises ApiKeyError."""
    if len(secret) < _HANDLE_OCTETS + SECRET_OCTETS:
        raise ValueError(f"a key takes {_HANDLE_OCTETS + SECRET_OCTETS} random octets")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise ApiKeyError(f"a key needs a name of at most {LONGEST_NAME} characters, like 'HR system'")
    if session.scalar(select(ApiKeyRow.id).where(ApiKeyRow.name == name)) is not None:
        raise ApiKeyError(f"there is a key named {name} already; remove it first, or choose another name")
    if not scopes:
        raise ApiKeyError(f"name what the key may do: {', '.join(SCOPES)}")
    handle, hidden = secret[:_HANDLE_OCTETS].hex(), secret[_HANDLE_OCTETS:].hex()
    session.add(
        ApiKeyRow(
            name=name,
            handle=handle,
            secret_hash=_hash(hidden),
            scopes=sorted(set(scopes)),
            organisations=sorted(set(organisations)) or None,
            created_at=now,
        )
    )
    session.flush()
    return f"{_OPENING}_{handle}_{hidden}"


def list_api_keys(session: Session) -> tuple[ApiKey, ...]:
    """All keys by name."""
    return tuple(map(_api_key, session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.name))))


def remove_api_key(session: Session, name: str) -> None:
    """Let a key be good for nothing from now on. Raises ApiKeyError where there is none."""
    row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.name == name))
    if row is None:
        raise ApiKeyError(f"there is no key named {name}; api-key list shows them all")
    session.delete(row)
    session.flush()


def find_api_key(session: Session, sent: str) -> ApiKey | None:
    """The key that was sent, or None; the secret is compared in a time that says nothing of it."""
    opening, _, rest = sent.partition("_")
    handle, _, secret = rest.partition("_")
    row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.handle == handle)) if handle.isalnum() else None
    known = _NO_HASH if row is None else row.secret_hash
    is_right = hmac.compare_digest(_hash(secret), known)
    return _api_key(row) if row is not None and is_right and opening == _OPENING else None


def _hash(secret: str) -> str:
    """Without a salt, and once: the secret is random and long enough that nobody can try them all."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def _api_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=frozenset(cast("list[Scope]", row.scopes)),
        organisations=None if row.organisations is None else frozenset(row.organisations),
        created_at=row.created_at,
    )
