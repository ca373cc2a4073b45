"""`config.toml`: typed settings, every fault at once, and an example file made from the same models."""

from connector.config.file import Config
from connector.config.load import Reading, load_config, read_config
from connector.config.school import (
    ExclusionConfig,
    HttpConfig,
    LettersConfig,
    MisConfig,
    RunConfig,
    SchoolConfig,
    SupplyConfig,
)
from connector.config.service import ScheduleConfig, ServiceConfig

__all__ = [
    "Config",
    "ExclusionConfig",
    "HttpConfig",
    "LettersConfig",
    "MisConfig",
    "Reading",
    "RunConfig",
    "ScheduleConfig",
    "SchoolConfig",
    "ServiceConfig",
    "SupplyConfig",
    "load_config",
    "read_config",
]
