from typing import Any

import pytest

from local.refusal import Refusal
from local.template.resolve import Resolver

REFS = {"Name": "bucket", "List": ["a", "b"], "Empty": ""}
ATTRIBUTES = {"Thing.Arn": "arn:thing"}
CONDITIONS = {
    "IsEmpty": {"Fn::Equals": [{"Ref": "Empty"}, ""]},
    "IsNamed": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]},
    "Both": {"Fn::And": [{"Condition": "IsEmpty"}, {"Condition": "IsNamed"}]},
    "Neither": {"Fn::Not": [{"Fn::Or": [{"Condition": "IsEmpty"}, {"Condition": "IsNamed"}]}]},
}
MAPPINGS = {"Sizes": {"Memory": {"small": 128, "bucket": 256}}}


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(REFS, ATTRIBUTES, {"Conditions": CONDITIONS, "Mappings": MAPPINGS})


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("plain", "plain"),
        ({"Ref": "Name"}, "bucket"),
        ({"Fn::GetAtt": ["Thing", "Arn"]}, "arn:thing"),
        ({"Fn::GetAtt": "Thing.Arn"}, "arn:thing"),
        ({"Fn::Sub": "s3://${Name}/${!kept}/${Thing.Arn}"}, "s3://bucket/${kept}/arn:thing"),
        ({"Fn::Sub": ["${own}-${Name}", {"own": {"Ref": "Name"}}]}, "bucket-bucket"),
        ({"Fn::Join": [",", {"Ref": "List"}]}, "a,b"),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ({"Fn::Select": [1, {"Ref": "List"}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", "Memory", "small"]}, 128),
        ({"Fn::FindInMap": ["Sizes", "Memory", {"Ref": "Name"}]}, 256),
        ({"Fn::Contains": [{"Ref": "List"}, "a"]}, True),
        ({"Fn::Contains": [{"Ref": "List"}, {"Ref": "Name"}]}, False),
        ({"Fn::If": ["IsEmpty", {"Ref": "Name"}, "no"]}, "bucket"),
        ({"Fn::If": ["Neither", "yes", "no"]}, "no"),
        ({"a": {"Fn::If": ["Both", {"Ref": "AWS::NoValue"}, "no"]}, "b": 1}, {"b": 1}),
        ([{"Ref": "AWS::NoValue"}, "x"], ["x"]),
        ({"Condition": {"StringLike": {"s3:prefix": ["models/*"]}}}, {"Condition": {"StringLike": {"s3:prefix": ["models/*"]}}}),
    ],
)
def test_intrinsic_functions_are_replaced_by_their_results(resolver: Resolver, written: Any, result: Any) -> None:
    assert resolver.resolve(written) == result


@pytest.mark.parametrize(
    ("written", "culprit"),
    [
        ({"Ref": "Nobody"}, "Nobody"),
        ({"Fn::GetAtt": ["Nobody", "Arn"]}, "Nobody.Arn"),
        ({"Fn::Sub": "${Nobody}"}, "Nobody"),
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue"),
        ({"Fn::FindInMap": ["Sizes", "Memory", "huge"]}, "Sizes.Memory.huge"),
        ({"Condition": "Nobody"}, "the condition Nobody"),
        ({"Fn::If": ["Nobody", 1, 2]}, "the condition Nobody"),
    ],
)
def test_what_does_not_exist_is_named(resolver: Resolver, written: Any, culprit: str) -> None:
    with pytest.raises(Refusal, match=culprit):
        resolver.resolve(written)


@pytest.mark.parametrize("written", [{"Fn::Select": ["first", ["a"]]}, {"Fn::Select": [1, ["a"]]}, {"Fn::Join": [",", 7]}])
def test_a_function_that_can_not_be_evaluated_is_named(resolver: Resolver, written: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=f"{next(iter(written))} can't be evaluated"):
        resolver.resolve(written)
