"""What stock moto lacks of services of ECS and their tasks."""

TASK_PROBES = {
    "tasks of templates": """
ecs, aas = boto3.client("ecs"), boto3.client("application-autoscaling")
ecs.create_cluster(clusterName="c")
ecs.register_task_definition(family="t", memory="512",
  containerDefinitions=[{"name": "n", "image": "i"}])
ecs.create_service(cluster="c", serviceName="n", taskDefinition="t", desiredCount=1)
t = {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {
  "ServiceNamespace": "ecs", "ResourceId": "service/c/n", "MinCapacity": 1, "MaxCapacity": 2,
  "ScalableDimension": "ecs:service:DesiredCount"}}
cf.create_stack(StackName="s", TemplateBody=T({"T": t, "Q": Q}))
print(len(aas.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]) == 1)
""",
    "task_hosts": """
ecs = boto3.client("ecs")
ecs.create_cluster(clusterName="c")
task = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "t", "Memory": "512",
  "ContainerDefinitions": [{"Name": "n", "Image": "i"}]}}
service = {"Type": "AWS::ECS::Service", "Properties": {"Cluster": "c", "DesiredCount": 1,
  "TaskDefinition": {"Ref": "K"}, "LaunchType": "FARGATE"}}
cf.create_stack(StackName="s", TemplateBody=T({"K": task, "S": service}))
(arn,) = ecs.list_services(cluster="c")["serviceArns"]
(found,) = ecs.describe_services(cluster="c", services=[arn])["services"]
print(found["runningCount"] == 1)
""",
}
