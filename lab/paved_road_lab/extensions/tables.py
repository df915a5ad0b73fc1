"""Encryption and point-in-time recovery of tables that a template states.

Templates say `SSEEnabled` where the API says `Enabled`, and stock moto ignores the recovery.
"""

from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table


def install() -> None:
    """Apply both after creation."""
    stock = Table.create_from_cloudformation_json.__func__

    def create(
        cls: type[Table],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Table:
        given = cloudformation_json["Properties"]
        encryption = given.get("SSESpecification")
        if encryption:
            encryption["Enabled"] = str(encryption.get("SSEEnabled")).lower() == "true"
        table: Table = stock(
            cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
        )
        recovery = given.get("PointInTimeRecoverySpecification")
        if recovery:
            dynamodb_backends[account_id][region_name].update_continuous_backups(
                table.name, recovery
            )
        return table

    Table.create_from_cloudformation_json = classmethod(create)
