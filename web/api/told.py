"""What webhooks are told, for the API's description alone: no address here takes it."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from models.happenings import HappeningKind

router = APIRouter(tags=["webhooks"])


class ToldData(BaseModel):
    """Which event it is, and of whom, in numbers."""

    event: int = Field(description="Its number in `GET /events`.")
    enrolment: int
    programme: str
    id: str | None = Field(description="The staff number; null where the address says who this is.")
    day: int | None = Field(default=None, description="Of `sent`: the day of the programme.")
    answer: Literal["using", "nearly", "forgot"] | None = Field(
        default=None, description="Of `answered`, and only where `answers_visible_to_admins` is true."
    )


class ToldMessage(BaseModel):
    """A message, as Standard Webhooks has it."""

    type: HappeningKind
    timestamp: datetime
    data: ToldData


@router.post("event", status_code=204, response_class=Response)
def take_event(
    message: ToldMessage,
    webhook_id: Annotated[str, Header(description="The same at every try.")],
    webhook_timestamp: Annotated[int, Header(description="Of this try, in seconds since 1970.")],
    webhook_signature: Annotated[str, Header(description="`v1,` and HMAC-SHA256 in base64, once or twice.")],
) -> None:
    """Something happened. Any 2xx says that it was taken; whatever else, and it comes again."""
