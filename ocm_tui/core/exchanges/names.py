"""Which names announce a secret: of headers, and of members, parameters and fields."""

import re
from functools import lru_cache
from typing import Final, Literal

__all__ = ["HeaderKind", "header_kind", "is_code_name", "is_secret_name"]

HeaderKind = Literal["plain", "secret", "authorization", "cookie", "set-cookie", "challenge"]

_HEADERS: Final[dict[str, HeaderKind]] = {
    "authorization": "authorization",
    "proxy-authorization": "authorization",
    "authentication": "authorization",
    "cookie": "cookie",
    "cookie2": "cookie",
    "set-cookie": "set-cookie",
    "set-cookie2": "set-cookie",
    "www-authenticate": "challenge",
    "proxy-authenticate": "challenge",
    "dpop": "secret",
    "x-amz-signature": "secret",
}
_SECRET_HEADER: Final = re.compile(r"token|secret|passw|passphrase|api[-_]?key|private[-_]?key|credential|session|jwt")
# Names that only look like it.
_PLAIN_HEADERS: Final = frozenset({"access-control-allow-credentials", "x-token-type", "sec-token-binding"})

# Compared with lower-case names without punctuation, and without a plural s: as a whole, or as their end.
_ENDS: Final = (
    *("secret", "password", "passwd", "passphrase", "passcode", "token", "assertion", "jwt", "signature", "credential"),
    *("privatekey", "secretkey", "sharedkey", "apikey", "accesskey", "keydata", "plaintext", "encryptedvalue"),
    *("codeverifier", "devicecode", "usercode", "authorizationcode", "samlrequest", "samlresponse"),
    *("secretstring", "secretbinary", "secretvalue", "secrethash", "passwordhash", "passwordconfirmation", "sessionid"),
)
_WHOLE: Final = frozenset(
    {"sig", "pwd", "pass", "authorization", "proxyauthorization", "cookie", "setcookie", "dpop", "otp"}
)
# Also without a plural s.
_LOOK_ALIKES: Final = frozenset(
    {
        "includeuserinfoinidtoken",
        "includeinidtoken",
        "reissueidtokeninhybridflow",
        "requireofflineaccessscopetoissuerefreshtoken",
    }
)
_NOT_A_LETTER: Final = re.compile(r"[^a-z0-9]")


@lru_cache(4096)
def header_kind(name: str) -> HeaderKind:
    """How to treat the value of a header."""
    lowered = name.strip().lower()
    known = _HEADERS.get(lowered)
    if known is not None:
        return known
    return "secret" if lowered not in _PLAIN_HEADERS and _SECRET_HEADER.search(lowered) else "plain"


@lru_cache(16384)
def is_secret_name(name: str) -> bool:
    """Whether a member, parameter or field of this name holds a secret. `tokenEndpointAuthMethod` and others do not."""
    plain = _plain(name).rstrip("0123456789").removesuffix("s")
    return plain not in _LOOK_ALIKES and (plain in _WHOLE or plain.endswith(_ENDS))


@lru_cache(1024)
def is_code_name(name: str) -> bool:
    """`code` is an authorization code in a query or a form, and mostly an error code in JSON."""
    return _plain(name) == "code"


def _plain(name: str) -> str:
    """`client_secret`, `Client-Secret` and `clientSecret` are one name; so are their escaped forms."""
    if "\\u" in name:
        name = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), name)
    if "%" in name:
        name = re.sub(r"%([0-9a-fA-F]{2})", lambda match: chr(int(match[1], 16)), name)
    return _NOT_A_LETTER.sub("", name.lower())
