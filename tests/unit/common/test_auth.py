import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.server import Answer, running_server

from fieldwise_common.auth import COOL_DOWN_SECONDS, RETRY_SECONDS, Caller, JwksCache, TokenVerifier, bearer_token, make_verifier
from fieldwise_common.errors import Forbidden, Unauthenticated
from fieldwise_common.settings import AuthSettings


class Jwks:
    """An issuer's key document, and how often it was fetched."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: Mapping[str, Any] | Exception = document
        self.fetches = 0

    def __call__(self) -> Mapping[str, Any]:
        self.fetches += 1
        if isinstance(self.document, Exception):
            raise self.document
        return self.document


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def jwks(issuer: Issuer) -> Jwks:
    return Jwks(issuer.jwks())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verifier(jwks: Jwks, clock: Clock) -> TokenVerifier:
    return TokenVerifier(ISSUER, frozenset({AUDIENCE, "second"}), JwksCache(jwks, clock))


def test_a_valid_token_identifies_the_caller(verifier: TokenVerifier, issuer: Issuer) -> None:
    assert verifier.verify(issuer.token()) == Caller(ISSUER, "ada", frozenset())


def test_every_forged_token_is_refused(verifier: TokenVerifier, issuer: Issuer) -> None:
    accepted = []
    for name, token in issuer.forgeries().items():
        try:
            verifier.verify(token)
        except Unauthenticated:
            continue
        accepted.append(name)

    assert accepted == []


@pytest.mark.parametrize(
    ("forgery", "message"),
    [
        ("RS512", "the token must be signed with RS256"),
        ("expired", "the token has expired"),
        ("without exp", "the token has no `exp`"),
        ("without sub", "the token has no `sub`"),
        ("empty sub", "the token has no `sub`"),
        ("wrong audience", "the token's audience is wrong"),
        ("wrong issuer", "invalid token: InvalidIssuerError"),
        ("no token", "invalid token: DecodeError"),
    ],
)
def test_the_message_says_what_is_wrong_with_a_token(verifier: TokenVerifier, issuer: Issuer, forgery: str, message: str) -> None:
    with pytest.raises(Unauthenticated, match=f"^{message}$"):
        verifier.verify(issuer.forgeries()[forgery])


@pytest.mark.parametrize("claims", [{"aud": ["other", "second"]}, {"aud": None, "client_id": "second"}])
def test_one_of_several_audiences_is_enough(verifier: TokenVerifier, issuer: Issuer, claims: dict[str, Any]) -> None:
    assert verifier.verify(issuer.token(**claims)).subject == "ada"


def test_clocks_may_differ_a_little(verifier: TokenVerifier, issuer: Issuer) -> None:
    assert verifier.verify(issuer.token(exp=int(time.time()) - 5)).subject == "ada"


@pytest.mark.parametrize("claims", [{"scope": "openid fieldwise:admin"}, {"scope": "openid fieldwise/admin"}, {"scp": ["fieldwise:admin"]}])
def test_scopes_may_be_a_string_or_a_list(verifier: TokenVerifier, issuer: Issuer, claims: dict[str, Any]) -> None:
    verifier.verify(issuer.token(**claims)).require("fieldwise:admin")


def test_a_scope_that_was_not_granted_is_forbidden(verifier: TokenVerifier, issuer: Issuer) -> None:
    with pytest.raises(Forbidden, match="fieldwise:admin"):
        verifier.verify(issuer.token(scope="fieldwise:administrator")).require("fieldwise:admin")


def test_keys_are_fetched_once_for_many_tokens(verifier: TokenVerifier, issuer: Issuer, jwks: Jwks) -> None:
    for _ in range(3):
        verifier.verify(issuer.token())

    assert jwks.fetches == 1


def test_an_unknown_key_is_fetched_again_only_after_the_cool_down(
    verifier: TokenVerifier, issuer: Issuer, jwks: Jwks, clock: Clock
) -> None:
    rotated = Issuer("key-2")
    verifier.verify(issuer.token())
    jwks.document = rotated.jwks()

    for _ in range(5):
        with pytest.raises(Unauthenticated, match="does not publish"):
            verifier.verify(rotated.token())
    fetched_while_hot = jwks.fetches
    clock.now += COOL_DOWN_SECONDS

    assert fetched_while_hot == 1
    assert verifier.verify(rotated.token()).subject == "ada"
    assert jwks.fetches == 2


@pytest.mark.parametrize("failure", [httpx.ConnectError("down"), ValueError("no JSON"), KeyError("jwks_uri")])
def test_a_failed_fetch_is_repeated_after_a_short_delay(
    verifier: TokenVerifier, issuer: Issuer, jwks: Jwks, clock: Clock, failure: Exception
) -> None:
    good, jwks.document = jwks.document, failure
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            verifier.verify(issuer.token())
    jwks.document = good
    clock.now += RETRY_SECONDS

    assert verifier.verify(issuer.token()).subject == "ada"
    assert jwks.fetches == 2


def test_keys_that_are_not_for_signing_are_skipped(issuer: Issuer, clock: Clock) -> None:
    key = issuer.public_jwk()
    others = [{**key, "use": "enc"}, {"kty": "EC", "kid": "key-1"}, {k: v for k, v in key.items() if k != "kid"}]

    with pytest.raises(Unauthenticated):
        JwksCache(Jwks({"keys": others}), clock).key("key-1")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic YTpi", "token"])
def test_a_header_without_a_bearer_token_is_refused(header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        bearer_token(header)


def test_the_case_of_the_scheme_does_not_matter() -> None:
    assert bearer_token("bEARER  abc ") == "abc"


def test_the_keys_url_comes_from_the_issuers_openid_configuration(issuer: Issuer) -> None:
    with running_server() as server:
        server.answers["/.well-known/openid-configuration"] = Answer(body={"jwks_uri": f"{server.url}/keys"})
        server.answers["/keys"] = Answer(body=issuer.jwks())
        verifier = make_verifier(AuthSettings(auth_issuer=f"{server.url}/", auth_audience="fieldwise, second"))

        caller = verifier.verify(issuer.token(iss=f"{server.url}/", aud="second"))

        assert caller.subject == "ada"


def test_an_issuer_without_openid_configuration_makes_the_token_invalid_not_a_server_error(issuer: Issuer) -> None:
    with running_server() as server:
        server.answers["/.well-known/openid-configuration"] = Answer(body={})
        verifier = make_verifier(AuthSettings(auth_issuer=server.url, auth_audience=AUDIENCE))

        with pytest.raises(Unauthenticated, match="can't be fetched"):
            verifier.verify(issuer.token(iss=server.url))
