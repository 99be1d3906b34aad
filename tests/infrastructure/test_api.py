from tests.infrastructure.conftest import blueprint_with

from local.api_gateway.api import HttpApi, read_api
from local.template.blueprint import Blueprint

CONTRACT = {
    "POST /api/autofill/classify",
    "POST /api/autofill/fill",
    "POST /api/autofill/feedback",
    "POST /api/autofill/debug/threshold",
    "GET /api/autofill/memory",
    "DELETE /api/autofill/memory",
    "GET /api/autofill/overrides",
    "PUT /api/autofill/overrides",
    "DELETE /api/autofill/overrides",
    "GET /api/profile",
    "PUT /api/profile",
    "PATCH /api/profile",
    "DELETE /api/profile",
    "GET /openapi.json",
    "GET /health",
}


def api_of(blueprint: Blueprint) -> HttpApi:
    (properties,) = blueprint.of_type("AWS::ApiGatewayV2::Api").values()
    return read_api(properties["Body"])


def test_the_routes_are_those_of_the_wire_contract(blueprint: Blueprint) -> None:
    assert {route.key for route in api_of(blueprint).routes} == CONTRACT


def test_every_route_but_health_needs_a_token_of_the_issuer_for_the_audience(blueprint: Blueprint) -> None:
    routes = api_of(blueprint).routes

    assert {route.key for route in routes if route.authorizer is None} == {"GET /health"}
    assert {(r.authorizer.issuer, r.authorizer.audiences) for r in routes if r.authorizer} == {
        ("https://issuer.example", frozenset({"fieldwise"}))
    }


def test_several_audiences_are_a_list_at_the_gateway_and_a_string_for_the_functions() -> None:
    blueprint = blueprint_with(AuthAudience="one,two")

    route = api_of(blueprint).route("POST", "/api/autofill/classify")

    assert route is not None
    assert route.authorizer is not None
    assert route.authorizer.audiences == {"one", "two"}
    backend = next(plan for plan in blueprint.functions() if plan.logical_id == "BackendFunction")
    assert backend.environment["AUTH_AUDIENCE"] == "one,two"


def test_allowed_origins_are_a_parameter_and_reach_the_gateway_as_a_list() -> None:
    cors = api_of(blueprint_with(AllowedOrigins="https://a.example,chrome-extension://abc")).cors

    assert cors is not None
    assert cors.origins == ("https://a.example", "chrome-extension://abc")
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} == set(cors.methods)
    assert {"authorization", "content-type", "if-match", "if-none-match"} == set(cors.headers)
    assert "etag" in cors.exposed


def test_cookies_are_not_allowed_by_default() -> None:
    def credentials(**parameters: str) -> bool:
        cors = api_of(blueprint_with(**parameters)).cors
        assert cors is not None
        return cors.credentials

    assert credentials() is False
    assert credentials(AllowCredentials="yes", AllowedOrigins="https://a.example") is True


def test_without_allowed_origins_no_page_may_call() -> None:
    cors = api_of(blueprint_with(AllowedOrigins="")).cors

    assert cors is not None
    assert not any(cors.allows(origin) for origin in ("https://a.example", "http://localhost:8000", "null"))


def test_every_route_leads_to_the_backends_published_version(blueprint: Blueprint) -> None:
    backend = next(plan for plan in blueprint.functions() if plan.logical_id == "BackendFunction")

    assert {route.function_arn for route in api_of(blueprint).routes} == {f"{backend.arn}:live"}


def test_access_is_logged_without_headers_or_bodies(blueprint: Blueprint) -> None:
    (stage,) = blueprint.of_type("AWS::ApiGatewayV2::Stage").values()

    assert stage["AccessLogSettings"]["DestinationArn"] == blueprint.arn("ApiLogs")
    assert "$context.routeKey" in stage["AccessLogSettings"]["Format"]
    assert not {"header", "body", "authorizer"} & set(stage["AccessLogSettings"]["Format"].replace("$", " ").replace(".", " ").split())
