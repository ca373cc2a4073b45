"""Stands in for SIMS's CommandReporter: `python fake_command_reporter.py MODE OUTPUT`. For tests only.

Modes: good (writes the XML), stdout (prints it), error (an error on stdout, exit code 0), nothing, empty, slow, and
environment (prints a report that shows whether the environment variable REPORT_PASSWORD came through).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

RECORD = "<Record><primary_id>{}</primary_id><UPN>A{}</UPN><Forename>Pat</Forename></Record>"
REPORT = "<SuperStarReport>" + RECORD.format(17, 17) + "</SuperStarReport>"
ERROR = "<CommandReporterError>Login failed /PASSWORD:geheim for this user</CommandReporterError>"


def main(mode: str, output: str = "") -> int:
    if mode == "good":
        Path(output).write_text(REPORT, encoding="utf-8")
    elif mode == "stdout":
        print(REPORT)
    elif mode == "error":
        print(ERROR)
    elif mode == "empty":
        Path(output).write_bytes(b"")
    elif mode == "slow":
        time.sleep(30)
    elif mode == "environment":
        print(
            "<SuperStarReport>" + RECORD.format(len(os.environ["REPORT_PASSWORD"]), 1) + "</SuperStarReport>"
        )
    return 3 if mode == "good" else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
