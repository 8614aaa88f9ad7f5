"""Time in contracts: whole milliseconds of block time since the epoch, UTC."""

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def year_of(time_ms: int) -> int:
    """The year of the Gregorian calendar (UTC) that `time_ms` falls in."""
    return _civil(time_ms // DAY)[0]


def date_of(day: int) -> str:
    """The date of a day, counted from 1 January 1970, as ISO 8601 text: "2026-02-02"."""
    year, month, day_of_month = _civil(day)
    return f"{year:04d}-{month:02d}-{day_of_month:02d}"


def _civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of month of the Gregorian calendar.

    The civil-from-days algorithm over years that begin in March, so that leap days come last.
    """
    days = day + 719_468  # days since 1 March of year 0
    era, day_of_era = divmod(days, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month = (5 * day_of_year + 2) // 153
    month = march_month + 3 if march_month < 10 else march_month - 9
    day_of_month = day_of_year - (153 * march_month + 2) // 5 + 1
    return year_of_era + era * 400 + (1 if month <= 2 else 0), month, day_of_month
