"""One verifier of bearer tokens for every function, as strict as API Gateway's JWT authorizer.

The gateway checks first. This second check is needed because `sam local` enforces no authorizer and an Invoke has none.
Only RS256 is accepted, whatever algorithm the token names. Keys come from the issuer's JWKS and are cached. An unknown
`kid` makes them be fetched again, at most once per `COOL_DOWN_SECONDS`, so that forged tokens can't flood the issuer with
requests; after a failed fetch, once per `RETRY_SECONDS`, so that a short outage of the issuer is short for callers too.
"""

import json
import math
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import jwt

from fieldwise_common import CODE_VERSION
from fieldwise_common.errors import Forbidden, Unauthenticated
from fieldwise_common.observability import traced_part
from fieldwise_common.settings import AuthSettings

ALGORITHM = "RS256"
ADMIN_SCOPE = "fieldwise:admin"
COGNITO_ADMIN_SCOPE = "fieldwise/admin"
"""The same scope in Cognito's spelling: Cognito always joins resource server and scope with a slash."""
COOL_DOWN_SECONDS = 30.0
RETRY_SECONDS = 2.0
CLOCK_SKEW_SECONDS = 30
TIMEOUT_SECONDS = 2.0

FETCH_ERRORS = (OSError, HTTPException, ValueError, KeyError)
"""What a fetch of the keys may raise: no connection or no answer in time, an error status, a response that is not as expected."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller: the issuer, subject and scopes of a verified token."""

    issuer: str
    subject: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raises Forbidden unless the token grants `scope`."""
        if scope not in self.scopes:
            raise Forbidden(f"the token lacks the scope {scope}")


class JwksCache:
    """The issuer's public keys by `kid`.

    `fetch` returns the JWKS document. If it raises one of `FETCH_ERRORS`, callers get Unauthenticated: a token that can't be verified
    is refused. `clock` returns monotonic seconds.
    """

    def __init__(self, fetch: Callable[[], Mapping[str, Any]], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._next_fetch_at = -math.inf
        self._lock = threading.Lock()

    def key(self, kid: str) -> jwt.PyJWK:
        """The key named `kid`. Raises Unauthenticated when the issuer does not publish it."""
        with self._lock:
            is_cooled_down = self._clock() >= self._next_fetch_at
            if kid not in self._keys and is_cooled_down:
                self._refresh()
            if kid not in self._keys:
                raise Unauthenticated("the issuer does not publish the key that signed the token")
            return self._keys[kid]

    def _refresh(self) -> None:
        try:
            document = self._fetch()
        except FETCH_ERRORS as error:
            self._next_fetch_at = self._clock() + RETRY_SECONDS
            raise Unauthenticated("the issuer's keys can't be fetched: try again") from error
        self._next_fetch_at = self._clock() + COOL_DOWN_SECONDS
        keys = (k for k in document.get("keys", ()) if k.get("kty") == "RSA" and k.get("use", "sig") == "sig" and "kid" in k)
        self._keys = {str(k["kid"]): jwt.PyJWK.from_dict(k, algorithm=ALGORITHM) for k in keys}


class TokenVerifier:
    """Verifies bearer tokens of one issuer, for one or more audiences."""

    def __init__(self, issuer: str, audiences: frozenset[str], keys: JwksCache) -> None:
        self._issuer = issuer
        self._audiences = audiences
        self._keys = keys

    def verify(self, token: str) -> Caller:
        """The caller that a token (a compact JWS) authenticates.

        Raises:
            Unauthenticated: when format, algorithm, key, signature, `iss`, `exp`, `nbf`, `sub` or audience is wrong.
        """
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != ALGORITHM:
                raise Unauthenticated(f"the token must be signed with {ALGORITHM}")
            claims = jwt.decode(
                token,
                key=self._keys.key(str(header.get("kid", ""))),
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except jwt.MissingRequiredClaimError as error:
            raise Unauthenticated(f"the token has no `{error.claim}`") from None
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("the token has expired") from None
        except jwt.PyJWTError as error:  # named by its type alone: its message may quote the token
            raise Unauthenticated(f"invalid token: {type(error).__name__}") from None
        if not claims["sub"]:
            raise Unauthenticated("the token has no `sub`")
        self._check_audience(claims)
        return Caller(issuer=str(claims["iss"]), subject=str(claims["sub"]), scopes=_scopes(claims))

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        """As at the gateway, `client_id` counts only without an `aud`, which Cognito's access tokens lack."""
        named = claims["aud"] if "aud" in claims else claims.get("client_id", ())
        offered = {named} if isinstance(named, str) else set(named or ())
        if not offered & self._audiences:
            raise Unauthenticated("the token's audience is wrong")


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    granted = claims.get("scope", claims.get("scp", ""))
    scopes = frozenset(granted.split() if isinstance(granted, str) else map(str, granted))
    return scopes | {ADMIN_SCOPE} if COGNITO_ADMIN_SCOPE in scopes else scopes


def bearer_token(authorization: str | None) -> str:
    """The token of an Authorization header. Raises Unauthenticated when it has none."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("a bearer token is required")
    return token.strip()


def _fetch_jwks(settings: AuthSettings) -> Mapping[str, Any]:
    """Fetches the issuer's keys, from the URL in the settings or else the one in its OpenID configuration."""
    with traced_part("issuer keys"):
        url = settings.auth_jwks_url
        if not url:
            url = str(_get_json(f"{settings.auth_issuer.rstrip('/')}/.well-known/openid-configuration")["jwks_uri"])
        return _get_json(url)


def _get_json(url: str) -> Mapping[str, Any]:
    """The JSON object at an http(s) URL. Redirects are not followed: the keys come from where the issuer says. Raises `FETCH_ERRORS`.

    By the standard library, whose client PyJWT imports anyway: httpx takes as long to import as the request.
    """
    opener = urllib.request.OpenerDirector()
    opener.addheaders = [("User-Agent", f"fieldwise/{CODE_VERSION}")]  # some firewalls answer 403 to urllib's own
    handlers = [urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.UnknownHandler()]
    handlers += [urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor()]
    if url.lower().startswith("https:"):
        handlers.append(urllib.request.HTTPSHandler(context=_authorities()))
    for handler in handlers:
        opener.add_handler(handler)
    with opener.open(url, timeout=TIMEOUT_SECONDS) as response:
        found = json.load(response)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _authorities() -> ssl.SSLContext:
    """The system's certificate authorities (or those in SSL_CERT_FILE), and where there are none, certifi's."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        import certifi  # rarely needed, and not by the first request over http

        context.load_verify_locations(certifi.where())
    return context


def make_verifier(settings: AuthSettings) -> TokenVerifier:
    """A verifier by a function's settings. Nothing is fetched before the first token."""
    audiences = frozenset(a.strip() for a in settings.auth_audience.split(",") if a.strip())
    return TokenVerifier(settings.auth_issuer, audiences, JwksCache(lambda: _fetch_jwks(settings)))
