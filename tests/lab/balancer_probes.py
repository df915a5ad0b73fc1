"""What stock moto lacks of load balancers, their rules and their target groups."""

BALANCER_PROBES = {
    "rules": """
ec2, elb = boto3.client("ec2"), boto3.client("elbv2")
subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:2]
(balancer,) = elb.create_load_balancer(Name="b", Subnets=subnets)["LoadBalancers"]
answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
(listener,) = elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP",
  Port=80, DefaultActions=answer)["Listeners"]
for priority in (20, 10):
    elb.create_rule(ListenerArn=listener["ListenerArn"], Priority=priority, Actions=answer,
      Conditions=[{"Field": "path-pattern", "Values": ["/*"]}])
found = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
assert len(found) == 3
print([one["Priority"] for one in found] == ["10", "20", "default"])
""",
    "full_names": """
vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
tg = {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties":
  {"VpcId": {"Ref": "V"}, "Port": 80, "Protocol": "HTTP"}}
try:
    cf.create_stack(StackName="s", TemplateBody=T({"V": vpc, "G": tg},
      Name={"Value": {"Fn::GetAtt": ["G", "TargetGroupFullName"]}}))
    print(outputs("s").get("Name", "").startswith("targetgroup/"))
except Exception:
    print(False)
""",
    "balancers": """
subnets = [one["SubnetId"] for one in boto3.client("ec2").describe_subnets()["Subnets"]][:2]
made = boto3.client("elbv2").create_load_balancer(Name="l", Subnets=subnets)["LoadBalancers"][0]
print(made["DNSName"].startswith("127."))
""",
    "target_groups": """
vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
tg = {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties":
  {"VpcId": {"Ref": "V"}, "Port": 80, "Protocol": "HTTP", "TargetGroupAttributes":
  [{"Key": "deregistration_delay.timeout_seconds", "Value": "7"}]}}
cf.create_stack(StackName="s", TemplateBody=T({"V": vpc, "G": tg}, Arn={"Value": {"Ref": "G"}}))
found = boto3.client("elbv2").describe_target_group_attributes(TargetGroupArn=outputs("s")["Arn"])
print({"Key": "deregistration_delay.timeout_seconds", "Value": "7"} in found["Attributes"])
""",
}
