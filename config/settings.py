"""What can be set for one installation, each with a default that works on one machine."""

from collections.abc import Iterable
from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo, field_serializer, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.reading.address_fields import Address, is_safe_address
from config.reading.calendar_fields import ClockTime, Holidays, TimeZone
from config.reading.fields import YesNo, whole, wrong
from config.reading.logos import read_logo
from config.reading.own_words import read_own_words
from config.reading.setting_fields import (
    Colour,
    DatabaseUrl,
    DigestDay,
    Domains,
    DoubtPolicy,
    FilePath,
    GivenSecret,
    Issuer,
    Line,
    MailUrl,
    Networks,
    OldSecrets,
    ProgrammeNames,
    PublicUrl,
    RepliesUrl,
    Secret,
    TrackingWord,
    Typeface,
    WorkingWeek,
    mask_url,
)


class Settings(BaseSettings):
    """One installation's settings. Built directly it takes what it is given and reads nothing; see load_settings."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="FIRST100_", env_ignore_empty=True, hide_input_in_errors=True
    )

    config: FilePath = Path("config")
    data: FilePath = Path("var")  # database, mailbox and key
    database_url: DatabaseUrl = ""  # read `database` instead
    database_url_file: FilePath | None = None
    mail: MailUrl = ""  # read `mail_url` instead
    mail_file: FilePath | None = None
    replies: RepliesUrl | None = None  # where replies come in; None: nowhere
    replies_file: FilePath | None = None
    replies_seconds: Annotated[int, BeforeValidator(whole(5, 3600))] = 60
    public_url: PublicUrl = "http://127.0.0.1:8100"
    secret: Secret | None = None
    secret_file: FilePath | None = None
    old_secrets: OldSecrets = ()  # links that they signed still work
    old_secrets_file: FilePath | None = None
    allow_time_travel: YesNo = False
    host: Line = "127.0.0.1"
    port: Annotated[int, BeforeValidator(whole(1, 65535))] = 8100
    tick_seconds: Annotated[int, BeforeValidator(whole(5, 3600))] = 60

    openid_name: Line = "your organisation’s account"  # on the button, after "Sign in with"
    openid_client_id: Line | None = None
    openid_client_secret: GivenSecret | None = None
    openid_client_secret_file: FilePath | None = None
    openid_verified_claim: Line = "email_verified"  # what says that the provider has verified an address
    openid_issuer: Issuer | None = None  # None: no sign-in by OpenID Connect
    local_sign_in: YesNo = True  # False: nobody signs in with a password of ours

    api_requests_per_minute: Annotated[int, BeforeValidator(whole(1, 100_000))] = 600  # of one key
    webhook_networks: Networks = ()  # private ones that webhooks may lead to
    webhook_ca: FilePath | None = None  # certificates trusted there beside the machine's own

    programmes: ProgrammeNames = ("first-100-days",)
    open_tracking: TrackingWord | None = None  # None: as each programme says
    in_doubt_policy: DoubtPolicy = "hold"
    lease_minutes: Annotated[int, BeforeValidator(whole(1, 120))] = 10
    usual_domains: Domains = ()
    small_group: Annotated[int, BeforeValidator(whole(2, 100))] = 5
    answers_visible_to_admins: YesNo = False
    controller: Line | None = None  # the organisation that the privacy notice names
    privacy_notice: FilePath | None = None  # what it says there: a file in the config folder
    retain_events_days: Annotated[int, BeforeValidator(whole(7, 3650))] = 90  # after a programme's last day
    retain_audit_months: Annotated[int, BeforeValidator(whole(1, 120))] = 12
    reading_age_target: Annotated[int, BeforeValidator(whole(9, 20))] = 14  # years, of a whole programme

    sender_name: Line = "First100"
    sender_address: Address = "first100@example.org"
    reply_to: Address | None = None
    hr_contact: Address | None = None  # the address leaders may write to
    weekly_digest: DigestDay = "mon"  # when HR and admins are told who needs them
    brand_name: Line = "First100"
    brand_colour: Colour = "#1d4f76"
    brand_accent_colour: Colour | None = None  # None: the brand's colour
    brand_logo: FilePath | None = None  # a file in the config folder
    brand_typeface: Typeface = "'Segoe UI', -apple-system, BlinkMacSystemFont, Roboto, Helvetica, Arial, sans-serif"
    academy_name: Line = "your regional leadership academy"

    # What holds for a leader whose row does not say otherwise.
    time_zone: TimeZone = "Europe/London"
    holidays: Holidays = "GB-ENG"
    working_days: WorkingWeek = (0, 1, 2, 3, 4)
    send_at: ClockTime = time(8, 30)

    @property
    def database(self) -> str:
        """The database's address, password included; SQLite in the data folder by default."""
        return self.database_url or f"sqlite:///{self.data / 'first100.sqlite3'}"

    @property
    def mail_url(self) -> str:
        """Where mail goes, password included; a mailbox in the data folder by default."""
        return self.mail or f"maildir:{self.data / 'mailbox'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in: load_settings reads the file and the environment it is given, and nothing else."""
        return (init_settings,)

    @field_validator("openid_issuer", mode="after")
    @classmethod
    def _find_client(cls, issuer: str | None, info: ValidationInfo) -> str | None:
        """An issuer is of use only with what it knows us by, and where nobody can listen to what it sends us."""
        lacking = [name for name in ("openid_client_id", "openid_client_secret") if info.data.get(name) is None]
        if issuer and lacking:
            words = " and ".join(f"FIRST100_{name.upper()}" for name in lacking)
            raise wrong(f"needs what the provider knows this service by; set {words} too")
        if issuer and not is_safe_address(info.data.get("public_url", "")):
            raise wrong("needs pages that are reached by https; set public_url to an https:// address")
        return issuer

    @field_validator("local_sign_in", mode="after")
    @classmethod
    def _leave_a_way_in(cls, local: bool, info: ValidationInfo) -> bool:
        if not local and info.data.get("openid_issuer", "") is None:
            raise wrong("is false, and nobody could sign in at all; set openid_issuer, or write true")
        return local

    @field_validator("brand_logo", "privacy_notice", mode="after")
    @classmethod
    def _find_file(cls, name: Path | None, info: ValidationInfo) -> Path | None:
        """Where the file is, looked for in the config folder; only one that can be shown is taken."""
        if name is None:
            return None
        path = info.data["config"] / name
        try:
            (read_logo if info.field_name == "brand_logo" else read_own_words)(path)
        except ValueError as error:
            raise wrong(f"{error}") from error
        return path

    @field_serializer("mail", "replies", "database_url")
    def _mask(self, url: str | None) -> str | None:
        return None if url is None else mask_url(url)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ((name, value) for name, value in self.model_dump().items())
