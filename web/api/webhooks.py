"""Webhooks made, listed and removed by the system that is to be told."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from models.api_keys import ApiKey
from models.happenings import HappeningKind
from models.webhooks import (
    KINDS,
    LONGEST_DESCRIPTION,
    Seal,
    Webhook,
    WebhookError,
    add_webhook,
    find_webhook,
    list_webhooks,
    remove_webhook,
    rotate_webhook,
)
from scheduler.webhooks.destinations import LONGEST_URL, DestinationError, check_url
from scheduler.webhooks.signing import HookSecrets, write_secret
from web.api.keys import WebhooksKey
from web.api.problems import ApiError, FieldNote
from web.site import GivenSite, Site

router = APIRouter(tags=["webhooks"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The webhook's number.")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class WebhookWish(BaseModel):
    """Where to, and what is to be told there."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=LONGEST_URL, description="https, and no private address.")
    events: list[HappeningKind] = Field(default=list(KINDS), min_length=1, max_length=20)
    organisations: list[Name] | None = Field(
        default=None, max_length=100, description="Of whose leaders; null: of all that the key may see."
    )
    description: str = Field(default="", max_length=LONGEST_DESCRIPTION)


class WebhookRead(BaseModel):
    """A webhook, without its secret."""

    webhook: int = Field(description="The number by which it is asked for.")
    url: str
    events: list[HappeningKind]
    organisations: list[str] | None = Field(description="null: everybody's.")
    description: str
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None


class WebhookMade(WebhookRead):
    """A webhook with its new secret, which is shown this once."""

    secret: str


class WebhookList(BaseModel):
    """The webhooks that the key may see, the oldest first."""

    webhooks: list[WebhookRead]


@router.get("/webhooks")
def list_all(site: GivenSite, key: WebhooksKey) -> WebhookList:
    """The webhooks that are told of no leaders but those whom the key may see."""
    with site.database.reading() as session:
        return WebhookList(webhooks=[_show(one) for one in list_webhooks(session) if _is_theirs(one, key)])


@router.post("/webhooks", status_code=201)
def add(site: GivenSite, key: WebhooksKey, wish: WebhookWish) -> WebhookMade:
    """Be told what happens, from now on."""
    organisations = wish.organisations or sorted(key.organisations or ())
    if key.organisations is not None and not key.organisations.issuperset(organisations):
        raise ApiError(403, "this key is not good for all of these organisations")
    try:
        check_url(wish.url, allowed=site.settings.webhook_networks)
    except DestinationError as error:
        note = FieldNote(field="url", message=str(error))
        raise ApiError(422, "the webhook is not right", errors=[note]) from error
    seal = _seal(site)

    def keep(session: Session) -> Webhook:
        return add_webhook(
            session,
            wish.url,
            events=wish.events,
            organisations=organisations,
            description=wish.description,
            seal=seal,
            now=site.now(),
        )

    try:
        return _show_secret(site, site.write(keep))
    except WebhookError as error:
        raise ApiError(422, str(error)) from error


@router.delete("/webhooks/{number}", status_code=204, response_class=Response)
def remove(site: GivenSite, key: WebhooksKey, number: Number) -> None:
    """Be told nothing more; what waited is gone."""

    def keep(session: Session) -> None:
        _find(session, key, number)
        remove_webhook(session, number)

    site.write(keep)


@router.post("/webhooks/{number}/secret")
def rotate(site: GivenSite, key: WebhooksKey, number: Number) -> WebhookMade:
    """A new secret; for 24 hours the one before signs beside it."""
    seal = _seal(site)

    def keep(session: Session) -> Webhook:
        _find(session, key, number)
        return rotate_webhook(session, number, seal=seal, now=site.now())

    return _show_secret(site, site.write(keep))


def _find(session: Session, key: ApiKey, number: int) -> Webhook:
    """Raises ApiError 404 where there is none, or none that the key may see."""
    unknown = ApiError(404, "there is no such webhook")
    try:
        found = find_webhook(session, number)
    except WebhookError:
        raise unknown from None
    if not _is_theirs(found, key):
        raise unknown
    return found


def _is_theirs(webhook: Webhook, key: ApiKey) -> bool:
    if key.organisations is None:
        return True
    return webhook.organisations is not None and webhook.organisations <= key.organisations


def _secrets(site: Site) -> HookSecrets:
    if site.hook_secrets is None:
        raise ApiError(404, "no webhook can be made here")
    return site.hook_secrets


def _seal(site: Site) -> Seal:
    return _secrets(site).seal(site.new_token().encode())


def _show(one: Webhook) -> WebhookRead:
    return WebhookRead(
        webhook=one.id,
        url=one.url,
        events=sorted(one.events),
        organisations=None if one.organisations is None else sorted(one.organisations),
        description=one.description,
        created_at=one.created_at,
        failing_since=one.failing_since,
        disabled_at=one.disabled_at,
        disabled_why=one.disabled_why,
    )


def _show_secret(site: Site, made: Webhook) -> WebhookMade:
    secret = write_secret(_secrets(site).derive(made.seals[0]) or b"")
    return WebhookMade(**_show(made).model_dump(), secret=secret)
