"""Wrong edits of the miniature template, and what their refusal says."""

from tests.support.local_world import TEMPLATE

Edit = tuple[str, str, str]
"""What is written, what is written instead, and what the refusal says."""

RESOURCES = TEMPLATE[TEMPLATE.index("Resources:") :]
TRUST = TEMPLATE[TEMPLATE.index("      AssumeRolePolicyDocument") :]
NUMBER = "Type: Number, Default: 0.8"

OUTLINE: dict[str, Edit] = {
    "no Transform": ("Transform: AWS::Serverless-2016-10-31\n", "", "the template: 'Transform' is a required property"),
    "another Transform": ("Transform: AWS::Serverless-2016-10-31", "Transform: Sam", "the template's Transform: "),
    "a section misspelt": ("Parameters:", "Parametres:", "the template: Additional properties are not allowed ('Parametres' "),
    "empty Resources": (RESOURCES, "Resources:\n", "the template's Resources: there is nothing there"),
    "no resource": (RESOURCES, "Resources: {}\n", "the template's Resources: {} should be non-empty"),
    "a list of Resources": (RESOURCES, "Resources: [a]\n", "the template's Resources: ['a'] is not of type 'object'"),
    "a resource that is a text": ("Resources:\n", "Resources:\n  A: text\n", "Resources.A: 'text' is not of type 'object'"),
    "a resource without Type": ("Resources:\n", "Resources:\n  A: { Properties: {} }\n", "Resources.A: 'Type' is a required property"),
    "a resource with empty Properties": (
        "Resources:\n",
        "Resources:\n  A: { Type: AWS::S3::Bucket, Properties: }\n",
        "Resources.A.Properties: ",
    ),
    "a parameter without Type": (NUMBER, "Default: 0.8", "Parameters.MinAccuracy: 'Type' is a required property"),
    "a parameter with an empty Default": (NUMBER, "Type: Number, Default:", "Parameters.MinAccuracy.Default: there is nothing there"),
    "a pattern that is none": (NUMBER, "Type: String, AllowedPattern: '['", "Parameters.MinAccuracy.AllowedPattern: '[' is not a 'regex'"),
    "a bound that is no number": (NUMBER, "Type: Number, MinValue: low", "Parameters.MinAccuracy.MinValue: 'low' is not of type 'number'"),
    "a rule without Assert": (
        "Resources:",
        "Rules: { One: { Assertions: [{ AssertDescription: Refused. }] } }\nResources:",
        "Rules.One.Assertions.0: 'Assert' is a required property",
    ),
    "a rule without AssertDescription": (
        "Resources:",
        "Rules: { One: { Assertions: [{ Assert: true }] } }\nResources:",
        "Rules.One.Assertions.0: 'AssertDescription' is a required property",
    ),
    "a key that is there twice": ("  TABLE: ", "  BUCKET: twice\n          TABLE: ", "is no YAML: line 38: the key BUCKET is there twice"),
    "a key that is a list": ("Resources:\n", "? [a]\n: b\nResources:\n", "found unhashable key"),
    "a type of SAM's misspelt": (
        "Serverless::HttpApi",
        "Serverless::HttpApp",
        "HttpApi.Type: there is no resource type AWS::Serverless::HttpApp",
    ),
    "a type misspelt": ("DynamoDB::Table", "DynamoDB::Tabel", "ProfilesTable.Type: there is no resource type AWS::DynamoDB::Tabel"),
    "a function that is not SAM's": ("AWS::DynamoDB::Table", "AWS::Lambda::Function", "it as AWS::Serverless::Function"),
}

LAYERS = "Runtime: python3.13\n      Layers: [%s]"
MACHINE = "DefinitionUri: machine.asl.json"
METADATA = "    Metadata: { Dockerfile: inference/Dockerfile, DockerContext: ./, DockerTag: inference }\n"
BACKEND, INFERENCE, TRAINING = (f"Resources.{name}Function" for name in ("Backend", "Inference", "Training"))

