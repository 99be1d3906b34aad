"""One verifier of bearer tokens for every function, as strict as API Gateway's JWT authorizer.

The gateway checks first. This second check is needed because `sam local` enforces no authorizer and an Invoke has none.
Only RS256 is accepted, whatever algorithm the token names. Keys come from the issuer's JWKS and are cached. An unknown
`kid` makes them be fetched again, at most once per `COOL_DOWN_SECONDS`, so that forged tokens can't flood the issuer with
requests; after a failed fetch, once per `RETRY_SECONDS`, so that a short outage of the issuer is short for callers too.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

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

    `fetch` returns the JWKS document. If it raises httpx.HTTPError, ValueError or KeyError, callers get Unauthenticated:
    a token that can't be verified is refused. `clock` returns monotonic seconds.
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
        except (httpx.HTTPError, ValueError, KeyError) as error:
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
    with traced_part("issuer keys"), httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        url = settings.auth_jwks_url
        if not url:
            found = client.get(f"{settings.auth_issuer.rstrip('/')}/.well-known/openid-configuration")
            url = str(found.raise_for_status().json()["jwks_uri"])
        document: Mapping[str, Any] = client.get(url).raise_for_status().json()
        return document


def make_verifier(settings: AuthSettings) -> TokenVerifier:
    """A verifier by a function's settings. Nothing is fetched before the first token."""
    audiences = frozenset(a.strip() for a in settings.auth_audience.split(",") if a.strip())
    return TokenVerifier(settings.auth_issuer, audiences, JwksCache(lambda: _fetch_jwks(settings)))
