"""`check --links` against a server on this machine: what it says of each way to answer, and where it does not go."""

import asyncio
import socket
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from commands.addresses import AT_ONCE, Reply, ask_all, is_local
from tests.integration.commands.house import House

RESOURCE = "first-100-days/resources/steve-russell-first-100-days.md"


@dataclass(slots=True)
class Site:
    """A server that answers by a table: path → status and where it sends on. It keeps what it was asked."""

    answers: Mapping[str, tuple[int, str | None]]
    head: Mapping[str, int] = field(default_factory=dict[str, int])
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    port: int = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def serving(site: Site) -> Generator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.command, self.path))
            status, target = site.answers.get(self.path, (200, None))
            if self.command == "HEAD":
                status = site.head.get(self.path, status)
            self.send_response(status)
            if target is not None:
                self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_request(self, code: object = "-", size: object = "-") -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def house(house: House) -> House:
    """A house whose commands may ask this machine."""
    house.asks_local = True
    return house


def put_url(house: House, address: str) -> None:
    """Every resource has this address."""
    for path in (house.config / "first-100-days" / "resources").iterdir():
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("url:")]
        path.write_text("\n".join([lines[0], f"url: {address}", *lines[1:]]) + "\n", encoding="utf-8")


def lines_about(house: House, address: str) -> tuple[int, set[str]]:
    """The exit code, and what is said of the address in the one file, without its place."""
    put_url(house, address)
    outcome = house.run("check", "--links")
    said = {line.split(": ", 1)[1] for line in outcome.out.splitlines() if f"{RESOURCE}:2:6: http" in line}
    return outcome.code, said


ANSWERS = {
    "/found": (200, None),
    "/gone": (404, None),
    "/gone-for-good": (410, None),
    "/closed": (403, None),
    "/broken": (500, None),
    "/moved": (301, "/found"),
    "/moved-then-gone": (302, "/gone"),
    "/slash": (301, "/slash/"),
    "/to-a-file": (302, "file:///etc/hostname"),
    "/to-code": (302, "javascript:alert(1)"),
    "/round": (302, "/round"),
}
SAID = {
    "/found": (0, None),
    "/found#part": (0, None),
    "/slash": (0, None),
    "/gone": (1, "{url} is gone (404); find where it went, or drop it"),
    "/gone-for-good": (1, "{url} is gone (410); find where it went, or drop it"),
    "/moved-then-gone": (1, "{url} is gone (404, at {site}/gone); find where it went, or drop it"),
    "/closed": (0, "{url} answers 403 to a program; open it yourself (a warning)"),
    "/broken": (0, "{url} answers 500 to a program; open it yourself (a warning)"),
    "/moved": (0, "{url} leads on to {site}/found; write that address, if it is what you mean (a warning)"),
    "/to-a-file": (
        0,
        "{url} leads to 'file:///etc/hostname', where no link may lead; find a better address (a warning)",
    ),
    "/to-code": (
        0,
        "{url} leads to 'javascript:alert(1)', where no link may lead; find a better address (a warning)",
    ),
    "/round": (
        0,
        "{url} leads on more than 5 times; open it yourself, and write where it ends (a warning)",
    ),
}


@pytest.mark.parametrize("path", SAID)
def test_what_an_address_answers_is_said_at_its_place(house: House, path: str) -> None:
    code, words = SAID[path]
    with serving(Site(answers=ANSWERS)) as site:
        said = lines_about(house, site.url(path))
    assert said == (code, {words.format(url=site.url(path), site=site.url(""))} if words else set())


def test_each_address_is_asked_once_wherever_it_stands(house: House) -> None:
    with serving(Site(answers={})) as site:
        put_url(house, site.url("/found"))
        outcome = house.run("check", "--links")
    assert site.asked == [("HEAD", "/found")]
    assert "Web addresses asked: 1." in outcome.out


def test_parts_of_one_page_are_one_address(house: House) -> None:
    tip = house.config / "first-100-days" / "tips" / "share-risk-early.md"
    with serving(Site(answers={})) as site:
        put_url(house, site.url("/found"))
        tip.write_text(tip.read_text(encoding="utf-8").rstrip() + f"\nSee [it]({site.url('/found#part')}).\n")
        house.run("check", "--links")
    assert site.asked == [("HEAD", "/found")]