CODE: dict[str, Edit] = {
    "no CodeUri": ("      CodeUri: backend\n", "", f"{BACKEND}.Properties: 'CodeUri' is a required property"),
    "a folder that is not there": ("CodeUri: backend", "CodeUri: back", f"{BACKEND}.Properties.CodeUri: there is no folder "),
    "a module that is not there": ("backend.handler", "back.handler", f"{BACKEND}: its Handler back.handler is in no file of its code"),
    "a handler that names no module": ("backend.handler", "handler", f"{BACKEND}: its Handler handler is in no file of its code"),
    "a layer that is not there": (
        "Runtime: python3.13",
        LAYERS % "!Ref Nobody",
        f"{BACKEND}.Properties.Layers.0: it refers to Nobody, which is not",
    ),
    "a layer that is none": ("Runtime: python3.13", LAYERS % "!Ref DataBucket", f"{BACKEND}.Properties.Layers: DataBucket is no AWS::Serv"),
    "a layer by its ARN": ("Runtime: python3.13", LAYERS % "arn", f"{BACKEND}.Properties.Layers.0: 'arn' is not of type 'object'"),
    "a layer without content": (
        "Resources:\n",
        "Resources:\n  Common: { Type: AWS::Serverless::LayerVersion, Properties: { ContentUri: nowhere } }\n",
        "Resources.Common.Properties.ContentUri: there is no folder ",
    ),
    "no Metadata": (METADATA, "", f"{INFERENCE}: 'Metadata' is a required property"),
    "no Dockerfile": ("{ Dockerfile: inference/Dockerfile, ", "{ ", f"{INFERENCE}.Metadata: 'Dockerfile' is a required property"),
    "a Dockerfile that is not there": ("inference/Dockerfile", "nowhere", f"{INFERENCE}.Metadata.Dockerfile: there is no file "),
    "a context that is not there": (
        "DockerContext: ./",
        "DockerContext: nowhere",
        f"{INFERENCE}.Metadata.DockerContext: there is no folder ",
    ),
    "a command that is not there": ("[training.handler]", "[train.handler]", f"{TRAINING}: its Handler train.handler is in no file"),
    "an empty command": ("[training.handler]", "[]", f"{TRAINING}.Properties.ImageConfig.Command: None of [] are valid"),
    "no DefinitionUri": (MACHINE, "Name: x", "Resources.TrainingStateMachine.Properties: 'DefinitionUri' is a required property"),
    "a definition that is not there": (
        MACHINE,
        "DefinitionUri: no.json",
        "TrainingStateMachine.Properties.DefinitionUri: there is no file ",
    ),
    "a definition that is no JSON": (MACHINE, "DefinitionUri: template.yaml", "Properties.DefinitionUri: "),
    "a substitution misspelt": (
        "{ TrainingFunction: !G",
        "{ Train: !G",
        "Properties.DefinitionSubstitutions: there is no TrainingFunction, which",
    ),
}

BUCKET = "BUCKET: !Ref DataBucket"
VARIABLE = f"{BACKEND}.Properties.Environment.Variables.BUCKET"

REFERENCES: dict[str, Edit] = {
    "a wrong Ref": (BUCKET, "BUCKET: !Ref Nobody", f"{VARIABLE}: it refers to Nobody, which is not there"),
    "a Ref that names an attribute": (
        BUCKET,
        "BUCKET: !Ref DataBucket.Arn",
        f"{VARIABLE}: it refers to DataBucket.Arn, which is not there",
    ),
    "a wrong GetAtt": (BUCKET, "BUCKET: !GetAtt Nobody.Arn", f"{VARIABLE}: it refers to Nobody.Arn, which is not there"),
    "a wrong attribute": (BUCKET, "BUCKET: !GetAtt DataBucket.Arrn", f"{VARIABLE}: it refers to DataBucket.Arrn, which is not there"),
    "a GetAtt without attribute": (BUCKET, "BUCKET: !GetAtt DataBucket", f"{VARIABLE}: it refers to ['DataBucket'], which is not there"),
    "an attribute unknown here": (
        BUCKET,
        "BUCKET: !GetAtt DataBucket.DomainName",
        "it refers to DataBucket.DomainName, which the local stack",
    ),
    "a wrong Sub": (BUCKET, 'BUCKET: !Sub "${Nobody}"', f"{VARIABLE}: it refers to Nobody, which is not there"),
    "a Sub without variables": (BUCKET, "BUCKET: !Sub [a]", f"{VARIABLE}: it refers to ['a'], which is not there"),
    "an unknown function": (BUCKET, "BUCKET: !Reff DataBucket", f"{VARIABLE}: there is no function Fn::Reff"),
    "a function unknown here": (BUCKET, "BUCKET: !ImportValue a", f"{BACKEND}.Properties: it uses Fn::ImportValue, which the local stack"),
    "a Select beyond the end": (
        BUCKET,
        "BUCKET: !Select [3, [a]]",
        f"{BACKEND}.Properties: Fn::Select does not come to anything: list index",
    ),
    "an If of two": (BUCKET, "BUCKET: !If [IsLoose, a]", f"{VARIABLE}: Fn::If takes a list of 3"),
    "an If without its condition": (
        BUCKET,
        "BUCKET: !If [Nobody, a, b]",
        f"{VARIABLE}: it refers to the condition Nobody, which is not there",
    ),
    "an Equals of one": (
        "Resources:",
        "Conditions: { A: !Equals [a] }\nResources:",
        "the template's Conditions.A: Fn::Equals takes a list of 2",
    ),
    "a wrong Condition": (
        "DataBucket: { ",
        "DataBucket: { Condition: Nobody, ",
        "Resources.DataBucket: it refers to the condition Nobody, which is not there",
    ),
    "a wrong DependsOn": (
        "DataBucket: { ",
        "DataBucket: { DependsOn: Nobody, ",
        "Resources.DataBucket: it refers to Nobody, which is not there",
    ),
}

