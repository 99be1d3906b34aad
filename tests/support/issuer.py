"""A token issuer for tests: RSA keys, their JWKS, and valid and invalid tokens."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://issuer.example"
AUDIENCE = "fieldwise"


class Issuer:
    """Signs tokens with its own RSA key, named `kid`."""

    def __init__(self, kid: str = "key-1") -> None:
        self.kid = kid
        self.private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def public_jwk(self) -> dict[str, Any]:
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(self.private_key.public_key(), as_dict=True)
        return {**jwk, "kid": self.kid, "use": "sig", "alg": "RS256"}

    def public_pem(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private_key.public_key().public_bytes(serialization.Encoding.PEM, form)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.public_jwk()]}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Valid claims with changes; a change to None removes the claim."""
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": "ada", "aud": AUDIENCE, "iat": now, "exp": now + 600, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), self.private_key, algorithm="RS256", headers={"kid": self.kid})

    def forgeries(self) -> dict[str, str]:
        """Tokens that must be refused, by what is wrong with each."""
        now = int(time.time())
        return {
            "unsigned": jwt.encode(self.claims(), "", algorithm="none", headers={"kid": self.kid}),
            "HS256 by the public key": self._hs256_by_public_key(),
            "RS512": jwt.encode(self.claims(), self.private_key, algorithm="RS512", headers={"kid": self.kid}),
            "another's key": Issuer(kid=self.kid).token(),
            "expired": self.token(exp=now - 60),
            "not yet valid": self.token(nbf=now + 600),
            "without exp": self.token(exp=None),
            "without sub": self.token(sub=None),
            "empty sub": self.token(sub=""),
            "without iss": self.token(iss=None),
            "wrong audience": self.token(aud="another"),
            "wrong audience with the right client": self.token(aud="another", client_id=AUDIENCE),
            "wrong client": self.token(aud=None, client_id="another"),
            "no audience at all": self.token(aud=None),
            "empty audience": self.token(aud=""),
            "wrong issuer": self.token(iss="https://elsewhere.example"),
            "no token": "gibberish",
        }

    def _hs256_by_public_key(self) -> str:
        """Assembled by hand, as an attacker would: PyJWT refuses to sign with a public key."""
        header = {"alg": "HS256", "typ": "JWT", "kid": self.kid}
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in (header, self.claims()))
        return (signed + b"." + _base64url(hmac.new(self.public_pem(), signed, hashlib.sha256).digest())).decode()


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
