"""The local stack's token issuer: its OpenID configuration, its keys, and tokens for any user name."""

import json
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.wrappers import Request, Response

from local.state_folder import StateFolder, write_atomically

ISSUER = "http://issuer.fieldwise.localhost"
"""The same at every start, unlike the port it listens on: profiles are keyed by issuer and subject."""
AUDIENCE = "fieldwise-local"
ALGORITHM = "RS256"
KEY_ID = "local"
HOURS = 12


class Issuer:
    """Signs tokens with an RSA key, and publishes the public key."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    def token(self, subject: str, scope: str = "", seconds: int = HOURS * 3600, **claims: Any) -> str:
        """A signed token for `subject`. `claims` are added to the usual ones, or replace them."""
        now = int(time.time())
        usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "nbf": now, "exp": now + seconds, "jti": str(uuid.uuid4())}
        scoped = {"scope": scope} if scope else {}
        return jwt.encode({**usual, **scoped, **claims}, self._key, algorithm=ALGORITHM, headers={"kid": KEY_ID})

    def jwks(self) -> dict[str, Any]:
        """The public key as a JWKS document."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": ALGORITHM}]}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serves the two documents that an issuer publishes."""
        request = Request(environ)
        documents = {
            "/.well-known/jwks.json": self.jwks(),
            "/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": f"{request.host_url}.well-known/jwks.json"},
        }
        found = documents.get(request.path)
        response = Response(json.dumps(found or {}), 200 if found else 404, content_type="application/json")
        return response(environ, start_response)


def open_issuer(state: StateFolder) -> Issuer:
    """The issuer with its saved key, which the first use creates. Raises Refusal when the saved key is damaged."""
    path = state.issuer_key
    if not path.exists():
        _make_key(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, OSError, UnsupportedAlgorithm) as error:
        raise state.damaged(path, "not a private key") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise state.damaged(path, "not an RSA key")
    return Issuer(key)


def _make_key(path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_atomically(path, pem, mode=0o600)
