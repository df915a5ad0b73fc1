"""Outputs, parameters and references get the values that CloudFormation gives them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_lab.cloud import LabCloud
from tests.lab.small_stacks import Template, outputs, parameter, queue, ssm_value

pytestmark = pytest.mark.slow


def publishing(value: str) -> Template:
    return {"Resources": {"Q": queue()}, "Outputs": {"Told": {"Value": value}}}


def reading(producer: str, region: str | None = None) -> Template:
    where = {"Region": region} if region else {}
    read = {"Fn::GetStackOutput": {"StackName": producer, "OutputName": "Told", **where}}
    return {
        "Resources": {"P": parameter(f"/reader/{producer}", read)},
        "Outputs": {"Heard": {"Value": read}},
    }


def test_outputs_are_read_across_stacks_and_regions(cloud: LabCloud, create: Any) -> None:
    near = create(publishing("near"), suffix="-near")
    far = create(publishing("far"), region="eu-west-1", suffix="-far")
    assert outputs(cloud, create(reading(near), suffix="-a")) == {"Heard": "near"}
    assert outputs(cloud, create(reading(far, "eu-west-1"), suffix="-b")) == {"Heard": "far"}


def test_a_read_of_what_is_not_published_fails(create: Any) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        create(reading("nobody"))


def test_reads_are_resolved_again_at_every_update(cloud: LabCloud, create: Any) -> None:
    cloudformation = cloud.client("cloudformation", "us-east-1")
    producer = create(publishing("one"), suffix="-producer")
    reader = create(reading(producer), suffix="-reader")
    cloudformation.update_stack(StackName=producer, TemplateBody=json.dumps(publishing("two")))
    assert ssm_value(cloud, f"/reader/{producer}") == "one"
    cloudformation.update_stack(StackName=reader, UsePreviousTemplate=True)
    assert ssm_value(cloud, f"/reader/{producer}") == "two"
    assert outputs(cloud, reader) == {"Heard": "two"}


def test_what_refers_to_something_that_changes_changes_with_it(
    cloud: LabCloud, create: Any
) -> None:
    """As a group gets the new version of its launch template; whatever their order."""

    def launching(image: str) -> Template:
        data = {"ImageId": image, "InstanceType": "m8g.large"}
        version = {"Fn::GetAtt": ["Template", "LatestVersionNumber"]}
        return {
            "Resources": {
                "Before": parameter("/before", version),
                "Template": {
                    "Type": "AWS::EC2::LaunchTemplate",
                    "Properties": {"LaunchTemplateData": data},
                },
                "Between": parameter("/between", version),
            }
        }

    stack = create(launching("ami-12345678"))
    cloudformation = cloud.client("cloudformation", "us-east-1")
    cloudformation.update_stack(StackName=stack, TemplateBody=json.dumps(launching("ami-87654321")))
    assert {name: ssm_value(cloud, name) for name in ("/before", "/between")} == {
        "/before": "2",
        "/between": "2",
    }


def test_a_tagged_parameter_changes_with_its_stack(cloud: LabCloud, create: Any) -> None:
    def tagged(value: str) -> Template:
        declared = parameter("/tagged", value)
        declared["Properties"]["Tags"] = {"paved-road:ring": "orders"}
        return {"Resources": {"P": declared}}

    stack = create(tagged("one"))
    cloudformation = cloud.client("cloudformation", "us-east-1")
    cloudformation.update_stack(StackName=stack, TemplateBody=json.dumps(tagged("two")))
    assert ssm_value(cloud, "/tagged") == "two"
    found = cloud.client("ssm", "us-east-1").list_tags_for_resource(
        ResourceType="Parameter", ResourceId="/tagged"
    )
    assert {"Key": "paved-road:ring", "Value": "orders"} in found["TagList"]


PARAMETERS: Template = {
    "Parameters": {"Size": {"Type": "String", "Default": "small"}},
    "Resources": {
        "P": parameter("/size", {"Ref": "Size"}),
        "S": parameter("/sub", {"Fn::Sub": "it is ${Size}"}),
    },
}


def test_a_parameter_left_out_of_an_update_goes_back_to_its_default(
    cloud: LabCloud, create: Any
) -> None:
    cloudformation = cloud.client("cloudformation", "us-east-1")
    large = [{"ParameterKey": "Size", "ParameterValue": "large"}]
    stack = create(PARAMETERS, Parameters=large)
    assert (ssm_value(cloud, "/size"), ssm_value(cloud, "/sub")) == ("large", "it is large")
    kept = [{"ParameterKey": "Size", "UsePreviousValue": True}]
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cloudformation.update_stack(StackName=stack, UsePreviousTemplate=True, Parameters=kept)
    cloudformation.update_stack(StackName=stack, UsePreviousTemplate=True)
    assert (ssm_value(cloud, "/size"), ssm_value(cloud, "/sub")) == ("small", "it is small")
    cloudformation.delete_stack(StackName=stack)


def test_a_previous_value_that_was_never_passed_is_the_default(
    cloud: LabCloud, create: Any
) -> None:
    cloudformation = cloud.client("cloudformation", "us-east-1")
    stack = create(PARAMETERS)
    changed = {**PARAMETERS, "Resources": {**PARAMETERS["Resources"], "Q": queue()}}
    cloudformation.update_stack(
        StackName=stack,
        TemplateBody=json.dumps(changed),
        Parameters=[{"ParameterKey": "Size", "UsePreviousValue": True}],
    )
    assert ssm_value(cloud, "/size") == "small"
    cloudformation.delete_stack(StackName=stack)


def test_parameters_from_ssm_keep_their_name_and_follow_its_value(
    cloud: LabCloud, create: Any
) -> None:
    ssm = cloud.client("ssm", "us-east-1")
    cloudformation = cloud.client("cloudformation", "us-east-1")
    ssm.put_parameter(Name="/weight", Value="1", Type="String")
    stack = create(
        {
            "Parameters": {
                "Weight": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/weight"}
            },
            "Resources": {"P": parameter("/copy", {"Ref": "Weight"})},
        }
    )
    for value in ("2", "3"):
        ssm.put_parameter(Name="/weight", Value=value, Overwrite=True)
        cloudformation.update_stack(
            StackName=stack,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Weight", "UsePreviousValue": True}],
        )
        assert ssm_value(cloud, "/copy") == value


def test_a_failed_update_is_rolled_back(cloud: LabCloud, create: Any) -> None:
    cloudformation = cloud.client("cloudformation", "us-east-1")
    before = {"Resources": {"P": parameter("/kept", "1")}, "Outputs": {"O": {"Value": "1"}}}
    stack = create(before)
    after = {
        "Resources": {
            "P": parameter("/kept", "2"),
            "Q": parameter("/added", "1"),
            "Z": parameter("/kept", "taken by P"),
        }
    }
    with pytest.raises(ClientError, match="already exists"):
        cloudformation.update_stack(StackName=stack, TemplateBody=json.dumps(after))
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert found["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert outputs(cloud, stack) == {"O": "1"}
    assert ssm_value(cloud, "/kept") == "1"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        ssm_value(cloud, "/added")
    standing = cloudformation.get_template(StackName=stack)["TemplateBody"]
    assert standing["Resources"] == before["Resources"]
    cloudformation.delete_stack(StackName=stack)


def test_what_refers_to_a_skipped_resource_says_so(cloud: LabCloud, create: Any) -> None:
    stack = create(
        {
            "Resources": {
                "Skipped": {"Type": "AWS::AppConfig::Application", "Properties": {"Name": "x"}},
                "P": parameter("/refers", {"Ref": "Skipped"}),
            },
            "Outputs": {"Id": {"Value": {"Ref": "Skipped"}}},
        }
    )
    assert ssm_value(cloud, "/refers") == "paved-road-lab-skipped-Skipped"
    assert outputs(cloud, stack) == {"Id": "paved-road-lab-skipped-Skipped"}


def secret(name: str, **properties: Any) -> Any:
    return {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": name, **properties}}


def test_a_templates_secret_is_drawn_once_kept_by_updates_and_goes_with_its_stack(
    cloud: LabCloud, create: Any
) -> None:
    secrets = cloud.client("secretsmanager", "us-east-1")
    cloudformation = cloud.client("cloudformation", "us-east-1")
    drawn = {
        "SecretStringTemplate": '{"username": "one"}',
        "GenerateStringKey": "password",
        "PasswordLength": 48,
        "ExcludePunctuation": True,
    }
    template = {
        "Resources": {
            "Drawn": secret("drawn", GenerateSecretString=drawn),
            "Empty": secret("empty", Description="nothing yet"),
        },
        "Outputs": {"Arn": {"Value": {"Ref": "Drawn"}}},
    }
    stack = create(template)
    value = secrets.get_secret_value(SecretId=outputs(cloud, stack)["Arn"])["SecretString"]
    facts = json.loads(value)
    assert (facts["username"], len(facts["password"]), facts["password"].isalnum()) == (
        "one",
        48,
        True,
    )
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId="empty")
    template["Resources"]["Drawn"] = secret("drawn", GenerateSecretString=drawn, Description="new")
    cloudformation.update_stack(StackName=stack, TemplateBody=json.dumps(template))
    assert secrets.get_secret_value(SecretId="drawn")["SecretString"] == value
    assert secrets.describe_secret(SecretId="drawn")["Description"] == "new"
    cloudformation.delete_stack(StackName=stack)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.describe_secret(SecretId="drawn")
