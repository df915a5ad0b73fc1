"""`LoadBalancerFullName` and `TargetGroupFullName`: the dimensions of their metrics.

Both are the end of the ARN: `app/<name>/<id>` and `targetgroup/<name>/<id>`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
"""

from typing import Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup


def install() -> None:
    """Add the attribute to each model."""
    _add(FakeLoadBalancer, "LoadBalancerFullName", ":loadbalancer/", "")
    _add(FakeTargetGroup, "TargetGroupFullName", ":targetgroup/", "targetgroup/")


def _add(model: type[Any], attribute: str, before: str, prefix: str) -> None:
    stock_has = model.has_cfn_attr
    stock_get = getattr(model, "get_cfn_attribute", None)

    def has(cls: type[Any], attr: str) -> bool:
        _ = cls
        return attr == attribute or bool(stock_has(attr))

    def get(self: Any, attribute_name: str) -> Any:
        if attribute_name == attribute:
            return prefix + self.arn.split(before, 1)[1]
        if stock_get is None:
            raise UnformattedGetAttTemplateException
        return stock_get(self, attribute_name)

    model.has_cfn_attr = classmethod(has)
    model.get_cfn_attribute = get
