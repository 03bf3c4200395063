"""What a profile signs with: its private key, and the security token of its session."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ocm_tui.core.oci.keys import KeyFile, load_key, load_key_file
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.oci.sdk_failures import ProfileProblem
from ocm_tui.core.oci.token import read_token_file
from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["key_text", "security_token", "signing_key"]

_LARGEST: Final = 64 * 1024
_PHRASE_FAULTS: Final = frozenset({"key-encrypted-no-phrase", "phrase-wrong", "phrase-non-ascii"})


def signing_key(profile: OciProfileConfig) -> "RSAPrivateKey":
    """The key of `key_content`, else of `key_file`. ProfileProblem says what is wrong with it, without its path."""
    if profile.key_content:
        name, file = "key_content", load_key(profile.key_content, profile.pass_phrase)
    elif profile.key_file:
        name, file = "key_file", load_key_file(Path(profile.key_file.reveal()).expanduser(), profile.pass_phrase)
    else:
        raise ProfileProblem("key_file is missing", field="key_file", hint="it names the private key, in PEM")
    if file.key is None:
        raise _problem(name, file)
    key: RSAPrivateKey = file.key.key
    return key


def key_text(profile: OciProfileConfig) -> tuple[Secret, Secret | None] | None:
    """The key as it stands in its file, and the phrase if it is encrypted; None when it cannot be read."""
    text = _text(profile)
    if text is None:
        return None
    return text, profile.pass_phrase if "ENCRYPTED" in text.reveal() else None


def _text(profile: OciProfileConfig) -> Secret | None:
    if profile.key_content or not profile.key_file:
        return profile.key_content
    try:
        content = read_small_file(Path(profile.key_file.reveal()).expanduser(), _LARGEST).content
    except (UnusableFile, RuntimeError):
        return None
    return Secret(content.decode("latin-1"), search=False)


def security_token(profile: OciProfileConfig) -> Secret:
    """The token, without the newline that would break the header it goes into."""
    name = "security_token_file"
    if not profile.security_token_file:
        raise ProfileProblem(f"{name} is missing", field=name, hint="`oci session authenticate` writes it")
    file = read_token_file(Path(profile.security_token_file.reveal()).expanduser())
    if file.token is None or file.fault is not None:
        raise ProfileProblem(f"{name} {file.reason}", field=name, hint="`oci session authenticate` writes one")
    return file.token


def _problem(name: str, file: KeyFile) -> ProfileProblem:
    field = "pass_phrase" if file.fault in _PHRASE_FAULTS else name
    return ProfileProblem(f"{name} {file.reason}", field=field)
