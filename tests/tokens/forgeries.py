"""What RFC 8725 tells us to refuse, made by libraries of others out of a token that is good."""

import base64
import hashlib
import hmac
import json
import os

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from harness import Client
from jwt.algorithms import ECAlgorithm


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def text(value):
    return encode(json.dumps(value).encode())


def by_secret(header, payload, secret):
    """HS256 by whatever is taken for the secret. (PyJWT refuses to take a PEM for one.)"""
    signed = f"{text({'alg': 'HS256', **header})}.{text(payload)}"
    return f"{signed}.{encode(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


class Forger:
    """The claims of a good token, the key that signed it, and keys of somebody else."""

    def __init__(self, state, token):
        with open(os.path.join(state.directory, "keys.json"), encoding="utf-8") as file:
            keys = json.load(file)["keys"]
        self.token = token
        self.claims = jwt.decode(token, options={"verify_signature": False})
        self.kid = jwt.get_unverified_header(token)["kid"]
        self.entry = next(key for key in keys if key["kid"] == self.kid)
        self.refresh = next(key for key in keys if key["use"] == "refresh")
        self.ours = ECAlgorithm.from_jwk(json.dumps(self.entry))
        self.theirs = ec.generate_private_key(ec.SECP256R1())

    def sign(self, key=None, alg="ES256", claims=None, **headers):
        return jwt.encode(self.claims if claims is None else claims, key or self.ours, alg,
                          headers={"kid": self.kid, **headers})

    def under_another_name(self, alg):
        """A good signature, of another algorithm than the header says."""
        signed = f"{text({'alg': alg, 'kid': self.kid, 'typ': 'JWT'})}.{text(self.claims)}"
        signature = ECAlgorithm(ECAlgorithm.SHA256).sign(signed.encode(), self.ours)
        return f"{signed}.{encode(signature)}"

    def public(self, form):
        return self.ours.public_key().public_bytes(*form)

    def with_signature(self, signature):
        return f"{self.token.rpartition('.')[0]}.{encode(signature)}"


def wrong_keys(forger):
    larger = ec.generate_private_key(ec.SECP384R1())
    return {
        "another key": forger.sign(forger.theirs),
        "a kid that is not there": forger.sign(kid="other"),
        "the kid of the key for refresh tokens": forger.sign(kid=forger.refresh["kid"]),
        "no kid": jwt.encode(forger.claims, forger.ours, "ES256"),
        "a key from an address": forger.sign(forger.theirs, jku="http://127.0.0.1/keys"),
        "a key from a certificate": forger.sign(forger.theirs, x5c=["AAAA"]),
        "ES384": forger.sign(larger, "ES384"),
        "RS256": forger.sign(rsa.generate_private_key(65537, 2048), "RS256"),
        "none": jwt.encode(forger.claims, None, "none", headers={"kid": forger.kid}),
    }


def public_keys_as_secrets(forger):
    encoding, public = serialization.Encoding, serialization.PublicFormat
    secrets = {
        "PEM": forger.public((encoding.PEM, public.SubjectPublicKeyInfo)),
        "DER": forger.public((encoding.DER, public.SubjectPublicKeyInfo)),
        "its point": forger.public((encoding.X962, public.UncompressedPoint)),
        "x": forger.entry["x"].encode(),
        "nothing": b"",
        "zeros": bytes(32),
        "the secret of refresh tokens": base64.urlsafe_b64decode(forger.refresh["secret"] + "="),
    }
    return {f"HS256 by {what}": by_secret({"kid": forger.kid}, forger.claims, secret)
            for what, secret in secrets.items()}


def wrong_signatures(forger):
    raw = base64.urlsafe_b64decode(forger.token.rpartition(".")[2] + "==")
    half = len(raw) // 2
    numbers = [int.from_bytes(part, "big") for part in (raw[:half], raw[half:])]
    return {
        "a signature in DER": forger.with_signature(utils.encode_dss_signature(*numbers)),
        "zeros": forger.with_signature(bytes(64)),
        "r is zero": forger.with_signature(bytes(32) + raw[half:]),
        "s is zero": forger.with_signature(raw[:half] + bytes(32)),
        "r and s exchanged": forger.with_signature(raw[half:] + raw[:half]),
        "numbers of 33 bytes": forger.with_signature(b"\0" + raw[:half] + b"\0" + raw[half:]),
        "one byte less": forger.with_signature(raw[:-1]),
        "one byte more": forger.with_signature(raw + b"\0"),
        "no signature": forger.token.rpartition(".")[0] + ".",
        "padding": forger.token + "==",
        "base64 that is not for URLs": forger.token.replace("-", "+").replace("_", "/") + "+",
        "bits that encode nothing": forger.token[:-1] + chr(ord(forger.token[-1]) + 1),
    }


def wrong_headers_and_claims(forger):
    without = {name: {key: value for key, value in forger.claims.items() if key != name}
               for name in ("exp", "iss", "sub", "sid", "role")}
    return {
        **{f"ES256 that is called {alg}": forger.under_another_name(alg)
           for alg in ("HS256", "ES384", "es256", "none", "")},
        "crit": forger.sign(crit=["exp"]),
        "crit of nothing": forger.sign(crit=[]),
        "b64": forger.sign(crit=["b64"], b64=True),
        "another typ": forger.sign(typ="at+jwt"),
        "another issuer": forger.sign(claims={**forger.claims, "iss": "https://a.example/"}),
        "another session": forger.sign(claims={**forger.claims, "sid": "A" * 22}),
        **{f"no {name}": forger.sign(claims=claims) for name, claims in without.items()},
    }


def by_jose(forger, jose):
    private = {key: forger.entry[key] for key in ("kty", "crv", "x", "y", "d")}
    header = {"alg": "ES256", "kid": forger.kid}
    public_text = json.dumps({key: private[key] for key in ("crv", "kty", "x", "y")})
    secret = {"kty": "oct", "k": encode(public_text.encode())}
    good = {"jose: good": jose.ask("sign", header=header, payload=forger.claims, jwk=private)}
    return good, {
        "jose: none": jose.ask("unsecured", payload=forger.claims),
        "jose: HS256 by the JWK": jose.ask("sign", header={**header, "alg": "HS256"},
                                           payload=forger.claims, jwk=secret),
        "jose: a key that rides along": jose.ask("embed", header=header, payload=forger.claims),
        "jose: ES512 that rides along": jose.ask("embed", header={**header, "alg": "ES512"},
                                                 payload=forger.claims),
    }


def run(checks, place, jose):
    state = place.state("forgeries", token_algorithm="ES256")
    server = state.serve(2)
    with Client(server.port) as client:
        forger = Forger(state, client.login_root())
        good, bad = by_jose(forger, jose)
        # so that what makes the bad ones bad is what they are called
        good.update({"ours": forger.token, "signed anew": forger.sign(),
                     "by hand": forger.under_another_name("ES256"),
                     "a jku that nobody follows": forger.sign(jku="http://127.0.0.1:1/")})
        for what, token in good.items():
            answer = client.call("POST", "/login/jwt/", {}, token)
            checks.check(f"accepted: {what}", answer.status == 200, answer)
        for makers in (wrong_keys, public_keys_as_secrets, wrong_signatures,
                       wrong_headers_and_claims):
            bad.update(makers(forger))
        for what, token in bad.items():
            answer = client.call("POST", "/login/jwt/", {}, token)
            checks.check(f"refused: {what}", answer.status == 401 and answer.error == "AuthError"
                         and answer.body["error_data"]["name"] == "INCORRECT_JWT_TOKEN", answer)
    server.stop()
