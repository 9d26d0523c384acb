"""Fifty thousand forged tokens: none opens anything, and whoever tries learns nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from random import Random
from typing import get_args

from emails.links import Links, Purpose
from models.database import Database
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.scene import Scene
from tests.integration.web.test_tokens import FORMS, ROUTES

FORGED = 50_000
TRIED_ON_THE_PAGES = 150  # of each purpose: the others are read alone
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FOREIGN = Links("https://nudges.example.org", (b"another key, of another house",))


def encode(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def decode(token: str) -> bytes:
    return urlsafe_b64decode(token + "=" * (-len(token) % 4))


def flip_each_bit(token: str) -> Iterator[str]:
    octets = decode(token)
    for bit in range(8 * len(octets)):
        changed = bytearray(octets)
        changed[bit // 8] ^= 1 << bit % 8
        yield encode(bytes(changed))


def forge(links: Links, purpose: Purpose, random: Random) -> Iterator[str]:
    """Tokens that were never made for this purpose: cut, lengthened, changed, borrowed, signed by others, invented."""
    others = [other for other in get_args(Purpose) if other not in (purpose, "b")]
    while True:
        numbers = [random.randrange(1, 5), random.randrange(0, 8)][: 1 if purpose == "o" else 2]
        token = links.token(purpose, *numbers)
        at = random.randrange(len(token))
        yield token[:at]
        yield token + random.choice(LETTERS)
        yield token[:at] + random.choice(LETTERS.replace(token[at], "")) + token[at + 1 :]
        yield links.token(random.choice(others), *numbers)
        yield FOREIGN.token(purpose, *numbers)
        octets = bytearray(decode(token))
        octets[1] ^= random.randrange(1, 128)  # the number of another mail or leader, under the old signature
        yield encode(bytes(octets))
        yield "".join(random.choices(LETTERS, k=random.randrange(1, 60)))
        yield encode(random.randbytes(random.randrange(1, 40)))


def assert_unknown(scene: Scene, purpose: Purpose, token: str, unknown: bytes) -> None:
    path = f"/{purpose}/{token}{ROUTES[purpose]}"
    answers = [scene.get(path)]
    if purpose in FORMS:
        answers.append(scene.browser.post(path, data=FORMS[purpose]))
    for answer in answers:
        assert (answer.status_code, answer.content) == (404, unknown), path


def test_no_bit_of_any_token_can_be_flipped(scene: Scene) -> None:
    unknown = scene.get("/a/unknown").content
    before = scene.tables()
    for purpose in ROUTES:
        made = {scene.links.token(purpose, scene.mail_id, number) for number in range(4)}
        for token in sorted(made):
            forged = list(flip_each_bit(token))
            assert all(scene.links.read(purpose, changed) is None for changed in forged)
            for changed in forged[::16]:
                assert_unknown(scene, purpose, changed, unknown)
    assert scene.tables() == before


def test_forged_tokens_open_nothing_and_are_all_answered_alike(scene: Scene) -> None:
    unknown = scene.get("/a/unknown").content
    before = scene.tables()
    for purpose in ROUTES:
        tokens = forge(scene.links, purpose, Random(f"forged {purpose}"))
        for number in range(FORGED // len(ROUTES)):
            token = next(tokens)
            assert scene.links.read(purpose, token) is None, token
            if token and number % (FORGED // len(ROUTES) // TRIED_ON_THE_PAGES) == 0:
                assert_unknown(scene, purpose, token, unknown)
    assert scene.tables() == before


def test_ones_own_leader_and_anothers_mail_show_nothing_of_the_other(database: Database, scene: Scene) -> None:
    leader = build_leader(key="kim@example.org", email="kim@example.org", name="Kim Other", organisation="Elsewhere")
    with database.sessions.begin() as session:
        other = keep_enrolment(session, build_enrolment(leader=leader)).id
    theirs = scene.add_mail(enrolment_id=other, ordinal=1, state="sent", subject="For Kim alone", tracked=True)
    for purpose in ("m", "p", "u"):
        page = scene.get(scene.path(purpose, scene.enrolment_id, theirs))
        assert page.status_code == 200
        assert not any(word in page.text for word in ("Kim", "Elsewhere", "For Kim alone"))
    assert theirs not in [row[3] for row in scene.tables()["events"]]
