"""Settings: which source wins, what is refused, what is never shown."""

import re
from datetime import time
from pathlib import Path

import pytest

from config.load import find_config_dir, load_config, load_settings
from config.problems import ConfigError
from config.reading.setting_fields import mask_url
from config.settings import Settings
from tests.unit.config.folder import write_config

SHIPPED = Path(__file__).parents[3] / "config" / "settings.yaml"


def settings_of(folder: Path, text: str = "", environ: dict[str, str] | None = None) -> Settings:
    (folder / "settings.yaml").write_text(text, encoding="utf-8")
    return load_settings(folder, environ or {})


def problems_of(folder: Path, text: str = "", environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings_of(folder, text, environ)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_everything_has_a_default_that_works_on_one_machine(tmp_path: Path):
    settings = load_settings(tmp_path, {})
    assert settings == Settings(config=tmp_path)
    assert settings.database == "sqlite:///var/first100.sqlite3"
    assert settings.mail_url == "maildir:var/mailbox"
    assert settings.public_url == "http://127.0.0.1:8100"
    assert settings.programmes == ("first-100-days",)
    assert settings.working_days == (0, 1, 2, 3, 4)
    assert settings.send_at == time(8, 30)
    assert settings.open_tracking is None


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path):
    text = "sender_name: From the file\nbrand_name: From the file\n"
    settings = settings_of(tmp_path, text, {"FIRST100_SENDER_NAME": "From outside"})
    assert (settings.sender_name, settings.brand_name) == ("From outside", "From the file")
    assert settings.academy_name == "your regional leadership academy"


def test_lists_and_words_are_read_from_the_environment_as_people_write_them(tmp_path: Path):
    environ = {
        "FIRST100_PROGRAMMES": "first-100-days, second",
        "FIRST100_USUAL_DOMAINS": "example.org @Example.com",
        "FIRST100_WORKING_DAYS": "mon,wed",
        "FIRST100_SEND_AT": "07:45",
        "FIRST100_ALLOW_TIME_TRAVEL": "1",
        "FIRST100_PORT": "9000",
        "FIRST100_DATA": "/srv/first100",
        "FIRST100_OPEN_TRACKING": "off",
    }
    settings = settings_of(tmp_path, "", environ)
    assert settings.programmes == ("first-100-days", "second")
    assert settings.usual_domains == ("example.org", "example.com")
    assert settings.working_days == (0, 2)
    assert settings.send_at == time(7, 45)
    assert settings.allow_time_travel is True
    assert settings.port == 9000
    assert settings.mail_url == "maildir:/srv/first100/mailbox"
    assert settings.open_tracking == "off"


OPENID = {
    "FIRST100_OPENID_ISSUER": "https://id.example.org/realms/staff",
    "FIRST100_OPENID_CLIENT_ID": "first100",
    "FIRST100_OPENID_CLIENT_SECRET": "short",
    "FIRST100_PUBLIC_URL": "https://nudges.example.org",
}


def test_a_provider_of_sign_in_is_taken_with_all_that_goes_with_it_and_its_secret_is_not_shown(tmp_path: Path):
    settings = settings_of(tmp_path, "local_sign_in: false\n", OPENID)
    assert settings.openid_issuer == "https://id.example.org/realms/staff"
    assert settings.openid_client_secret is not None
    assert settings.openid_client_secret.get_secret_value() == "short"
    assert "short" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        (
            "",
            {"FIRST100_OPENID_CLIENT_ID": ""},
            "FIRST100_OPENID_ISSUER: needs what the provider knows this service by; set FIRST100_OPENID_CLIENT_ID too",
        ),
        (
            "",
            {"FIRST100_PUBLIC_URL": "http://nudges.example.org"},
            "FIRST100_OPENID_ISSUER: needs pages that are reached by https; set public_url to an https:// address",
        ),
        (
            "",
            {"FIRST100_OPENID_ISSUER": "http://id.example.org"},
            "FIRST100_OPENID_ISSUER: 'http://id.example.org' can be listened to on the way; write the provider's ",
        ),
        (
            "",
            {"FIRST100_OPENID_ISSUER": "https://id.example.org?x=1"},
            "'https://id.example.org?x=1' is no web address",
        ),
        ("openid_client_secret: x\n", {}, "openid_client_secret cannot be set in this file; set FIRST100_OPENID_"),
        (
            "local_sign_in: false\n",
            {"FIRST100_OPENID_ISSUER": ""},
            "local_sign_in is false, and nobody could sign in at all; set openid_issuer, or write true",
        ),
    ],
)
def test_a_provider_of_sign_in_that_cannot_be_used_is_said_in_a_line(
    tmp_path: Path, text: str, change: dict[str, str], expected: str
):
    (problem,) = problems_of(tmp_path, text, OPENID | change)
    assert expected in problem


