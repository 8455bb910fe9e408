"""An issuer of access tokens with one RSA key: its metadata and its key set over HTTP, and signed tokens."""
import base64
import http.server
import json
import shutil
import subprocess
import threading
import time

from .processes import Failure

KEY_ID = "bench"
LIFETIME = 24 * 3600


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(*arguments, given=b""):
    result = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=False)
    if result.returncode != 0:
        raise Failure(f"openssl {arguments[0]} failed: {result.stderr.decode(errors='replace').strip()}")
    return result.stdout


class Issuer:
    """Serves on a free port of 127.0.0.1 while it is entered. The key that openssl makes stays in `directory`."""

    def __init__(self, directory):
        if shutil.which("openssl") is None:
            raise Failure("openssl is not installed: apt-get install openssl")
        self._key = directory / "key.pem"
        _openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self._key)
        modulus = _openssl("rsa", "-in", self._key, "-noout", "-modulus").decode().strip().partition("=")[2]
        jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
               "n": _base64url(bytes.fromhex(modulus)), "e": "AQAB"}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._documents = {
            "/.well-known/oauth-authorization-server": {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"},
            "/jwks": {"keys": [jwk]},
        }

    def token(self, audience):
        """RS256, about 900 bytes, with the claims that providers usually put into one."""
        now = int(time.time())
        header = {"alg": "RS256", "typ": "at+jwt", "kid": KEY_ID}
        claims = {
            "iss": self.url, "sub": "3f9c2a54-6d1b-4c6e-9a58-0b7c1d2e3f40", "aud": audience, "exp": now + LIFETIME,
            "iat": now, "jti": "5d0c7a3e-00000000", "azp": "bench-client", "scope": "openid profile mcp:tools",
            "name": "Alice Example", "preferred_username": "alice@example.org",
            "roles": ["mcp.engineer", "reader", "writer"], "groups": ["engineering", "on-call"]}
        parts = [_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)]
        signed = ".".join(parts)
        return f"{signed}.{_base64url(_openssl('dgst', '-sha256', '-sign', self._key, given=signed.encode()))}"

    def _handler(self):
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                document = issuer._documents.get(self.path)
                body = json.dumps(document).encode()
                self.send_response(404 if document is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
