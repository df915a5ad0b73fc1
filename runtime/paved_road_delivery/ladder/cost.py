"""What it costs to keep a release that has no traffic as large as if it had all of it."""

from datetime import timedelta

DAY = timedelta(days=1)


def usd_of_hold(instances: int, usd_per_hour: float, keep: timedelta) -> float:
    """List price of the instances for that long; disks and data not counted."""
    return instances * usd_per_hour * (keep / timedelta(hours=1))


def told(instances: int, usd_per_hour: float, keep: timedelta) -> str:
    """For the person who holds: `10 instances for 7 days: about 151 USD`."""
    days = keep / DAY
    usd = usd_of_hold(instances, usd_per_hour, keep)
    return f"{instances} instances for {days:g} days: about {usd:.0f} USD"


def daily(instances: int, instance_type: str, usd_per_hour: float | None) -> str:
    """For who looks or may retire: `2 of m8g.large: about 4.31 USD a day`."""
    what = f"{instances} of {instance_type}"
    if usd_per_hour is None:
        return f"{what}: no price is known"
    return f"{what}: about {usd_of_hold(instances, usd_per_hour, DAY):.2f} USD a day"
