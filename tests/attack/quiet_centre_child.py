"""The centre as a process of its own that writes down whatever any library would log; test_quiet_centre.py reads it.

Its arguments: the folder of its data, the database, the file of the log. It says where it serves.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.central import serve
from app.central.config import Config

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)

logging.basicConfig(filename=sys.argv[3], level=logging.DEBUG)
serve.run(Config(sys.argv[2], Path(sys.argv[1]), lambda: NOW), ready=lambda url: print(url, flush=True))
