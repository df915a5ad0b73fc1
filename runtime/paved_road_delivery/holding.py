"""Who works on a service, kept in SSM parameters so that only one can be it.

A parameter for each epoch. Whoever makes the next one holds the service: making one that exists
fails, so of two only one does. Each holder writes its own epoch alone, to renew it or to let go.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from paved_road_delivery import contract
from paved_road_delivery.ladder import Holder
from paved_road_delivery.service import LiveService

LEASE = timedelta(minutes=5)
"""A driver renews at every step; a dead one is waited for no longer than this."""


@dataclass(frozen=True)
class Holding:
    """The holds of one service."""

    service: LiveService

    def last(self) -> tuple[int, Holder | None]:
        """The last epoch, 0 if there was none, and its holder."""
        pages = self.service.client("ssm").get_paginator("get_parameters_by_path")
        found = [one for page in pages.paginate(Path=self._path) for one in page["Parameters"]]
        if not found:
            return 0, None
        newest = max(found, key=lambda one: _epoch(one["Name"]))
        told = json.loads(newest["Value"])
        since, until = (datetime.fromisoformat(told[key]) for key in ("since", "until"))
        holder = Holder(who=told["who"], doing=told["doing"], since=since, until=until)
        return _epoch(newest["Name"]), holder

    def take(self, who: str, doing: str, now: datetime, after: int) -> bool:
        """Hold the service as the successor of epoch `after`; False if somebody else was first."""
        from botocore.exceptions import ClientError

        ssm = self.service.client("ssm")
        try:
            ssm.put_parameter(
                Name=self._name(after + 1), Type="String", Value=_value(who, doing, now, now)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterAlreadyExists":
                return False
            raise
        newest, _ = self.last()
        if newest != after + 1:
            # Who read long ago makes an epoch anew that others have gone through and removed.
            ssm.delete_parameters(Names=[self._name(after + 1)])
            return False
        if after:
            ssm.delete_parameters(Names=[self._name(after)])
        return True

    def renew(self, epoch: int, holder: Holder, now: datetime) -> None:
        """Hold it for another lease."""
        self._write(epoch, _value(holder.who, holder.doing, holder.since, now))

    def let_go(self, epoch: int, holder: Holder, now: datetime) -> None:
        """Nobody has to wait for the lease's end."""
        self._write(epoch, _value(holder.who, holder.doing, holder.since, now - LEASE))

    def _write(self, epoch: int, value: str) -> None:
        """Never makes a parameter: an epoch that was succeeded is gone and stays so."""
        newest, _ = self.last()
        if newest == epoch:
            self.service.client("ssm").put_parameter(
                Name=self._name(epoch), Value=value, Overwrite=True
            )

    @property
    def _path(self) -> str:
        return contract.holders_path(self.service.estate, self.service.name)

    def _name(self, epoch: int) -> str:
        return f"{self._path}/{epoch}"


def _epoch(name: str) -> int:
    return int(name.rpartition("/")[2])


def _value(who: str, doing: str, since: datetime, renewed: datetime) -> str:
    until = renewed + LEASE
    return json.dumps(
        {"who": who, "doing": doing, "since": since.isoformat(), "until": until.isoformat()}
    )
