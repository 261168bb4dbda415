"""The one place that reads the clock; everything else is told the time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Deadlines are set, shown and compared in this zone; instants are stored in UTC.
BEIJING = ZoneInfo("Asia/Shanghai")


def day_after(day: date) -> datetime:
    """The first instant after *day* in Beijing."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)


def day_of(moment: datetime) -> date:
    """The day in Beijing on which *moment* lies."""
    return moment.astimezone(BEIJING).date()


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