def test_a_provider_on_this_machine_may_be_reached_without_https(tmp_path: Path):
    change = {"FIRST100_OPENID_ISSUER": "http://localhost:9000", "FIRST100_PUBLIC_URL": "http://127.0.0.1:8100"}
    assert settings_of(tmp_path, "", OPENID | change).openid_issuer == "http://localhost:9000"


def test_an_empty_variable_counts_as_none(tmp_path: Path):
    assert settings_of(tmp_path, "brand_name: Ours\n", {"FIRST100_BRAND_NAME": " "}).brand_name == "Ours"


def test_the_process_environment_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FIRST100_BRAND_NAME", "Elsewhere")
    assert settings_of(tmp_path).brand_name == "First100"
    assert Settings().brand_name == "First100"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sender_nam: x", "1:1: 'sender_nam' is not a key known here; did you mean sender_name?"),
        ("sender_address: nobody", "1:17: sender_address: 'nobody' is no e-mail address: "),
        ("sender_name: 3", "1:14: sender_name should be text and is the number 3; put it in quotes"),
        ('sender_name: "a\\nBcc: b"', "1:14: sender_name holds a line break or control character: "),
        ("public_url: https://x.example.org/", "1:13: public_url: 'https://x.example.org/' ends with a slash; "),
        ("public_url: ftp://x.example.org", "1:13: public_url: 'ftp://x.example.org' is no web address; "),
        ("public_url: https://u:p@example.org", "1:13: public_url: 'https://u:p@example.org' is no web address; "),
        (
            "public_url: https://first100.leadership.example-trust.org",
            "1:13: public_url is 45 characters long and stands in every link; use at most 40",
        ),
        ("brand_colour: blue", "1:15: brand_colour: 'blue' is no colour; write six digits in quotes, like '#1d4f76'"),
        ("tick_seconds: 4", "1:15: tick_seconds: 4 is out of range; write a number from 5 to 3600"),
        ("tick_seconds: soon", "1:15: tick_seconds should be a whole number and is the text 'soon'; "),
        ("port: 99999", "1:7: port: 99999 is out of range; write a number from 1 to 65535"),
        ("in_doubt_policy: guess", "1:18: in_doubt_policy: 'guess' is not known; use one of: hold, resend_once"),
        ("open_tracking: of", "1:16: open_tracking: 'of' is not known; did you mean off?"),
        ("answers_visible_to_admins: perhaps", "1:28: answers_visible_to_admins should be true or false and is "),
        ("holidays: GB-EGN", "1:11: holidays: 'GB-EGN' is no calendar of public holidays; did you mean GB-ENG?"),
        ("holidays: UK", "1:11: holidays: 'UK' is no calendar of public holidays; did you mean GB-ENG, GB-WLS, "),
        ("time_zone: Lodnon", "1:12: time_zone: 'Lodnon' is no time zone; "),
        ("working_days: [mon, 2]", "1:21: working_days: '2' is no day; use one of: mon, tue"),
        ("send_at: 24:00", "1:10: send_at: '24:00' is no time of day; write one from 00:00 to 23:59"),
        ("programmes: [../secrets]", "1:14: programmes: '../secrets' is no id; "),
        ("programmes: []", "1:13: programmes should name each folder once, and at least one; "),
        ("usual_domains: [not a domain]", "1:17: usual_domains: 'not a domain' is no mail domain; "),
        ("database_url: mysql://host/db", "1:15: database_url should start with sqlite:, postgresql+psycopg:; "),
        ("mail: pigeon://loft", "1:7: mail should start with maildir:, smtp:, smtps:, lmtp:; "),
        ("mail: smtp://host:abc", "1:7: mail has a port or host that is none; write it like smtp://host:587"),
        ("replies: pop3://host", "1:10: replies should start with lmtp:, imap:, imaps:; "),
        ("replies: imaps://u:hunter2@h", "1:10: replies holds a password, which may not stand in this file; set "),
        ("data:", "1:1: data is left empty; write a value, or delete the line"),
        ("port: 1\nport: 2", "2:1: port stands here and on line 1; keep one of the two"),
        ("- a list", "1:1: the settings should be 'key: value' lines and this is a list; rewrite it"),
        ("mail: smtp://u:hunter2@h", "1:7: mail holds a password, which may not stand in this file; set FIRST100_MAIL"),
        (
            "database_url: postgresql+psycopg://h/d?password=hunter2",
            "1:15: database_url holds a password, which may not stand in this file; set FIRST100_DATABASE_URL or ",
        ),
        ("secret: hunter2", "1:1: secret cannot be set in this file; set FIRST100_SECRET in the environment"),
        (
            "secret_file: /key",
            "1:1: secret_file cannot be set in this file; set FIRST100_SECRET_FILE in the environment",
        ),
        ("config: elsewhere", "1:1: config cannot be set in this file; set FIRST100_CONFIG in the environment"),
    ],
)
def test_a_wrong_line_of_the_file_is_told_with_its_place(tmp_path: Path, line: str, expected: str):
    (problem,) = problems_of(tmp_path, f"{line}\n")
    assert problem.startswith(f"settings.yaml:{expected}")
    assert "hunter2" not in problem


