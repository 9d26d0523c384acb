"""The API for other systems, under /api/v1: its routes, and its description for whoever connects to it."""

from functools import cache, partial
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field

from web.api import enrolments, happenings, plans, progress, told, webhooks
from web.api.keys import RateLimit
from web.api.problems import PROBLEM_JSON, Problem, add_problems
from web.site import Site

_SAYS = "Enrol leaders, see what they will get and how far they have come. Every request carries a key."
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body cannot be read."},
    401: {"description": "There is no key, or none that is in force."},
    403: {"description": "The key is not good for this, or not for that organisation."},
    404: {"description": "There is no such enrolment, or none that the key may see."},
    409: {"description": "What was asked for contradicts what is kept."},
    413: {"description": "The body is larger than any enrolment."},
    422: {"description": "Something is wrong with the fields, named one by one."},
    429: {"description": "Too many requests; Retry-After says when to come again."},
    503: {"description": "Not now; Retry-After says when to come again."},
}


class Way(BaseModel):
    """What this is, and where it is described."""

    title: str
    version: str
    description: str = Field(description="The path of the OpenAPI document.")


def show_way() -> Way:
    """What this is, and where it is described; no key is asked for."""
    return Way(title="First100", version="1", description="/api/v1/openapi.json")


def create_api(site: Site) -> FastAPI:
    """The application that answers below /api/v1."""
    api = FastAPI(
        title="First100",
        version="1",
        description=_SAYS,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": "/api/v1"}],
        root_path_in_servers=False,
        responses={status: {**said, "model": Problem} for status, said in _REFUSALS.items()},
    )
    api.state.site = site
    api.state.rate_limit = RateLimit(site.settings.api_requests_per_minute)
    add_problems(api)
    api.webhooks.include_router(told.router)
    api.add_api_route("/", show_way, methods=["GET"], tags=["description"])
    for room in (enrolments, plans, progress, happenings, webhooks):
        api.include_router(room.router)
    api.openapi = cache(partial(_describe, api))  # made once, and only where somebody asks for it
    return api


def _describe(api: FastAPI) -> dict[str, Any]:
    """FastAPI's own description, but that refusals are problem+json, and a key what opens every route."""
    made = get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        webhooks=api.webhooks.routes,
        servers=api.servers,
    )
    for path in made["paths"].values():
        for operation in path.values():
            for status, said in operation["responses"].items():
                if status >= "400":
                    said["content"] = {PROBLEM_JSON: said["content"]["application/json"]}
    return made
