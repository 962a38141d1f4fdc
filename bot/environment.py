"""What the environment decides: which configuration, which database, which tokens."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import Config, Secrets, load_config

_HOME = Path(__file__).resolve().parent.parent
"""The checkout, whose config.toml serves where the working directory has none."""


@dataclass(frozen=True)
class Surroundings:
    """The configuration in force, and where it came from."""

    config: Config
    config_path: Path
    database: Path
    secrets: Secrets = field(repr=False)


def look_around(config: str | None) -> Surroundings:
    """Find and read the configuration: the given file, else ASPIRE_CONFIG, else config.toml in
    the working directory, else the project's own. Raises ConfigError.
    """
    path = _config_path(config)
    loaded = load_config(path)
    override = os.environ.get("ASPIRE_DATABASE", "")
    database = Path(override) if override else path.parent / loaded.bot.database
    return Surroundings(loaded, path, database, Secrets.of(os.environ))


def _config_path(config: str | None) -> Path:
    named = config or os.environ.get("ASPIRE_CONFIG", "")
    if named:
        return Path(named)
    here = Path("config.toml")
    return here if here.exists() else _HOME / "config.toml"
