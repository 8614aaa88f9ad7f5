"""Time in contracts: whole milliseconds of block time since the epoch, UTC."""

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def year_of(time_ms: int) -> int:
    """The year of the Gregorian calendar (UTC) that `time_ms` falls in.

    The civil-from-days algorithm over years that begin in March, so that leap days come last.
    """
    days = time_ms // DAY + 719_468  # days since 1 March of year 0
    era, day_of_era = divmod(days, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    return year_of_era + era * 400 + (1 if day_of_year >= 306 else 0)
