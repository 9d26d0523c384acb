"""Keys of the API as the command line makes, lists and removes them."""

import pytest

from tests.integration.commands.house import House


def test_a_key_is_shown_once_listed_and_removed(house: House) -> None:
    made = house.run(
        "api-key", "add", "HR", "--scope", "enrolments:read", "--organisation", "Example Hospitals", "--json"
    )
    assert made.document["key"].startswith("f100_")
    listed = house.run("api-key", "list", "--json")
    (key,) = listed.document["keys"]
    assert (key["name"], key["scopes"], key["organisations"]) == ("HR", ["enrolments:read"], ["Example Hospitals"])
    assert made.document["key"].rpartition("_")[2] not in listed.out
    assert house.run("api-key", "remove", "HR").code == 0

    assert house.run("api-key", "list").out == "There is no key: nobody can use the API.\n"


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("add", "HR"), 1, "name what the key may do"),
        (("add", "HR", "--scope", "everything"), 2, "there is no scope 'everything'"),
        (("add", "--scope", "events:read"), 2, "take the name of a key"),
        (("remove", "HR"), 1, "there is no key named HR"),
        (("remove", "HR", "--scope", "events:read"), 2, "go with add alone"),
        (("list", "HR"), 2, "list takes none"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(house: House, args: tuple[str, ...], code: int, says: str) -> None:
    outcome = house.run("api-key", *args)

    assert outcome.code == code
    assert says in " ".join(outcome.err.replace("│", " ").split())
