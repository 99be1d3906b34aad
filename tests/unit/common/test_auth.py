import datetime
import json
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.server import Answer, running_server

from fieldwise_common import CODE_VERSION
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


@pytest.mark.parametrize(
    "failure", [URLError("down"), TimeoutError("slow"), HTTPException("broken"), ValueError("no JSON"), KeyError("jwks_uri")]
)
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
        assert [request.headers["user-agent"] for request in server.received] == [f"fieldwise/{CODE_VERSION}"] * 2


def test_an_issuer_without_openid_configuration_makes_the_token_invalid_not_a_server_error(issuer: Issuer) -> None:
    with running_server() as server:
        server.answers["/.well-known/openid-configuration"] = Answer(body={})
        verifier = make_verifier(AuthSettings(auth_issuer=server.url, auth_audience=AUDIENCE))

        with pytest.raises(Unauthenticated, match="can't be fetched"):
            verifier.verify(issuer.token(iss=server.url))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {"keys": []}),
        Answer(302, {"keys": []}),
        Answer(body=b"<html>"),
        Answer(body=[]),
    ],
    ids=["an error", "a redirect", "no JSON", "no object"],
)
def test_a_response_that_is_no_key_set_makes_the_token_invalid(issuer: Issuer, answer: Answer) -> None:
    with running_server() as server:
        server.answers["/keys"] = answer
        verifier = make_verifier(AuthSettings(auth_issuer=ISSUER, auth_audience=AUDIENCE, auth_jwks_url=f"{server.url}/keys"))

        with pytest.raises(Unauthenticated, match="can't be fetched"):
            verifier.verify(issuer.token())


@pytest.mark.parametrize("scheme", ["file", "ftp", "data"])
def test_keys_are_fetched_over_http_alone(issuer: Issuer, tmp_path: Path, scheme: str) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(issuer.jwks()))
    verifier = make_verifier(AuthSettings(auth_issuer=ISSUER, auth_audience=AUDIENCE, auth_jwks_url=f"{scheme}://{keys}"))

    with pytest.raises(Unauthenticated, match="can't be fetched"):
        verifier.verify(issuer.token())


def make_certificate(issuer: Issuer, folder: Path) -> Path:
    """A certificate of 127.0.0.1 and its key, signed by itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, issuer.private_key.public_key(), 1, now, now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(issuer.private_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = issuer.private_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(pem) + key)
    return path


@pytest.mark.parametrize("is_trusted", [True, False])
def test_over_https_the_issuers_certificate_is_checked(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_trusted: bool
) -> None:
    certificate = make_certificate(issuer, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate if is_trusted else make_certificate(Issuer(), tmp_path)))
    with running_server(context) as server:
        server.answers["/keys"] = Answer(body=issuer.jwks())
        verifier = make_verifier(AuthSettings(auth_issuer=ISSUER, auth_audience=AUDIENCE, auth_jwks_url=f"{server.url}/keys"))

        if is_trusted:
            assert verifier.verify(issuer.token()).subject == "ada"
        else:
            with pytest.raises(Unauthenticated, match="can't be fetched"):
                verifier.verify(issuer.token())