def test_a_wrong_variable_is_told_by_its_name_and_passwords_are_not_shown(tmp_path: Path):
    environ = {
        "FIRST100_PORT": "http",
        "FIRST100_MAIL": "smtp://user:hunter2@host:port",
        "FIRST100_SECRET": "hunter2",
        "FIRST100_WORKING_DAYS": "mon,frday",
    }
    assert problems_of(tmp_path, "", environ) == [
        "environment: FIRST100_MAIL: has a port or host that is none; write it like smtp://host:587",
        "environment: FIRST100_PORT: should be a whole number and is the text 'http'; write one from 1 to 65535",
        "environment: FIRST100_SECRET: is too short to be safe; use at least 16 characters drawn at random",
        "environment: FIRST100_WORKING_DAYS: 'frday' is no day; did you mean fri?",
    ]


def test_every_wrong_setting_of_both_sources_is_told_in_one_run(tmp_path: Path):
    problems = problems_of(tmp_path, "port: 0\nhost: 3\nsend_at: x\n", {"FIRST100_TICK_SECONDS": "1"})
    assert sorted(problem.split(":")[0] for problem in problems) == ["environment", *["settings.yaml"] * 3]


def test_a_variable_that_looks_like_a_misspelt_setting_is_warned_of(tmp_path: Path):
    environ = {"FIRST100_PUBLC_URL": "https://x.example.org", "FIRST100_ZZZ": "1", "HOME": "/"}
    (warning,) = load_config(write_config(tmp_path), environ).warnings
    assert str(warning) == (
        "environment: FIRST100_PUBLC_URL is not a setting and changes nothing; did you mean FIRST100_PUBLIC_URL?"
    )
    assert warning.severity == "warning"


@pytest.mark.parametrize("name", ["secret", "mail", "replies", "database_url"])
def test_a_secret_may_come_from_a_file_that_the_environment_names(tmp_path: Path, name: str):
    values = {
        "secret": "s" * 32,
        "mail": "smtp://u:p@host",
        "replies": "imaps://u:p@host/INBOX",
        "database_url": "postgresql+psycopg://u:p@host/db",
    }
    (tmp_path / "held").write_text(f"{values[name]}\n")
    settings = settings_of(tmp_path, "", {f"FIRST100_{name.upper()}_FILE": str(tmp_path / "held")})
    secret = settings.secret.get_secret_value() if settings.secret else None
    assert values[name] in (secret, settings.mail_url, settings.replies, settings.database)


