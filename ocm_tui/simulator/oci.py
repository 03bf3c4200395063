"""The simulated OCI services: Object Storage, generative AI, instance metadata, federation, a cluster's token server.

Each request's signature is verified as the cloud does: the key by its id, the signed headers, the body's digest, the
clock within five minutes. What some users meet instead of an answer is on purpose.
"""

import hashlib
import itertools
import json
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from email.utils import formatdate, parsedate_to_datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from ocm_tui.simulator.oci_identities import TENANCY, Identities, ocid, pem_of, public_key_of
from ocm_tui.simulator.wire import Answer, Request, encode

__all__ = ["METADATA_PATH", "NAMESPACE", "OKE_PATH", "OciServices"]

NAMESPACE: Final = "examplens"
METADATA_PATH: Final = "/opc/v2"
OKE_PATH: Final = "/resourcePrincipalSessionTokens"
_FEDERATION_PATH: Final = "/v1/x509"
_REGION: Final = "eu-frankfurt-1"
_CLOCK_LIMIT: Final = 300.0
_TOKEN_SECONDS: Final = 1200.0
_MODELS: Final = "/20231130/models"

_PARAMETER: Final = re.compile(r'(\w+)="([^"]*)"')
_WRONG: Final = "The required information to complete authentication was not provided or was incorrect."


