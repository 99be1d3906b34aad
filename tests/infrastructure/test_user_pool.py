import pytest
from tests.infrastructure.conftest import blueprint_with

from fieldwise_common.auth import COGNITO_ADMIN_SCOPE
from local.api_gateway.api import read_api
from local.template.blueprint import Blueprint

POOL = "https://cognito-idp.us-east-1.amazonaws.com/UserPool"


@pytest.fixture(scope="module")
def with_pool() -> Blueprint:
    return blueprint_with(CreateUserPool="yes", AuthIssuer="", AuthAudience="none")


def test_cognito_resources_are_not_created_by_default(blueprint: Blueprint) -> None:
    cognito = {r["Type"] for r in blueprint.template["Resources"].values() if r["Type"].startswith("AWS::Cognito::")}

    assert len(cognito) == 4
    assert [kind for kind in cognito if blueprint.of_type(kind)] == []


def test_the_pool_is_the_issuer_and_its_clients_the_audience_everywhere(with_pool: Blueprint) -> None:
    (properties,) = with_pool.of_type("AWS::ApiGatewayV2::Api").values()

    asked = {(r.authorizer.issuer, r.authorizer.audiences) for r in read_api(properties["Body"]).routes if r.authorizer}

    assert asked == {(POOL, frozenset({"UserPoolClient", "UserPoolAdminClient"}))}
    environments = {plan.logical_id: plan.environment for plan in with_pool.functions()}
    for name in ("BackendFunction", "InferenceFunction"):
        assert environments[name]["AUTH_ISSUER"] == POOL
        assert environments[name]["AUTH_AUDIENCE"] == "UserPoolClient,UserPoolAdminClient"


def test_users_never_get_the_admin_scope_and_the_operations_client_gets_nothing_else(with_pool: Blueprint) -> None:
    people, machines = (with_pool.of_type("AWS::Cognito::UserPoolClient")[name] for name in ("UserPoolClient", "UserPoolAdminClient"))

    assert COGNITO_ADMIN_SCOPE not in people["AllowedOAuthScopes"]
    assert (people["AllowedOAuthFlows"], people["GenerateSecret"]) == (["code"], False)
    assert machines["AllowedOAuthScopes"] == [COGNITO_ADMIN_SCOPE]
    assert (machines["AllowedOAuthFlows"], machines["GenerateSecret"]) == (["client_credentials"], True)


def test_the_scope_is_the_one_the_functions_read(with_pool: Blueprint) -> None:
    (server,) = with_pool.of_type("AWS::Cognito::UserPoolResourceServer").values()

    assert f"{server['Identifier']}/{server['Scopes'][0]['ScopeName']}" == COGNITO_ADMIN_SCOPE


def test_only_the_owner_can_invite_users(with_pool: Blueprint) -> None:
    (pool,) = with_pool.of_type("AWS::Cognito::UserPool").values()

    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
