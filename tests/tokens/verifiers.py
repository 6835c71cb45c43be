"""Others verify our tokens: by the list of public keys over HTTP, by PEM, by the exported list."""

import base64
import json

import jwt
from harness import Client
from jose import Refused

ISSUER = "https://example.com/auth/"
MAX_AGE = 600


def jwks_url(server):
    return f"http://127.0.0.1:{server.port}/.well-known/jwks.json"


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def altered(token):
    """The same token made better: its role is another."""
    header, payload, signature = token.split(".")
    claims = {**decoded(payload), "role": "root", "exp": 4000000000}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return ".".join((header, payload, signature))


def by_pyjwt(url, token, **options):
    key = jwt.PyJWKClient(url).get_signing_key_from_jwt(token).key
    return jwt.decode(token, key, **{"algorithms": ["ES256"], "issuer": ISSUER, **options})


def refuses(error, function, *arguments, **options):
    try:
        function(*arguments, **options)
        return False
    except error:
        return True


def check_pyjwt(checks, url, token):
    claims = by_pyjwt(url, token)
    checks.check("PyJWT accepts by the list", claims["role"] == "backend", claims)
    checks.check("PyJWT finds what it requires", by_pyjwt(
        url, token, options={"require": ["iss", "sub", "exp", "iat", "jti"]}) == claims)
    for what, error, arguments, options in (
            ("an altered token", jwt.InvalidSignatureError, (url, altered(token)), {}),
            ("another issuer", jwt.InvalidIssuerError, (url, token), {"issuer": "doorward"}),
            ("another algorithm", jwt.InvalidAlgorithmError, (url, token),
             {"algorithms": ["HS256", "RS256"]}),
            ("a foreign kid", jwt.PyJWKClientError,
             (url, jwt.encode(claims, "secret", headers={"kid": "other"})), {})):
        checks.check(f"PyJWT refuses {what}", refuses(error, by_pyjwt, *arguments, **options))


def check_jose(checks, jose, url, token):
    common = {"url": url, "issuer": ISSUER, "maxAge": MAX_AGE}
    claims = jose.ask("verify", token=token, **common)
    checks.check("jose accepts by the list", claims["role"] == "backend", claims)
    checks.check("jose refuses an altered token",
                 refuses(Refused, jose.ask, "verify", token=altered(token), **common))
    checks.check("jose refuses another issuer", refuses(
        Refused, jose.ask, "verify", token=token, **{**common, "issuer": "doorward"}))


def check_exports(checks, jose, state, server, token):
    exported = state.admin("key", "export", "--public")
    with Client(server.port) as client:
        served = client.call("GET", "/.well-known/jwks.json")
    checks.check("the exported list is the one that is served",
                 json.loads(exported) == served.body, exported)
    keys = jwt.PyJWKSet.from_json(exported).keys
    kid = jwt.get_unverified_header(token)["kid"]
    checks.check("PyJWT reads the exported list", [key.key_id for key in keys] == [kid])
    pem = state.admin("key", "export", "--public", "--pem", kid)
    checks.check("PyJWT accepts by PEM", jwt.decode(token, pem, ["ES256"], issuer=ISSUER))
    checks.check("jose accepts by PEM", jose.ask("pem", token=token, pem=pem, issuer=ISSUER))
    checks.check("the kid is the key's thumbprint",
                 jose.ask("thumbprint", jwk=served.body["keys"][0]) == kid)


def check_expiry(checks, place, jose):
    state = place.state("expiry", token_algorithm="ES256", token_issuer=ISSUER,
                        token_jwt_lifetime=1)
    server = state.serve(1)
    with Client(server.port) as client:
        token = client.login_root()
        common = {"url": jwks_url(server), "issuer": ISSUER, "maxAge": MAX_AGE}
        ours = lambda: client.call("POST", "/login/jwt/", token=token).error == "JwtTokenExpired"
        while not ours():
            pass
    checks.check("expired for us, for PyJWT and for jose",
                 refuses(jwt.ExpiredSignatureError, by_pyjwt, common["url"], token)
                 and refuses(Refused, jose.ask, "verify", token=token, **common))
    server.stop()


def run(checks, place, jose):
    state = place.state("verifiers", token_algorithm="ES256", token_issuer=ISSUER,
                        token_jwks_max_age=MAX_AGE)
    server = state.serve(2)
    with Client(server.port) as client:
        root = client.login_root()
        client.want("POST", "/accounts/service/",
                    {"name": "web", "password": "a password", "role": "backend"}, root)
        token = client.login_service("web", "a password")["token"]
    check_pyjwt(checks, jwks_url(server), token)
    check_jose(checks, jose, jwks_url(server), token)
    check_exports(checks, jose, state, server, token)
    server.stop()
    check_expiry(checks, place, jose)
