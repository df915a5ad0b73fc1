"""Instances get addresses that processes of this machine can listen on: 10.0.64.5 is 127.0.64.5.

The whole of 127.0.0.0/8 is this machine on Linux (RFC 1122, section 3.2.1.3), so that each
emulated host can have its own address with the real ports, reachable by nobody else. An address
belongs to one living instance in all networks of the lab, and to it for its whole life. One that
a caller asked for by name is kept as it is. This departs from AWS, where it would be the subnet's.
"""

from typing import Any
from weakref import WeakValueDictionary

from moto.ec2.models.subnets import Subnet

LOOPBACK = "127"

holders: WeakValueDictionary[str, Any] = WeakValueDictionary()
"""Instances by address, since networks of different estates may have the same ranges."""


def install() -> None:
    """Change which addresses subnets give out, and take back."""
    stock_get = Subnet.get_available_subnet_ip
    stock_free = Subnet.del_subnet_ip

    def get(self: Subnet, instance: Any) -> str:
        while True:
            given = stock_get(self, instance)
            if ":" in given:
                return str(given)
            address = _with_first(LOOPBACK, given)
            holder = holders.get(address)
            if holder is None or getattr(holder, "state", "") == "terminated":
                holders[address] = instance
                return address

    def free(self: Subnet, ip: str) -> None:
        own = ip if ":" in ip else _with_first(self.cidr_block.partition(".")[0], ip)
        stock_free(self, own)

    Subnet.get_available_subnet_ip = get
    Subnet.del_subnet_ip = free


def _with_first(octet: str, address: str) -> str:
    return f"{octet}.{address.partition('.')[2]}"
