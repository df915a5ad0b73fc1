"""Programs that print False for as long as stock moto lacks something, one an extension."""

from tests.lab.balancer_probes import BALANCER_PROBES
from tests.lab.task_probes import TASK_PROBES
from tests.lab.watching_probes import WATCHING_PROBES

GROUP = """
asg, ec2 = boto3.client("autoscaling"), boto3.client("ec2")
t = {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData":
  {"ImageId": "ami-12345678", "InstanceType": "m8g.large", "DisableApiTermination": True}}}
subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
g = {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {
  "AutoScalingGroupName": "g", "MinSize": "1", "MaxSize": "2", "VPCZoneIdentifier": [subnet],
  "LaunchTemplate": {"LaunchTemplateId": {"Ref": "T"}, "Version": "1"},
  "LifecycleHookSpecificationList": [{"LifecycleHookName": "claim",
    "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}]}}
cf.create_stack(StackName="s", TemplateBody=T({"T": t, "G": g}))
def member():
    return asg.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"][0]["InstanceId"]
"""
"""One group of one instance, with a hook and a protected launch template."""

PROBES = (
    BALANCER_PROBES
    | TASK_PROBES
    | WATCHING_PROBES
    | {
        "associations": """
ec2 = boto3.client("ec2")
vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
subnet = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "V"},
  "CidrBlock": "10.0.0.0/24"}}
table = {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "V"}}}
both = {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties":
  {"SubnetId": {"Ref": "S"}, "RouteTableId": {"Ref": "R"}}}
cf.create_stack(StackName="s", TemplateBody=T({"V": vpc, "S": subnet, "R": table, "A": both},
  Table={"Value": {"Ref": "R"}}))
found = ec2.describe_route_tables(RouteTableIds=[outputs("s")["Table"]])["RouteTables"][0]
print(any("SubnetId" in one for one in found["Associations"]))
""",
        "deletion": """
elb = boto3.client("elbv2")
vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
tg = {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties":
  {"VpcId": {"Ref": "V"}, "Port": 80, "Protocol": "HTTP"}}
cf.create_stack(StackName="s", TemplateBody=T({"V": vpc, "G": tg}))
assert len(elb.describe_target_groups()["TargetGroups"]) == 1
try:
    cf.delete_stack(StackName="s")
except Exception:
    pass
print(elb.describe_target_groups()["TargetGroups"] == [])
""",
        "groups": """
ec2, asg = boto3.client("ec2"), boto3.client("autoscaling")
t = {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData":
  {"ImageId": "ami-12345678", "InstanceType": "m8g.large"}}}
subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:2]
g = {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {
  "MinSize": "2", "MaxSize": "2", "VPCZoneIdentifier": subnets,
  "LaunchTemplate": {"LaunchTemplateId": {"Ref": "T"}, "Version": "1"}}}
cf.create_stack(StackName="s", TemplateBody=T({"T": t, "G": g}))
found = ec2.describe_instances()["Reservations"]
where = {one["SubnetId"] for reservation in found for one in reservation["Instances"]}
assert len(subnets) == 2 and where
print(where == set(subnets))
""",
        "secrets of templates": """
s = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "s", "SecretString": "x"}}
cf.create_stack(StackName="s", TemplateBody=T({"S": s}))
print(len(boto3.client("secretsmanager").list_secrets()["SecretList"]) == 1)
""",
        "hooks": GROUP
        + """
try:
    asg.complete_lifecycle_action(AutoScalingGroupName="g", LifecycleHookName="claim",
      InstanceId=member(), LifecycleActionResult="CONTINUE")
    print(True)
except Exception:
    print(False)
""",
        "refreshes": GROUP
        + """
try:
    asg.start_instance_refresh(AutoScalingGroupName="g", Strategy="ReplaceRootVolume")
    print(True)
except Exception:
    print(False)
""",
        "hooks of templates": GROUP
        + """
print(len(asg.describe_lifecycle_hooks(AutoScalingGroupName="g")["LifecycleHooks"]) > 0)
""",
        "waits": GROUP
        + """
asg.put_lifecycle_hook(AutoScalingGroupName="g", LifecycleHookName="claim",
  LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING")
asg.set_desired_capacity(AutoScalingGroupName="g", DesiredCapacity=2)
found = asg.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]
print("Pending:Wait" in {one["LifecycleState"] for one in found})
""",
        "members": GROUP
        + """
asg.suspend_processes(AutoScalingGroupName="g", ScalingProcesses=["Launch"])
asg.set_desired_capacity(AutoScalingGroupName="g", DesiredCapacity=2)
print(len(asg.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]) == 1)
""",
        "termination": GROUP
        + """
try:
    ec2.terminate_instances(InstanceIds=[member()])
    print(False)
except Exception:
    print(True)
""",
        "addresses": GROUP
        + """
found = ec2.describe_instances(InstanceIds=[member()])["Reservations"][0]["Instances"][0]
print(found["PrivateIpAddress"].startswith("127."))
""",
        "stack_outputs": """
cf.create_stack(StackName="p", TemplateBody=T({"Q": Q}, Told={"Value": "x"}))
read = {"Fn::GetStackOutput": {"StackName": "p", "OutputName": "Told"}}
cf.create_stack(StackName="r", TemplateBody=T({"Q": Q}, Heard={"Value": read}))
print(outputs("r").get("Heard") == "x")
""",
        "placeholders": """
app = {"Type": "AWS::AppConfig::Application", "Properties": {"Name": "x"}}
cf.create_stack(StackName="s", TemplateBody=T({"A": app, "Q": Q}, Id={"Value": {"Ref": "A"}}))
print(outputs("s").get("Id") not in (None, "None"))
""",
        "updates": """
body = json.dumps({"Parameters": {"N": {"Type": "String", "Default": "small"}},
  "Resources": {"P": P({"Ref": "N"})}})
cf.create_stack(StackName="s", TemplateBody=body,
  Parameters=[{"ParameterKey": "N", "ParameterValue": "large"}])
try:
    cf.update_stack(StackName="s", UsePreviousTemplate=True)
except Exception:
    pass
print(ssm.get_parameter(Name="/p")["Parameter"]["Value"] == "small")
""",
        "profiles": """
role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
profile = {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "R"}]}}
template = {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData":
  {"ImageId": "ami-1", "IamInstanceProfile": {"Name": {"Ref": "I"}}}}}
group = {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "1",
  "MaxSize": "1", "AvailabilityZones": ["us-east-1a"], "LaunchTemplate":
  {"LaunchTemplateId": {"Ref": "L"}, "Version": "1"}}}
cf.create_stack(StackName="s", TemplateBody=T(
  {"R": role, "I": profile, "L": template, "G": group}))
found = boto3.client("ec2").describe_instances()["Reservations"][0]["Instances"][0]
print("IamInstanceProfile" in found)
""",
        "protection": """
cf.create_stack(StackName="s", TemplateBody=T({"Q": Q}))
try:
    cf.update_termination_protection(StackName="s", EnableTerminationProtection=True)
    print(True)
except Exception:
    print(False)
""",
        "buckets": """
b = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b",
  "VersioningConfiguration": {"Status": "Enabled"}}}
cf.create_stack(StackName="s", TemplateBody=T({"B": {**b, "Properties": {**b["Properties"],
  "BucketName": "bucket-of-mine"}}}))
print(s3.get_bucket_versioning(Bucket="bucket-of-mine").get("Status") == "Enabled")
""",
        "spelling": """
try:
    cf.create_stack(StackName="s", TemplateBody=T({"P": {**P("x"), "Properties":
      {**P("x")["Properties"], "Tags": {"a": "b"}}}}))
    print(True)
except Exception:
    print(False)
""",
        "tables": """
t = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "t",
  "BillingMode": "PAY_PER_REQUEST",
  "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
  "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
  "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}}
cf.create_stack(StackName="s", TemplateBody=T({"T": t}))
found = boto3.client("dynamodb").describe_continuous_backups(TableName="t")
print(found["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
  ["PointInTimeRecoveryStatus"] == "ENABLED")
""",
        "stack_tags": GROUP.replace('"s", T', '"s", Tags=[{"Key": "k", "Value": "v"}], T')
        + """
print("'Key': 'k', 'Value': 'v'" in str(ec2.describe_instances(InstanceIds=[member()])))
""",
    }
)

PRELUDE = """
import boto3, json, os, warnings
warnings.simplefilter("ignore")
os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
from moto import mock_aws
Q = {"Type": "AWS::SQS::Queue"}
def P(value):
    return {"Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/p", "Type": "String", "Value": value}}
def T(resources, **outputs):
    return json.dumps({"Resources": resources, "Outputs": outputs})
def outputs(stack):
    found = cf.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", ())
    return {one["OutputKey"]: one["OutputValue"] for one in found}
"""


def program(extension: str) -> str:
    """A probe with what all of them need, inside moto."""
    lines = [
        'cf, ssm, s3 = (boto3.client(n) for n in ("cloudformation", "ssm", "s3"))',
        *PROBES[extension].strip().splitlines(),
    ]
    return PRELUDE + "with mock_aws():\n" + "".join(f"    {line}\n" for line in lines)
