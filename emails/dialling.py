"""A connection to a relay: opened, encrypted and logged in as its address asks."""

import base64
import smtplib
import socket
import ssl

from emails.envelope import TransportError
from emails.relay import Relay


def trust(relay: Relay) -> ssl.SSLContext:
    """The certificates a relay's own is checked against; a permanent TransportError when its file cannot be read."""
    try:
        return ssl.create_default_context(cafile=relay.ca)
    except OSError as error:
        raise TransportError("permanent", f"the certificates in {relay.ca} cannot be read: {error.strerror}") from error


def dial(relay: Relay, trusted: ssl.SSLContext) -> smtplib.SMTP:
    """An open connection, ready for MAIL. Raises OSError (smtplib's and ssl's errors are such) or UnicodeError."""
    connection = _open(relay, trusted)
    try:
        if not relay.host.startswith("/"):
            # Else the final dot waits for the answer to the packet before it, 40 ms a mail.
            connected(connection).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.ehlo_or_helo_if_needed()
        encrypted = _encrypt(connection, relay, trusted)
        if relay.user:
            if not encrypted and not relay.is_loopback:
                raise smtplib.SMTPNotSupportedError("no encryption is offered, and the login is not sent in the clear")
            connection.login(relay.user, relay.password)
    except BaseException:
        connection.close()
        raise
    return connection


def connected(connection: smtplib.SMTP) -> socket.socket:
    """The connection's socket, which smtplib takes away when the other side has gone."""
    if connection.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    return connection.sock


def hide_login(words: str, relay: Relay) -> str:
    """`words` with the password taken out, plain or as a login writes it, should a server repeat it."""
    if not relay.password:
        return words
    for form in (relay.password, f"\0{relay.user}\0{relay.password}"):
        words = words.replace(base64.b64encode(form.encode()).decode(), "***")
    return words.replace(relay.password, "***")


def describe(error: OSError | UnicodeError) -> str:
    """What broke, in one phrase."""
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    if isinstance(error, UnicodeError):
        return "the server's name or the login holds characters that cannot be sent"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error)


def _open(relay: Relay, trusted: ssl.SSLContext) -> smtplib.SMTP:
    name = "localhost" if relay.is_loopback else None  # None: smtplib looks up this machine's full name
    if relay.scheme == "smtps":
        return smtplib.SMTP_SSL(relay.host, relay.port, name, timeout=relay.timeout, context=trusted)
    if relay.scheme == "lmtp":
        return smtplib.LMTP(relay.host, relay.port, name, timeout=relay.timeout)
    return smtplib.SMTP(relay.host, relay.port, name, timeout=relay.timeout)


def _encrypt(connection: smtplib.SMTP, relay: Relay, trusted: ssl.SSLContext) -> bool:
    """Whether the connection is encrypted from here on."""
    if relay.scheme == "smtps":
        return True
    if relay.starttls == "never":
        return False
    if not connection.has_extn("starttls"):
        if relay.starttls == "required":
            raise smtplib.SMTPNotSupportedError("no STARTTLS is offered, and the settings require it")
        return False
    connection.starttls(context=trusted)
    connection.ehlo_or_helo_if_needed()
    return True