def test_old_secrets_come_several_in_one_text_and_each_is_as_long_as_a_new_one(tmp_path: Path):
    (tmp_path / "held").write_text(f"{'a' * 16}\n{'b' * 20}\n")
    settings = settings_of(tmp_path, "", {"FIRST100_OLD_SECRETS_FILE": str(tmp_path / "held")})
    assert [secret.get_secret_value() for secret in settings.old_secrets] == ["a" * 16, "b" * 20]
    (problem,) = problems_of(tmp_path, "", {"FIRST100_OLD_SECRETS": f"{'a' * 16} short"})
    assert problem.startswith("environment: FIRST100_OLD_SECRETS: ")
    assert "too short to be safe" in problem
    assert "short" not in problem.replace("too short", "")


def test_a_secret_file_that_is_of_no_use_is_told(tmp_path: Path):
    (tmp_path / "empty").write_text("\n")
    environ = {
        "FIRST100_MAIL_FILE": str(tmp_path / "gone"),
        "FIRST100_SECRET_FILE": str(tmp_path / "empty"),
        "FIRST100_DATABASE_URL_FILE": str(tmp_path / "empty"),
        "FIRST100_DATABASE_URL": "sqlite:///x",
    }
    assert problems_of(tmp_path, "", environ) == [
        "environment: FIRST100_DATABASE_URL_FILE and FIRST100_DATABASE_URL are both set; keep one of them",
        f"environment: FIRST100_MAIL_FILE: {tmp_path}/gone: this file cannot be read (No such file or directory); "
        "check its permissions",
        f"environment: FIRST100_SECRET_FILE: {tmp_path}/empty is empty; write the value into it",
    ]


def test_passwords_and_secrets_are_masked_wherever_settings_are_shown():
    settings = Settings.model_validate(
        {
            "mail": "smtp://user:hunter2@host:587?starttls=required",
            "replies": "imaps://user:hunter2@host/INBOX",
            "database_url": "postgresql+psycopg://user:hunter2@host/db",
            "secret": "hunter2hunter2hunter2",
            "old_secrets": ["hunter2hunter2hunter2-once"],
        }
    )
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert "hunter2" not in shown
    assert "smtp://user:***@host:587?starttls=required" in shown
    assert "imaps://user:***@host/INBOX" in shown
    assert settings.mail_url == "smtp://user:hunter2@host:587?starttls=required"
    assert settings.database == "postgresql+psycopg://user:hunter2@host/db"


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("smtp://host:587", "smtp://host:587"),
        ("smtp://user@host", "smtp://user@host"),
        ("smtp://user:a/b@host", "smtp://user:***@host"),
        ("smtp://user:a#b?c@host", "smtp://user:***@host"),
        ("smtp://user:a://b@host", "smtp:***@host"),
        ("postgresql+psycopg://host/db?sslpassword=a&x=1", "postgresql+psycopg://host/db?sslpassword=***&x=1"),
        ("maildir:/srv/a:b@c", "maildir:/srv/a:b@c"),
        ("sqlite:////srv/first100.sqlite3", "sqlite:////srv/first100.sqlite3"),
    ],
)
def test_a_password_is_masked_whatever_it_is_made_of(url: str, masked: str):
    assert mask_url(url) == masked


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().__setattr__("port", 1)


def test_the_shipped_file_sets_nothing_and_names_every_setting_with_its_default(tmp_path: Path):
    text = SHIPPED.read_text(encoding="utf-8")
    assert settings_of(tmp_path, text) == Settings(config=tmp_path)
    lines = re.findall(r"(?m)^# ([a-z_]+: .+)$", text)
    assert settings_of(tmp_path, "\n".join(lines)) == Settings(config=tmp_path)
    own = ("secret", "old_secrets", "openid_client_secret")
    outside = {"config", *own, *(f"{name}_file" for name in (*own, "mail", "replies", "database_url"))}
    assert {line.split(":")[0] for line in lines} == set(Settings.model_fields) - outside
    assert all(f"FIRST100_{name.upper()}" in text for name in outside)


@pytest.mark.parametrize(
    ("environ", "folder"),
    [({}, "config"), ({"FIRST100_CONFIG": "/etc/x"}, "/etc/x"), ({"FIRST100_CONFIG": ""}, "config")],
)
def test_the_folder_of_the_config_comes_from_the_environment(environ: dict[str, str], folder: str):
    assert find_config_dir(environ) == Path(folder)
