"""The one place that reads the clock; everything else is told the time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

#: Deadlines are set, shown and compared in this zone; instants are stored in UTC.
BEIJING = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
