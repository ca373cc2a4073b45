"""`config.toml`: typed settings, every fault at once, and an example file made from the same models."""

from connector.config.file import Config
from connector.config.load import Reading, load_config, read_config
from connector.config.school import SchoolConfig
from connector.config.service import ScheduleConfig

__all__ = ["Config", "Reading", "ScheduleConfig", "SchoolConfig", "load_config", "read_config"]
