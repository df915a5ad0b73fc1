"""Which users are in a percentage: the same ones wherever and whenever it is asked.

For clients and the edge, which know who the user is; the load balancer only draws lots. A user has
a place between 0 and 100, for good, so who is in 5 percent is in 25 percent too.

In any language: SHA-256 over the UTF-8 bytes of `of`, a zero byte and the user; its first eight
bytes, big-endian, times 100, divided by 2 to the 64.
"""

from hashlib import sha256


def place(user: str, *, of: str) -> float:
    """Where a user stands, from 0 to below 100.

    `of` says among what. With a service's name the same users are the first to meet each of its
    releases; with a release's name others are each time.
    """
    digest = sha256(of.encode() + b"\0" + user.encode()).digest()
    # 53 bits are what a float holds; more could round up to 100.
    return (int.from_bytes(digest[:8], "big") >> 11) * 100 / 2**53


def is_in(user: str, percent: float, *, of: str) -> bool:
    """Whether a user is among the first `percent`: nobody at 0, everybody at 100.

    Raises `ValueError` for less or more than that.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"a percentage is 0 to 100, not {percent}")
    return place(user, of=of) < percent
