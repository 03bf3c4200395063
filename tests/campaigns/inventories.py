"""Two states of one inventory: what is applied first, and the one that changes, rotates, drops and adds clients."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Wanted", "first", "second", "secret_file"]

_HEAD = """\
version: 1
defaults:
  grantTypes: [CLIENT_CREDENTIALS]
  clientAuth: {type: SECRET}
  restrictToDefaultAccessTokenManager: true
  defaultAccessTokenManagerRef: {id: jwt}
clients:
"""


@dataclass(frozen=True)
class Wanted:
    """An inventory's text, and the clients whose secret it delivers into a file."""

    text: str
    clients: tuple[str, ...]
    with_secret: tuple[str, ...]


def secret_file(directory: Path, client_id: str) -> Path:
    return directory / "secrets" / client_id


def first(count: int) -> Wanted:
    """`old-N`, each with a generated secret."""
    clients = tuple(f"old-{number}" for number in range(count))
    return Wanted(_HEAD + "".join(_secret_client(one, "first", 1) for one in clients), clients, clients)


def second(count: int) -> Wanted:
    """Of the first a quarter each: as it was, changed, changed and with a new secret, dropped. And as many new ones."""
    kept = [number for number in range(count) if number % 4 != 3]
    text = _HEAD + "".join(_kept(number) for number in kept) + "".join(_new(count))
    old, new = tuple(f"old-{number}" for number in kept), tuple(f"new-{number}" for number in range(count))
    secrets = tuple(one for number, one in enumerate(new) if number % 2 == 0)
    return Wanted(text, (*old, *new), (*old, *secrets))


def _kept(number: int) -> str:
    changed = number % 4 in {1, 2}
    return _secret_client(f"old-{number}", "second" if changed else "first", 2 if number % 4 == 2 else 1)


def _new(count: int) -> Iterator[str]:
    for number in range(count):
        if number % 2 == 0:
            yield _secret_client(f"new-{number}", "new", 1)
        else:
            yield (
                f"- clientId: new-{number}\n  grantTypes: [AUTHORIZATION_CODE]\n  clientAuth: {{type: NONE}}\n"
                f"  redirectUris: [https://app-{number}.example.com/callback]\n"
            )


def _secret_client(client_id: str, description: str, version: int) -> str:
    secret = f'{{from: generate, deliver: "file:secrets/{client_id}", version: {version}}}'
    return f"- clientId: {client_id}\n  description: {description}\n  secret: {secret}\n"
