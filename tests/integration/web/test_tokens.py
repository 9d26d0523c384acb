"""Links that are not ours: whatever is wrong with them, the answer is the same."""

from collections.abc import Iterator
from typing import get_args
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from emails.links import Purpose
from models.database import Database, migrate, open_database
from models.tables import EnrolmentRow
from tests.integration.web.scene import RECALL, Scene, open_scene

ROUTES: dict[Purpose, str] = {"o": ".gif", "l": "", "t": "", "a": "", "c": "", "m": "", "p": "", "u": "", "d": ""}
FORMS: dict[Purpose, dict[str, str]] = {
    "a": {"answer": "using"},
    "c": {"done": "yes"},
    "m": {"keep": "share-early"},
    "p": {"action": "leave"},
    "d": {"action": "download"},
    "u": {"List-Unsubscribe": "One-Click"},
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One scene for many links; nothing here changes it."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('tokens') / 'first100.sqlite3'}")
    migrate(database)
    yield open_scene(database)
    database.close()


def assert_unknown(scene: Scene, purpose: Purpose, token: str) -> None:
    path = f"/{purpose}/{token}{ROUTES[purpose]}"
    unknown = scene.get("/a/unknown")
    asked = scene.browser.head(path)
    assert (asked.status_code, asked.headers["content-length"]) == (404, unknown.headers["content-length"])
    answers = [scene.get(path)]
    if purpose in FORMS:
        answers.append(scene.browser.post(path, data=FORMS[purpose]))
    for answer in answers:
        assert (answer.status_code, answer.text) == (404, unknown.text)


def test_each_bit_of_each_token_counts(shown: Scene) -> None:
    before = shown.tables()
    for purpose in ROUTES:
        token = shown.links.token(purpose, shown.mail_id, RECALL)
        for place, character in enumerate(token):
            for other in {chr(ord(character) ^ (1 << bit)) for bit in range(7)}:
                if other.isalnum() or other in "-_":
                    assert shown.links.read(purpose, token[:place] + other + token[place + 1 :]) is None
        for place in (0, 5, len(token) - 1):
            wrong = "A" if token[place] != "A" else "B"
            assert_unknown(shown, purpose, token[:place] + wrong + token[place + 1 :])
    assert shown.tables() == before


def test_a_token_serves_one_purpose_only(shown: Scene) -> None:
    for made in get_args(Purpose):
        for used in ROUTES:
            if made != used:
                assert_unknown(shown, used, shown.links.token(made, shown.mail_id, RECALL))


def test_a_token_that_is_cut_lengthened_or_of_another_key_is_unknown(shown: Scene) -> None:
    foreign = type(shown.links)("https://nudges.example.org", (b"another key, of another house",))
    for purpose in ROUTES:
        token = shown.links.token(purpose, shown.mail_id, RECALL)
        for changed in (token[:-1], token[1:], token + "A", token + "=", token * 5, "x"):
            assert_unknown(shown, purpose, changed)
        assert_unknown(shown, purpose, foreign.token(purpose, shown.mail_id, RECALL))


def test_a_good_token_for_what_is_not_there_is_unknown(shown: Scene) -> None:
    for purpose in ROUTES:
        assert_unknown(shown, purpose, shown.links.token(purpose, 4711, 0))
        assert_unknown(shown, purpose, shown.links.token(purpose, 2**63 - 1, 2**63 - 1))
        assert_unknown(shown, purpose, shown.links.token(purpose))
        assert_unknown(shown, purpose, shown.links.token(purpose, 4711))
        assert_unknown(shown, purpose, shown.links.token(purpose, shown.mail_id, RECALL, 0, 0))
        if purpose not in ("m", "d"):  # whose third number is the end of a fresh link
            assert_unknown(shown, purpose, shown.links.token(purpose, shown.mail_id, RECALL, 0))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(purpose=st.sampled_from(sorted(ROUTES)), token=st.text(min_size=1, max_size=60))
def test_whatever_stands_in_an_address_it_is_unknown_and_never_a_fault(
    shown: Scene, purpose: Purpose, token: str
) -> None:
    assume(token not in (".", ".."))  # no address: the browser itself reads them as steps up
    path = f"/{purpose}/{quote(token, safe='')}{ROUTES[purpose]}"
    assert shown.get(path).status_code == 404


def test_a_link_whose_leader_was_erased_is_unknown(database: Database) -> None:
    scene = open_scene(database)
    links = scene.every_link()
    with database.sessions.begin() as session:
        session.delete(session.get_one(EnrolmentRow, scene.enrolment_id))
    assert [scene.get(path).status_code for path in links] == [404] * len(links)
