"""`admin`: accounts of the admin pages, from the command line."""

import pytest

from tests.integration.commands.house import ROW, House


def test_an_account_is_added_listed_and_removed(house: House) -> None:
    house.write_roster(ROW)
    added = house.run("admin", "add", "Ada@Example.org", "--role", "hr", "--organisation", "Example Hospitals")
    assert added.code == 0
    assert added.out.splitlines()[0] == "ada@example.org: added; hr, leaders: Example Hospitals."
    assert added.out.splitlines()[-1].startswith("http://127.0.0.1:8100/admin/password/token-")
    assert "once, until 08 December 2026, 09:00 UTC" in added.out

    listed = house.run("admin", "list", "--json").document["accounts"]
    assert listed == [
        {
            "email": "ada@example.org",
            "role": "hr",
            "organisations": ["Example Hospitals"],
            "created_at": "2026-12-07T09:00:00Z",
            "sign_in": "password",
            "password_set": False,
            "bound": False,
            "link_until": "2026-12-08T09:00:00Z",
        }
    ]
    assert "ada@example.org" in house.run("admin", "list").out

    assert (
        house.run("admin", "remove", "ADA@example.org").out == "ada@example.org: removed, and signed out everywhere.\n"
    )
    assert house.run("admin", "list", "--json").document == {"accounts": []}


def test_adding_an_account_again_changes_it_and_gives_a_new_link(house: House) -> None:
    first = house.run("admin", "add", "ada@example.org", "--role", "hr", "--json").document
    second = house.run("admin", "add", "ada@example.org", "--role", "admin", "--json").document
    assert (first["new"], second["new"]) == (True, False)
    assert first["link"] != second["link"]
    (account,) = house.run("admin", "list", "--json").document["accounts"]
    assert (account["role"], account["organisations"]) == ("admin", [])


def test_an_organisation_that_nobody_is_of_is_asked_about(house: House) -> None:
    house.write_roster(ROW)
    added = house.run("admin", "add", "ada@example.org", "--role", "hr", "--organisation", "Exampel Hospitals")
    assert "Exampel Hospitals: no leader there yet" in added.out


OPENID = {
    "FIRST100_OPENID_ISSUER": "http://localhost:9",
    "FIRST100_OPENID_CLIENT_ID": "first100",
    "FIRST100_OPENID_CLIENT_SECRET": "made by the provider",
}


def test_an_account_of_openid_connect_gets_no_link(house: House) -> None:
    house.environ.update(OPENID)
    added = house.run("admin", "add", "ada@example.org", "--role", "hr", "--sign-in", "openid")
    assert (added.code, added.err) == (0, "")
    assert added.out.splitlines() == [
        "ada@example.org: added; hr, leaders: everybody's.",
        "Signs in with your organisation’s account, where that is the verified address, at:",
        "http://127.0.0.1:8100/admin/sign-in",
    ]
    (account,) = house.run("admin", "list", "--json").document["accounts"]
    assert (account["sign_in"], account["bound"], account["link_until"]) == ("openid", False, None)
    assert "OpenID Connect, not yet" in house.run("admin", "list").out


def test_where_passwords_are_forbidden_accounts_are_of_openid_connect(house: House) -> None:
    house.environ.update(OPENID, FIRST100_LOCAL_SIGN_IN="false")
    added = house.run("admin", "add", "ada@example.org", "--role", "hr", "--json").document
    assert added == {"email": "ada@example.org", "new": True, "sign_in": "openid", "link": None, "link_until": None}
    refused = house.run("admin", "add", "ada@example.org", "--role", "hr", "--sign-in", "password")
    assert (refused.code, refused.err) == (
        1,
        "nobody signs in with a password here (local_sign_in: false); use --sign-in openid\n",
    )


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("add", "ada@example.org"), 2, "add needs one of viewer, hr, admin"),
        (("add", "--role", "hr"), 2, "add needs the account's address"),
        (("add", "ada@example.org", "--role", "king"), 2, "king"),
        (("list", "ada@example.org"), 2, "list takes no address"),
        (("remove", "ada@example.org", "--role", "hr"), 2, "only add takes a role"),
        (("remove", "ada@example.org", "--organisation", "Example"), 2, "only add takes an organisation"),
        (("remove", "ada@example.org", "--sign-in", "openid"), 2, "only add takes a way to sign in"),
        (("add", "ada@example.org", "--role", "hr", "--sign-in", "openid"), 1, "OpenID Connect is not set up"),
        (("remove", "nobody@example.org"), 1, "there is no account nobody@example.org"),
        (("add", "no address", "--role", "hr"), 1, "no address"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(house: House, args: tuple[str, ...], code: int, says: str) -> None:
    outcome = house.run("admin", *args)
    assert (outcome.code, outcome.out) == (code, "")
    assert says in " ".join(outcome.err.replace("│", " ").split())
