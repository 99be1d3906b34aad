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


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(REFS, ATTRIBUTES, CONDITIONS)


@pytest.mark.parametrize(
    ("written", "meant"),
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
        ({"Fn::Contains": [{"Ref": "List"}, "a"]}, True),
        ({"Fn::Contains": [{"Ref": "List"}, {"Ref": "Name"}]}, False),
        ({"Fn::If": ["IsEmpty", {"Ref": "Name"}, "no"]}, "bucket"),
        ({"Fn::If": ["Neither", "yes", "no"]}, "no"),
        ({"a": {"Fn::If": ["Both", {"Ref": "AWS::NoValue"}, "no"]}, "b": 1}, {"b": 1}),
        ([{"Ref": "AWS::NoValue"}, "x"], ["x"]),
        ({"Condition": {"StringLike": {"s3:prefix": ["models/*"]}}}, {"Condition": {"StringLike": {"s3:prefix": ["models/*"]}}}),
    ],
)
def test_intrinsic_functions_become_what_they_stand_for(resolver: Resolver, written: Any, meant: Any) -> None:
    assert resolver.resolve(written) == meant


@pytest.mark.parametrize(
    ("written", "culprit"),
    [
        ({"Ref": "Nobody"}, "Nobody"),
        ({"Fn::GetAtt": ["Nobody", "Arn"]}, "Nobody.Arn"),
        ({"Fn::Sub": "${Nobody}"}, "Nobody"),
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue"),
    ],
)
def test_what_is_not_known_is_named(resolver: Resolver, written: Any, culprit: str) -> None:
    with pytest.raises(Refusal, match=culprit):
        resolver.resolve(written)


@pytest.mark.parametrize("written", [{"Fn::Select": ["first", ["a"]]}, {"Fn::Select": [1, ["a"]]}, {"Fn::Join": [",", 7]}])
def test_what_does_not_come_to_anything_is_refused_by_its_name(resolver: Resolver, written: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=f"{next(iter(written))} does not come to anything"):
        resolver.resolve(written)
