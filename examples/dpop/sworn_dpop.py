# Presents tokens that are bound to a key (DPoP, RFC 9449) to Sworn, with an OpenAI client. Copy it into your application; it
# needs PyJWT and cryptography beside openai.
#
#   from openai import DefaultHttpxClient, OpenAI
#   from sworn_dpop import DpopAuth
#   dpop = DpopAuth()
#   client = OpenAI(base_url=..., api_key=current_dpop_token, http_client=DefaultHttpxClient(auth=dpop))
import base64
import hashlib
import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

try:
    import httpx2 as httpx  # what openai brings
except ModuleNotFoundError:
    import httpx  # what it brought before


class DpopAuth(httpx.Auth):
    """Signs each request with a key of this process. Tokens are bound to it when they are asked for (`proof`)."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._jwk = jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._nonce = None

    def proof(self, method, url, token=None, nonce=None):
        """The DPoP header of one request. The token endpoint of the issuer wants one as well, without a token."""
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": str(httpx.URL(url).copy_with(query=None, fragment=None)),
            "iat": int(time.time()),
        }
        if token is not None:
            digest = hashlib.sha256(token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if nonce is not None:
            claims["nonce"] = nonce
        return jwt.encode(claims, self._key, "ES256", {"typ": "dpop+jwt", "jwk": self._jwk})

    def auth_flow(self, request):
        token = request.headers["Authorization"].removeprefix("Bearer ")
        request.headers["Authorization"] = f"DPoP {token}"
        request.headers["DPoP"] = self.proof(request.method, request.url, token, self._nonce)
        response = yield request
        # Where Sworn asks for a nonce, the client's next attempt has it.
        self._nonce = response.headers.get("DPoP-Nonce", self._nonce)
