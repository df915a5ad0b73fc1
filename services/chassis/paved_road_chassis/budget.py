"""A budget for second tries: when everything fails, retries are the load that keeps it failing."""


class RetryBudget:
    """Retries are at most a share of the calls made, after a small credit to begin with.

    Every call earns `share` of a retry; no more than `credit` are saved up.
    https://sre.google/sre-book/handling-overload/ (per-client retry budget: 10%)
    """

    def __init__(self, *, share: float = 0.1, credit: float = 10) -> None:
        self._share, self._credit = share, credit
        self._left = credit

    def earn(self) -> None:
        """A first try was made."""
        self._left = min(self._credit, self._left + self._share)

    def spend(self) -> bool:
        """Whether one more try may be made now; it is counted."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
