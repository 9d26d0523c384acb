"""The web application served in this process until it is told to stop."""

import errno
import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS = 10  # what is being answered when we are told to stop may take so long
_BACKLOG = 2048


class ServeError(Exception):
    """The pages cannot be served. The message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one. Raises ServeError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServeError(f"{host} is no address of this machine: {error.strerror}; choose another host") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ServeError(_explain(error, host, port)) from error
    return listener


def serve(app: FastAPI, *, host: str = "127.0.0.1", port: int = 8100, listener: socket.socket | None = None) -> None:
    """Answer requests until SIGINT or SIGTERM, finish what is being answered, and return.

    `listener`: a socket from `listen`, taken instead of host and port. Raises ServeError where nothing can be served.
    Requests are not logged: their addresses hold live links.
    """
    with listener or listen(host, port) as opened, _returning_on_signals():
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS, server_header=False
        )
        uvicorn.Server(config).run(sockets=[opened])


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; stop what uses it or choose another with --port"
    if error.errno == errno.EACCES:
        return f"this account may not use port {port} on {host}; choose one above 1023 with --port"
    return f"cannot listen on {host} port {port}: {error.strerror}; choose another with --host or --port"


@contextmanager
def _returning_on_signals() -> Generator[None]:
    """Lets the caller clean up: uvicorn raises a signal once more when it has stopped, which would end the process."""
    if threading.current_thread() is not threading.main_thread():  # signals go to the main thread alone
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, _swallow) for number in signals}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _swallow(_: int, __: FrameType | None) -> None:
    """Nothing: the server has stopped already."""
