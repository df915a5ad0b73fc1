"""What stock moto lacks of metrics, of alarms and of the functions that they start."""

WATCHING_PROBES = {
    "alarms": """
cw = boto3.client("cloudwatch")
cw.put_metric_alarm(AlarmName="a", Namespace="n", MetricName="m", Statistic="Sum", Period=60,
  EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
(found,) = cw.describe_alarms()["MetricAlarms"]
print(found["StateValue"] == "INSUFFICIENT_DATA")
""",
    "functions": """
import io, zipfile
trust = json.dumps({"Version": "2012-10-17", "Statement": []})
role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]
packed = io.BytesIO()
zipfile.ZipFile(packed, "w").close()
s3.create_bucket(Bucket="code")
s3.put_object(Bucket="code", Key="k", Body=packed.getvalue())
functions = boto3.client("lambda")
functions.create_function(FunctionName="f", Runtime="python3.13", Role=role["Arn"],
  Handler="h.h", Code={"S3Bucket": "code", "S3Key": "k"})
print(functions.get_function(FunctionName="f")["Code"]["Location"] == "s3://code/k")
""",
    "metrics": """
from datetime import UTC, datetime, timedelta
cw, now = boto3.client("cloudwatch"), datetime.now(UTC).replace(microsecond=0)
cw.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Timestamp": now, "Value": 4.0}])
stat = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
try:
    two = timedelta(minutes=2)
    found = cw.get_metric_data(StartTime=now - two, EndTime=now + two,
      MetricDataQueries=[{"Id": "m", "MetricStat": stat, "ReturnData": False},
        {"Id": "e", "Expression": "m * 2"}])
    print([one["Values"] for one in found["MetricDataResults"]] == [[8.0]])
except Exception:
    print(False)
""",
}
