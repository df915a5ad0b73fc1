"""What it costs to keep a release that has no traffic as large as if it had all of it."""

from datetime import timedelta


def usd_of_hold(instances: int, usd_per_hour: float, keep: timedelta) -> float:
    """List price of the instances for that long; disks and data not counted."""
    return instances * usd_per_hour * (keep / timedelta(hours=1))


def told(instances: int, usd_per_hour: float, keep: timedelta) -> str:
    """For the person who holds: `10 instances for 7 days: about 151 USD`."""
    days = keep / timedelta(days=1)
    usd = usd_of_hold(instances, usd_per_hour, keep)
    return f"{instances} instances for {days:g} days: about {usd:.0f} USD"
