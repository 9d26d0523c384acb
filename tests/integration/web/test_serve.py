"""The server as a process: answers, ends in good order, and says why it cannot begin."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection

import httpx2
import pytest
from fastapi import FastAPI

from web.serve import ServeError, listen, serve

SECONDS = 30  # a test that waits longer has failed


def serve_one_slow_page(told: "Connection[object, object]") -> None:
    """Serves until told to stop; its page is answered when the test says so."""
    app = FastAPI()

    def answer_slowly() -> str:
        told.send("asked")
        return str(told.recv())

    app.get("/slow")(answer_slowly)
    with listen("127.0.0.1", 0) as listener:
        told.send(listener.getsockname()[1])
        serve(app, listener=listener)
    told.send("closed in good order")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_finishes_what_it_is_answering_and_returns(number: signal.Signals) -> None:
    spawning = get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=serve_one_slow_page, args=(theirs,), daemon=True)
    process.start()
    try:
        page = f"http://127.0.0.1:{receive(ours)}/slow"
        with ThreadPoolExecutor(max_workers=1) as asking:
            answer = asking.submit(httpx2.get, page, timeout=SECONDS)
            assert receive(ours) == "asked"
            assert process.pid
            os.kill(process.pid, number)
            ours.send("done")
            assert answer.result().json() == "done"
        assert receive(ours) == "closed in good order"
        process.join(SECONDS)
        assert process.exitcode == 0
    finally:
        process.kill()
        process.join()
        process.close()


def receive(connection: "Connection[object, object]") -> object:
    assert connection.poll(SECONDS), "the server said nothing"
    return connection.recv()


def test_a_port_in_use_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ServeError, match=f"^port {port} on 127.0.0.1 is in use; stop what uses it or choose another"
        ):
            serve(FastAPI(), port=port)


def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(ServeError, match=r"^cannot listen on 203.0.113.7 port 8100: .+; choose another with --host"):
        listen("203.0.113.7", 8100)
    with pytest.raises(ServeError, match="is no address of this machine"):
        listen("no such host.invalid", 8100)


def test_port_0_takes_a_free_one_on_loopback() -> None:
    with listen("127.0.0.1", 0) as listener:
        host, port = listener.getsockname()
        assert (host, listener.family) == ("127.0.0.1", socket.AF_INET)
        assert port > 1023
