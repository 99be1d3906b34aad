"""A token issuer of our own: an OpenID configuration, its keys, and tokens for anybody who asks on this machine."""

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

from local.places import Places, write_atomically

ISSUER = "http://issuer.fieldwise.localhost"
"""A name that never changes: profiles are keyed by issuer and subject, and the port it listens on is another at each start."""
AUDIENCE = "fieldwise-local"
ALGORITHM = "RS256"
KEY_ID = "local"
HOURS = 12


class Issuer:
    """Signs tokens with one RSA key, and publishes its public half."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    def token(self, subject: str, scope: str = "", seconds: int = HOURS * 3600, **claims: Any) -> str:
        """A signed token for `subject`; `claims` add to the usual ones, or replace them."""
        now = int(time.time())
        usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "nbf": now, "exp": now + seconds, "jti": str(uuid.uuid4())}
        scoped = {"scope": scope} if scope else {}
        return jwt.encode({**usual, **scoped, **claims}, self._key, algorithm=ALGORITHM, headers={"kid": KEY_ID})

    def jwks(self) -> dict[str, Any]:
        """The public key as a JWKS document."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": ALGORITHM}]}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serves the two documents clients of an issuer read."""
        request = Request(environ)
        documents = {
            "/.well-known/jwks.json": self.jwks(),
            "/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": f"{request.host_url}.well-known/jwks.json"},
        }
        found = documents.get(request.path)
        response = Response(json.dumps(found or {}), 200 if found else 404, content_type="application/json")
        return response(environ, start_response)


def open_issuer(places: Places) -> Issuer:
    """The issuer with its kept key, made on first use. Raises Refusal when the kept key can't be read."""
    path = places.issuer_key
    if not path.exists():
        _make_key(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, OSError, UnsupportedAlgorithm) as error:
        raise places.damaged(path, "not a private key") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise places.damaged(path, "not an RSA key")
    return Issuer(key)


def _make_key(path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_atomically(path, pem, mode=0o600)