class OciServices:
    """`behaviours` are by the user's OCID: "no-policy", "throttled", "unavailable" or "clock".

    `clock_skew` is how many seconds the service's clock is ahead.
    """

    def __init__(self, identities: Identities, service_account_token: str, *, clock_skew: float = 0.0) -> None:
        self.identities, self.clock_skew = identities, clock_skew
        self.behaviours: dict[str, str] = {}
        self._service_account_token = service_account_token
        self._serial = itertools.count(1)
        self._operations: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "/n"): lambda _: Answer(200, encode(NAMESPACE)),
            ("GET", _MODELS): _models,
            ("POST", _FEDERATION_PATH): self._federate,
        }

    def serves(self, path: str) -> bool:
        return path in {"/n", _MODELS, _FEDERATION_PATH, OKE_PATH} or path.startswith(METADATA_PATH + "/")

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(METADATA_PATH + "/"):
            return self._metadata(request)
        if request.path == OKE_PATH:
            return self._workload_token(request)
        answer = self._signed(request)
        client_id = request.headers.get("opc-request-id", "")
        headers = [("opc-request-id", f"{client_id}/{next(self._serial):032X}")]
        if self.clock_skew and not any(name == "Date" for name, _ in answer.headers):
            headers.append(("Date", formatdate(self._now(), usegmt=True)))
        answer.headers = (*answer.headers, *headers)
        return answer

    def _now(self) -> float:
        return time.time() + self.clock_skew

    def _signed(self, request: Request) -> Answer:
        parameters = dict(_PARAMETER.findall(request.headers.get("authorization", "")))
        behaviour = self.behaviours.get(_user(parameters.get("keyId", "")), "")
        now = self._now() + (660 if behaviour == "clock" else 0)
        refusal = self._refusal(request, parameters, now)
        if refusal is not None:
            return refusal
        match behaviour:
            case "no-policy":
                return _error(404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.")
            case "throttled":
                return _error(429, "TooManyRequests", "User-rate limit exceeded.")
            case "unavailable":
                return _error(503, "ServiceUnavailable", "The service is currently unavailable.")
        operation = self._operations.get((request.method, request.path))
        return operation(request) if operation else _error(405, "MethodNotAllowed", "The method is not allowed.")

    def _refusal(self, request: Request, parameters: Mapping[str, str], now: float) -> Answer | None:
        """None when the signature is right."""
        key = self.identities.key_for(parameters.get("keyId", ""), now)
        if key is None or parameters.get("algorithm") != "rsa-sha256":
            return _error(401, "NotAuthenticated", _WRONG)
        try:
            sent = parsedate_to_datetime(request.headers.get("date", "")).timestamp()
            key.verify(
                b64decode(parameters["signature"], validate=True),
                _signing_string(request, parameters["headers"]),
                padding.PKCS1v15(),
                SHA256(),
            )
        except (InvalidSignature, KeyError, ValueError, TypeError):
            return _error(401, "NotAuthenticated", _WRONG)
        return _late(sent, now) if abs(sent - now) > _CLOCK_LIMIT else None

    def _metadata(self, request: Request) -> Answer:
        if request.headers.get("authorization") != "Bearer Oracle":
            return Answer(403)
        texts = {
            "/instance/region": _REGION.encode(),
            "/identity/cert.pem": self.identities.certificate_pem(),
            "/identity/intermediate.pem": self.identities.certificate_pem(),
            "/identity/key.pem": pem_of(self.identities.service_key),
        }
        text = texts.get(request.path.removeprefix(METADATA_PATH))
        return Answer(404) if text is None else Answer(200, text, content_type="text/plain")

    def _federate(self, request: Request) -> Answer:
        """A token for the key of an instance that has shown its certificate."""
        try:
            key = public_key_of(json.loads(request.body)["publicKey"])
        except (ValueError, KeyError, TypeError):
            return _error(400, "InvalidParameter", "The public key cannot be read.")
        token = self.identities.issue(ocid("instance", "build-agent"), key, _TOKEN_SECONDS)
        return Answer(200, encode({"token": token}))

    def _workload_token(self, request: Request) -> Answer:
        """The cluster's own server: the pod shows its service account, and gets a token for its key."""
        if request.headers.get("authorization") != f"Bearer {self._service_account_token}":
            return _error(403, "NotAuthorized", "The service account is not known.")
        try:
            key = public_key_of(json.loads(request.body)["podKey"])
        except (ValueError, KeyError, TypeError):
            return _error(400, "InvalidParameter", "The pod's key cannot be read.")
        token = self.identities.issue(ocid("cluster", "jobs"), key, _TOKEN_SECONDS, res_tenant=TENANCY)
        return Answer(200, b64encode(encode({"token": f"ST${token}"})), content_type="text/plain")


def _signing_string(request: Request, names: str) -> bytes:
    """KeyError when a signed header is missing, ValueError when the body is not the one that was signed."""
    wanted = {"date", "(request-target)"}
    if request.path != _FEDERATION_PATH:
        wanted.add("host")
    if request.method in {"POST", "PUT", "PATCH"}:
        wanted.add("x-content-sha256")
    signed = names.split()
    if not wanted <= set(signed):
        raise ValueError("not everything is signed")
    digest = request.headers.get("x-content-sha256")
    if digest is not None and b64decode(digest) != hashlib.sha256(request.body).digest():
        raise ValueError("another body was signed")
    target = f"{request.path}?{request.query}" if request.query else request.path
    lines = [
        f"(request-target): {request.method.lower()} {target}"
        if name == "(request-target)"
        else f"{name}: {request.headers[name]}"
        for name in signed
    ]
    return "\n".join(lines).encode()


def _models(request: Request) -> Answer:
    if f"compartmentId={ocid('compartment', 'models')}" not in request.query.split("&"):
        return _error(404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.")
    items = [
        {
            "id": ocid("generativeaimodel", name),
            "compartmentId": ocid("compartment", "models"),
            "displayName": name,
            "vendor": vendor,
            "version": "1.0",
            "type": "BASE",
            "capabilities": [capability],
            "lifecycleState": "ACTIVE",
            "timeCreated": "2025-06-01T00:00:00.000Z",
            "timeDeprecated": deprecated,
        }
        for name, vendor, capability, deprecated in (
            ("example.chat-large", "example", "CHAT", None),
            ("example.chat-small", "example", "CHAT", None),
            ("example.embed-multilingual", "example", "TEXT_EMBEDDINGS", None),
            ("example.chat-former", "example", "CHAT", "2025-12-01T00:00:00.000Z"),
        )
    ]
    return Answer(200, encode({"items": items}))


def _user(key_id: str) -> str:
    """The second part of `tenancy/user/fingerprint`."""
    parts = key_id.split("/")
    return parts[1] if len(parts) == 3 else ""


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, encode({"code": code, "message": message}))


def _late(sent: float, now: float) -> Answer:
    earliest, latest, current = (formatdate(one, usegmt=True) for one in (now - _CLOCK_LIMIT, now + _CLOCK_LIMIT, now))
    answer = _error(
        401,
        "NotAuthenticated",
        f"Date '{formatdate(sent, usegmt=True)}' is not within allowed clock skew. Current '{current}', "
        f"valid datetime range: ['{earliest}', '{latest}']",
    )
    answer.headers = (("Date", current),)
    return answer
