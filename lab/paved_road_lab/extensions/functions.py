"""Where a function's code is: stock moto names a bucket that stands nowhere."""

from typing import Any

from moto.awslambda.models import LambdaFunction


def install() -> None:
    """Name the bucket and the key that the function was made from."""
    stock = LambdaFunction.get_code

    def get_code(self: LambdaFunction) -> dict[str, Any]:
        told: dict[str, Any] = stock(self)
        if "S3Key" in self.code:
            told["Code"]["Location"] = f"s3://{self.code['S3Bucket']}/{self.code['S3Key']}"
        return told

    LambdaFunction.get_code = get_code
