"""Mail addresses: which ones a server is handed."""

import pytest

from emails.addresses import is_example, to_ascii


@pytest.mark.parametrize(
    "address", ["a@example.org", "first.last+tag@example.org", "bounce+abc234@mail.example.ac.uk", "o'neil@example.org"]
)
def test_an_ordinary_address_passes_unchanged(address: str) -> None:
    assert to_ascii(address) == address


def test_a_domain_beyond_ascii_is_written_in_ascii() -> None:
    assert to_ascii("amina@bücher.example") == "amina@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "-rf@example.org",
        "a b@example.org",
        "a@exam ple.org",
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "a\0@example.org",
        "a@b@example.org",
        "<a@example.org>",
        "a@example..org",
        "a@-example.org",
        "amína@example.org",
        "a@" + "x" * 64 + ".org",
        "a" * 65 + "@example.org",
        "a\x7f@example.org",
        "a@" + "a." * 200 + "!",
    ],
)
def test_an_address_that_no_server_should_see_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        to_ascii(address)


@pytest.mark.parametrize(
    ("address", "example"),
    [
        ("a@example.org", True),
        ("a@EXAMPLE.COM", True),
        ("a@mail.example.net.", True),
        ("a@hospital.test", True),
        ("a@hospital.invalid", True),
        ("a@anexample.org", False),
        ("a@example.org.uk", False),
    ],
)
def test_example_domains_are_known(address: str, *, example: bool) -> None:
    assert is_example(address) is example