STREAM = "Resources.DecisionStream.Properties.ExtendedS3DestinationConfiguration"
JWT = "JwtConfiguration: { issuer: !Ref AuthIssuer, "

PROPERTIES: dict[str, Edit] = {
    "memory that is no number": (
        "MemorySize: 128",
        "MemorySize: lots",
        f"{BACKEND}.Properties.MemorySize: 'lots' is not of type 'integer'",
    ),
    "a variable that is a list": (BUCKET, "BUCKET: !Ref AuthAudience", f"{VARIABLE}: ['fieldwise-local'] is not of type 'string'"),
    "a value misspelt": ("AttributeType: S", "AttributeType: X", "AttributeDefinitions.0.AttributeType: 'X' is none of B, N, S"),
    "a role from elsewhere": (
        "Runtime: python3.13",
        "Runtime: python3.13\n      Role: arn:aws:iam::123456789012:role/elsewhere",
        f"{BACKEND}.Properties.Role: there is no role elsewhere in the template",
    ),
    "a stream without RoleARN": ("        RoleARN: !GetAtt StreamRole.Arn\n", "", f"{STREAM}: 'RoleARN' is a required property"),
    "a stream without BucketARN": ("        BucketARN: !GetAtt DataBucket.Arn\n", "", f"{STREAM}: 'BucketARN' is a required property"),
    "a property misspelt": ("BillingMode", "BilingMode", "Resources.ProfilesTable.Properties: Additional properties are not allowed ('Bil"),
    "a role without trust": (
        TRUST,
        "      Path: /\n",
        "Resources.StreamRole.Properties: 'AssumeRolePolicyDocument' is a required property",
    ),
    "a trust without Effect": (
        "{ Effect: Allow, Principal",
        "{ Principal",
        "Resources.StreamRole.Properties.AssumeRolePolicyDocument.Statement.0: 'Effect' is a required property",
    ),
    "a statement without Effect": (
        "{ Effect: Allow, Action: firehose",
        "{ Action: firehose",
        "Resources.BackendFunctionRole.Properties.Policies.0.PolicyDocument.Statement.1: 'Effect' is a required property",
    ),
    "a statement without Action": (
        "Action: firehose:PutRecord, ",
        "",
        "Resources.BackendFunctionRole.Properties.Policies.0: Policy statement must contain actions.",
    ),
    "a table without KeySchema": (
        "      KeySchema: [{ AttributeName: owner, KeyType: HASH }]\n",
        "",
        "Resources.ProfilesTable.Properties: 'KeySchema' is a required property",
    ),
    "a key that is not defined": ("[{ AttributeName: owner, A", "[{ AttributeName: me, A", "AttributeDefinitions: they lack the key owner"),
    "a secret that nobody makes up": (
        "    Properties: { GenerateSecretString: { PasswordLength: 40 } }\n",
        "",
        "Resources.UserHashSecret.Properties: 'GenerateSecretString' is a required property",
    ),
    "an action that is empty": (
        "Action: firehose:PutRecord",
        "Action:",
        "Resources.BackendFunctionRole.Properties.Policies.0.PolicyDocument.Statement.1.Action: there is nothing there",
    ),
    "an audience that is no list": ("audience: !Ref AuthAudience", "audience: !Ref AuthIssuer", "jwtConfiguration.audience: 'http://iss"),
    "no issuer": (JWT, "JwtConfiguration: { ", "jwtConfiguration: 'issuer' is a required property"),
    "an origin that is no list": (
        "[https://page.example]",
        "https://page.example",
        "allowOrigins: 'https://page.example' is not of type 'array'",
    ),
    "a route this front door can't serve": (
        "Path: /echo",
        'Path: "/{id}"',
        "Resources.HttpApi: the local front door knows no routes like get /{id}",
    ),
}

EDITS = OUTLINE | CODE | REFERENCES | PROPERTIES
