"""The example of docs/own-policy.md: a school's own policy, with the kinds that no shipped policy uses."""

from __future__ import annotations

import re
from pathlib import Path

from rules.policy import parse_policy

PAGE = (Path(__file__).parents[2] / "docs" / "own-policy.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
OWN_POLICY = parse_policy(EXAMPLE, "own.toml")
KINDS_OF_ITS_OWN = ("recovery", "decline-in-weeks", "weekday", "beside-holiday", "later-day")
