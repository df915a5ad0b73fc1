"""How long CloudWatch Logs can keep a log group."""

from paved_road.faults import Faults

LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


def check_log_retention(faults: Faults, prop: str, days: int) -> None:
    """Note a number of days that CloudWatch Logs does not have."""
    faults.check(
        days in LOG_RETENTION_DAYS,
        prop,
        f"must be one that CloudWatch Logs knows: {', '.join(map(str, LOG_RETENTION_DAYS))}",
        days,
    )
