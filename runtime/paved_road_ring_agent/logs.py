"""Logs as lines of JSON: what machines ship and search, and people still read."""

import json
import logging
import sys
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """One object a line: time, level, logger, message, and what was passed as `extra["facts"]`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def write_json_logs() -> None:
    """To standard error, which whoever started the process keeps."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # What fails at their side comes back as an error and is logged with what it means.
    for chatty in ("botocore", "urllib3", "cassandra"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
