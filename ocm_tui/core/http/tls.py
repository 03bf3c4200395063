"""TLS contexts from settings. A file that is wrong is named; nothing asks for a pass phrase on the terminal."""

import ssl
from pathlib import Path
from typing import Final

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.http import hx
from ocm_tui.core.http.types import TLSSettings

__all__ = ["plain_context", "tls_context"]

_CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----"
_LARGEST: Final = 16 * 2**20  # a bundle of all public authorities is a quarter of a megabyte


class _PassPhraseNeeded(Exception):
    """OpenSSL asked for a pass phrase and there is none: raised instead of letting it ask on the terminal."""


def tls_context(settings: TLSSettings, *, trust_env: bool = True) -> ssl.SSLContext:
    """Reads files, so call it in a thread. Raises ConfigError for whatever is missing, damaged or does not match."""
    context = _trust(settings, trust_env=trust_env)
    if settings.client_cert is not None:
        _load_client_certificate(context, settings.client_cert, settings)
    elif settings.client_key is not None:
        raise ConfigError("tls.client_key without tls.client_cert", path=settings.client_key)
    return context


def plain_context() -> ssl.SSLContext:
    """For plain HTTP, where none is used and the library would build a costly one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _trust(settings: TLSSettings, *, trust_env: bool) -> ssl.SSLContext:
    if settings.ca_file is not None:
        text = _read(settings.ca_file, "tls.ca_file")
        if _CERTIFICATE not in text:
            raise ConfigError(
                "no certificate in it",
                path=settings.ca_file,
                hint="tls.ca_file must hold certificates in PEM form, beginning with BEGIN CERTIFICATE",
            )
        try:
            context = ssl.create_default_context(cadata=text)
        except ssl.SSLError as error:
            raise ConfigError("a certificate in it is damaged", path=settings.ca_file, detail=_reason(error)) from error
    elif settings.verify:
        try:
            context = hx.create_ssl_context(trust_env=trust_env)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                "the system's CA certificates cannot be loaded",
                detail=str(error),
                hint="check SSL_CERT_FILE and SSL_CERT_DIR, or set tls.ca_file",
            ) from error
    else:
        context = plain_context()
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _load_client_certificate(context: ssl.SSLContext, certificate: Path, settings: TLSSettings) -> None:
    key = settings.client_key or certificate
    if _CERTIFICATE not in _read(certificate, "tls.client_cert"):
        raise ConfigError("no complete certificate in it", path=certificate, hint="tls.client_cert must be PEM")
    key_text = _read(key, "tls.client_key" if settings.client_key else "tls.client_cert")
    if "PRIVATE KEY-----" not in key_text:
        hint = "set tls.client_key to the file with the key" if key == certificate else "tls.client_key must be PEM"
        raise ConfigError("no private key in it", path=key, hint=hint)
    password = settings.client_key_password

    def pass_phrase() -> str:
        if password is None:
            raise _PassPhraseNeeded
        return password.reveal()

    try:
        context.load_cert_chain(certificate, key, password=pass_phrase)
    except _PassPhraseNeeded:
        raise ConfigError("the private key is encrypted", path=key, hint="set tls.client_key_password") from None
    except ssl.SSLError as error:
        raise _unusable(error, certificate, key, encrypted=_is_encrypted(key_text)) from error
    except ValueError as error:  # a pass phrase longer than OpenSSL takes
        raise ConfigError("the pass phrase cannot be used", path=key, detail=str(error)) from error


def _unusable(error: ssl.SSLError, certificate: Path, key: Path, *, encrypted: bool) -> ConfigError:
    if error.reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
        return ConfigError(
            f"the private key does not belong to the certificate in {certificate}",
            path=key,
            hint="tls.client_cert and tls.client_key must be a pair, the client's certificate first",
        )
    if encrypted:
        return ConfigError(
            "the private key cannot be decrypted", path=key, hint="check tls.client_key_password; is the file complete?"
        )
    return ConfigError(
        f"not usable together with {certificate}" if key != certificate else "not usable as certificate and key",
        path=key,
        detail=_reason(error),
        hint="is one of the files half-written?",
    )


def _read(path: Path, setting: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror or error}", path=path, hint=f"{setting} names it"
        ) from error
    return data.decode("ascii", errors="replace")


def _is_encrypted(key_text: str) -> bool:
    return "ENCRYPTED" in key_text


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