def test_an_address_in_a_text_is_asked_and_told_at_its_own_place(house: House) -> None:
    tip = house.config / "first-100-days" / "tips" / "share-risk-early.md"
    with serving(Site(answers=ANSWERS)) as site:
        put_url(house, site.url("/found"))
        tip.write_text(tip.read_text(encoding="utf-8").rstrip() + f"\nSee [it]({site.url('/gone')}).\n")
        line = len(tip.read_text(encoding="utf-8").splitlines())
        outcome = house.run("check", "--links", "--json")
    (problem,) = [one for one in outcome.document["problems"] if "is gone" in one["message"]]
    assert (problem["path"], problem["line"], problem["column"]) == (str(tip), line, 10)
    assert problem["severity"] == "error"
    assert outcome.code == 1


def test_a_server_that_refuses_head_is_asked_with_get(house: House) -> None:
    with serving(Site(answers={}, head={"/found": 405})) as site:
        assert lines_about(house, site.url("/found")) == (0, set())
    assert site.asked == [("HEAD", "/found"), ("GET", "/found")]


def test_without_the_option_nothing_is_asked(house: House) -> None:
    with serving(Site(answers=ANSWERS)) as site:
        put_url(house, site.url("/gone"))
        assert house.run("check").code == 0
    assert site.asked == []


@contextmanager
def listening() -> Generator[socket.socket]:
    """A port of this machine that is taken, on which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken


def test_a_machine_that_reaches_nothing_says_so_once(house: House) -> None:
    with listening() as taken:
        port = taken.getsockname()[1]
    put_url(house, f"http://127.0.0.1:{port}/")  # nobody listens there any more
    outcome = house.run("check", "--links")
    assert outcome.code == 0
    assert [line for line in outcome.out.splitlines() if "127.0.0.1" in line] == []
    assert "links: not one of 1 addresses answered: is this machine offline? Nothing is known about them" in outcome.out
    document = house.run("check", "--links", "--json").document
    assert [one["path"] for one in document["problems"]][-1] == "links"


def ask(*addresses: str, seconds: float = 5, local: bool = True) -> list[Reply]:
    replies = asyncio.run(ask_all(addresses, local=local, step_seconds=seconds, whole_seconds=seconds))
    return [replies[address] for address in addresses]


def test_among_others_that_answer_a_silent_and_a_missing_server_are_told_apart() -> None:
    with serving(Site(answers={})) as site, listening() as silent:
        with listening() as gone:
            missing = f"http://127.0.0.1:{gone.getsockname()[1]}/"
        quiet = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        replies = ask(site.url("/found"), quiet, missing, seconds=0.3)
    assert [(reply.status, reply.fault) for reply in replies] == [(200, None), (None, "silent"), (None, "unreachable")]


def test_a_server_without_tls_is_no_trusted_one() -> None:
    with serving(Site(answers={})) as site:
        (reply,) = ask(site.url("/").replace("http:", "https:"))
    assert reply.fault == "untrusted"


def test_more_addresses_than_are_asked_at_once_are_all_asked() -> None:
    with serving(Site(answers={})) as site:
        replies = ask(*(site.url(f"/{number}") for number in range(3 * AT_ONCE)))
    assert {reply.status for reply in replies} == {200}
    assert len(site.asked) == 3 * AT_ONCE


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost:8100/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest",
        "http://intranet/",
        "http://printer.local/",
    ],
)
def test_addresses_of_this_machine_and_its_network_are_not_asked(address: str) -> None:
    assert is_local(address)
    assert [reply.fault for reply in ask(address, local=False)] == ["local"]


@pytest.mark.parametrize("address", ["https://www.health.org.uk/x", "http://8.8.8.8/", "https://example.org./"])
def test_other_addresses_are_asked(address: str) -> None:
    assert not is_local(address)


def test_without_leave_a_local_address_is_named_and_not_asked(house: House) -> None:
    house.asks_local = False
    with serving(Site(answers={})) as site:
        code, said = lines_about(house, site.url("/found"))
    assert site.asked == []
    assert code == 0
    assert said == {
        f"{site.url('/found')} is an address of this machine or its network, where no leader gets to; "
        "write a public one (a warning)"
    }
