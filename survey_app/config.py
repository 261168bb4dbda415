"""Settings, in one table; secrets, made on first run or taken from the environment.

Every setting is an environment variable. ``JUNHENG_HOME`` holds the database, the secrets
(mode 0600), uploads and exports. In production (``JUNHENG_ENV=production``) secrets are never
made: they come from the environment, and what is missing is said at once.
"""

import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from flask import Flask

#: Every setting the product reads: name -> what it is. The operators' guide lists the same names.
SETTINGS = {
    "JUNHENG_HOME": "folder of database, secrets, uploads and exports",
    "JUNHENG_ENV": "'local' (default) or 'production'",
    "JUNHENG_DATABASE_URL": "database; default: junheng.db in JUNHENG_HOME",
    "JUNHENG_PUBLIC_URL": "address that phones use, printed on the cards",
    "JUNHENG_KEYS": "folder of the waves' private keys; default: keys in JUNHENG_HOME",
    "JUNHENG_SESSION_KEY": "64 hexadecimal digits; signs sign-in cookies",
    "JUNHENG_CODE_KEY": "64 hexadecimal digits; makes access codes and their stored hashes",
    "JUNHENG_TICKET_KEY": "64 hexadecimal digits; encrypts entry tickets",
    "JUNHENG_PERSONAL_KEY": "64 hexadecimal digits; encrypts names, telephone numbers and second factors",
}

#: Secrets by attribute: the setting that holds each.
SECRETS = {
    "session_key": "JUNHENG_SESSION_KEY",
    "code_key": "JUNHENG_CODE_KEY",
    "ticket_key": "JUNHENG_TICKET_KEY",
    "personal_key": "JUNHENG_PERSONAL_KEY",
}


class ConfigurationError(Exception):
    """Settings that are missing or unusable; *names* lists each one."""

    code = "configuration"

    def __init__(self, names: list[str]):
        super().__init__(f"missing or unusable settings: {', '.join(names)}")
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the application needs to know about where it runs."""

    home: Path
    production: bool
    database_url: str
    public_url: str
    keys: Path
    session_key: bytes = field(repr=False)
    code_key: bytes = field(repr=False)
    ticket_key: bytes = field(repr=False)
    personal_key: bytes = field(repr=False)
    #: Jobs run at once, inside the caller's process (tests and one-off commands).
    inline_jobs: bool = False

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of our own."""
        return self.database_url.startswith("sqlite")

    @property
    def database_file(self) -> Path:
        """The SQLite file (only where `is_sqlite`)."""
        return Path(self.database_url.removeprefix("sqlite:///"))


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from *environ* (the process's own by default).

    Raises:
        ConfigurationError: in production, with the names of all secrets that are missing;
            anywhere, with the names of secrets that are not 64 hexadecimal digits.
    """
    environ = os.environ if environ is None else environ
    home = Path(environ.get("JUNHENG_HOME") or platformdirs.user_data_path("junheng")).resolve()
    production = environ.get("JUNHENG_ENV", "local") == "production"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = {} if production else _secrets_of_home(home)
    found = {name: environ.get(setting) or kept.get(name, "") for name, setting in SECRETS.items()}
    wrong = [SECRETS[name] for name, value in found.items() if not _is_key(value)]
    if production:
        wrong += [name for name in ("JUNHENG_DATABASE_URL", "JUNHENG_PUBLIC_URL") if not environ.get(name)]
    if wrong:
        raise ConfigurationError(wrong)
    return Settings(
        home=home,
        production=production,
        database_url=environ.get("JUNHENG_DATABASE_URL") or f"sqlite:///{home / 'junheng.db'}",
        public_url=(environ.get("JUNHENG_PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/"),
        keys=Path(environ.get("JUNHENG_KEYS") or home / "keys"),
        session_key=bytes.fromhex(found["session_key"]),
        code_key=bytes.fromhex(found["code_key"]),
        ticket_key=bytes.fromhex(found["ticket_key"]),
        personal_key=bytes.fromhex(found["personal_key"]),
    )


def settings_of(app: "Flask") -> Settings:
    """The settings *app* was made with."""
    return app.extensions["junheng-settings"]


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read, whole or not at all.

    Raises:
        FileExistsError: it is there already; an existing file is never replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    finally:
        partial.unlink()


def _secrets_of_home(home: Path) -> dict[str, str]:
    """The secrets kept in *home*; those that a later release added stand in files of their own."""
    kept = _made_once(home / "secrets.json", SECRETS)
    for name in SECRETS:
        if name not in kept:
            kept |= _made_once(home / f"secret-{name}.json", [name])
    return kept


def _made_once(path: Path, names: Iterable[str]) -> dict[str, str]:
    if not path.exists():
        made = {name: secrets.token_hex(32) for name in names}
        # Another process may have made them a moment ago.
        with contextlib.suppress(FileExistsError):
            write_private(path, json.dumps(made).encode("utf-8"))
    return json.loads(path.read_text("utf-8"))


def _is_key(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32
    except ValueError:
        return False
