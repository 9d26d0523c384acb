"""The routes' own description, and Schemathesis sending whatever it allows: never a fault of ours."""

import warnings
from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.database import migrate, open_database
from scheduler.tick import LAST_TICK
from tests.integration.web.scene import RECALL, RESOURCE, Scene, open_scene
from tests.integration.web.test_tokens import FORMS

SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
EXAMPLES = 40  # of each route: half of them with a token of ours


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One scene for all that is sent; it ticks, so it is in good health."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('described') / 'first100.sqlite3'}")
    migrate(database)
    scene = open_scene(database)
    scene.keep_state(LAST_TICK, scene.now.isoformat())
    yield scene
    database.close()


def describe(scene: Scene) -> dict[str, Any]:
    """What FastAPI knows of the routes; the service itself shows it to nobody."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GET and HEAD are one function, and one operation id
        return cast(FastAPI, scene.browser.app).openapi()


def test_every_address_that_answers_get_answers_head(shown: Scene) -> None:
    paths = describe(shown)["paths"]
    assert len(paths) > 10
    assert [path for path, operations in paths.items() if ("get" in operations) != ("head" in operations)] == []


def test_the_description_is_not_on_show(shown: Scene) -> None:
    for path in ("/openapi.json", "/docs", "/redoc"):
        assert shown.get(path).status_code == 404


def test_whatever_fits_the_description_is_never_a_fault_of_ours(shown: Scene) -> None:
    description = describe(shown)
    for operations in description["paths"].values():
        operations.pop("head", None)  # sent beside each GET
    schema = schemathesis.openapi.from_dict(description)
    own = {
        **{purpose: shown.links.token(purpose, shown.enrolment_id, shown.mail_id) for purpose in ("m", "p", "u")},
        "o": shown.links.token("o", shown.mail_id),
        "t": shown.links.token("t", shown.mail_id),
        "a": shown.links.token("a", shown.mail_id, RECALL),
        "l": shown.links.token("l", shown.mail_id, RESOURCE),
        "c": shown.links.token("c", shown.mail_id, 4),
        "d": shown.my_data().removeprefix("/d/"),
    }
    seen: set[tuple[str, int]] = set()

    def send(case: Any, *, ours: bool, sense: bool) -> None:
        if ours and "token" in case.path_parameters:
            purpose = case.path[1]
            case.path_parameters["token"] = own[purpose]
            body = cast(object, case.body)
            if sense and isinstance(body, dict):  # a page of ours, and one field that makes sense among the rest
                shown.wait(seconds=5)
                nonce = {} if purpose == "u" else {"nonce": shown.nonce(f"/{purpose}/{own[purpose]}")}
                case.body = {**cast("dict[str, Any]", body), **FORMS[purpose], **nonce}
        answer = case.call(app=shown.browser.app, allow_redirects=False)
        seen.add((case.method, answer.status_code))
        assert answer.status_code < 500, case.as_curl_command()
        if case.method == "GET":
            case.method = "HEAD"
            assert case.call(app=shown.browser.app, allow_redirects=False).status_code == answer.status_code

    for found in cast(Any, schema).get_all_operations():
        sending = given(case=found.ok().as_strategy(), ours=st.booleans(), sense=st.booleans())(send)
        settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=SLOW)(sending)()
    assert {("GET", 200), ("GET", 302), ("GET", 404), ("POST", 200), ("POST", 400), ("POST", 404)} <= seen
