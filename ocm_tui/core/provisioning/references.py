"""What clients refer to, checked before anything is sent: token managers, scopes, policies, extended properties."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ocm_tui.core.clients.fields import get_value
from ocm_tui.core.clients.model import NamedChoice
from ocm_tui.core.clients.port import AuthorizationServer
from ocm_tui.core.errors import OcmError
from ocm_tui.core.positioned.problems import nearest
from ocm_tui.core.provisioning.model import DeclaredClient
from ocm_tui.core.provisioning.places import place_text
from ocm_tui.core.text import clean

__all__ = ["References", "read_references"]

_MANAGER: Final = "defaultAccessTokenManagerRef.id"
_POLICY: Final = "oidcPolicy.policyGroup.id"
_OPENID: Final = "openid"  # needs no configuration
_LONGEST_ID: Final = 120

_NOUNS: Final = {
    "token_managers": "access token manager",
    "scopes": "scope",
    "exclusive_scopes": "exclusive scope",
    "oidc_policies": "OpenID Connect policy",
    "extended_properties": "extended property",
}


@dataclass(frozen=True, slots=True)
class References:
    """`known` has the ids of each list that could be read: what is not there is not checked, and `warnings` say so.

    `reserved` are token managers that serve only the clients that they name.
    """

    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reserved: Mapping[str, frozenset[str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def problems(self, declared: DeclaredClient, desired: Mapping[str, Any]) -> Iterator[str]:
        """A sentence for each reference to nothing: the field, where it is declared, and what is near."""
        for path, name, identifier in _referred(desired):
            known = self.known.get(name)
            if known is None or identifier in known:
                continue
            near = nearest(identifier, known)
            place = place_text(declared.where(path))
            yield (
                f"{clean(path, _LONGEST_ID)}: the server has no {_NOUNS[name]} {_quoted(identifier)}"
                f"{f' ({place})' if place else ''}{f'; did you mean {_quoted(near)}?' if near else ''}"
            )

    def refused_by(self, desired: Mapping[str, Any]) -> str | None:
        """The token manager that this client names and that does not serve it; None when all is well."""
        manager = get_value(desired, _MANAGER) if self.reserved else None
        allowed = self.reserved.get(manager) if isinstance(manager, str) else None
        return manager if allowed is not None and desired.get("clientId") not in allowed else None


async def read_references(server: AuthorizationServer) -> References:
    """Six short lists, at the same time. One that cannot be read is a warning: the server will judge."""
    readers: dict[str, Callable[[], Awaitable[Sequence[NamedChoice]]]] = {
        "token_managers": server.token_managers,
        "scopes": server.scopes,
        "exclusive_scopes": server.exclusive_scopes,
        "oidc_policies": server.oidc_policies,
        "extended_properties": server.extended_properties,
        "scope_groups": server.scope_groups,
    }
    answers = dict(zip(readers, await asyncio.gather(*(_answer(read) for read in readers.values())), strict=True))
    lists = {name: answer for name, answer in answers.items() if not isinstance(answer, OcmError)}
    failures = [answer for answer in answers.values() if isinstance(answer, OcmError)]
    known = {name: frozenset(choice.id for choice in choices) for name, choices in lists.items()}
    groups = known.pop("scope_groups", None)
    for name in ("scopes", "exclusive_scopes"):
        names = known.pop(name, None)
        if names is not None and groups is not None:  # a name that is no scope may be a group
            known[name] = names | groups | {_OPENID}
    reserved = {one.id: one.allowed for one in lists.get("token_managers", ()) if one.allowed is not None}
    return References(known, reserved, tuple(_warnings(known, failures)))


async def _answer(read: Callable[[], Awaitable[Sequence[NamedChoice]]]) -> Sequence[NamedChoice] | OcmError:
    try:
        return await read()
    except OcmError as error:
        return error


def _warnings(known: Mapping[str, frozenset[str]], failures: Sequence[OcmError]) -> Iterator[str]:
    """One sentence: what is not checked, and the reason that was met most often."""
    unchecked = [noun for name, noun in _NOUNS.items() if name not in known]
    if unchecked:
        [(why, _)] = Counter(str(error) for error in failures).most_common(1)
        yield f"references are not checked ({', '.join(unchecked)}), the server decides: {why}"


def _referred(desired: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Path, name of the list, and id of everything that the document refers to."""
    for path, name in ((_MANAGER, "token_managers"), (_POLICY, "oidc_policies")):
        identifier = get_value(desired, path)
        if isinstance(identifier, str) and identifier:
            yield path, name, identifier
    for path, name in (("restrictedScopes", "scopes"), ("exclusiveScopes", "exclusive_scopes")):
        scopes = desired.get(path)
        for index, scope in enumerate(scopes if isinstance(scopes, list) else ()):
            if isinstance(scope, str) and scope:
                yield f"{path}[{index}]", name, scope
    parameters = desired.get("extendedParameters")
    for parameter in parameters if isinstance(parameters, Mapping) else ():
        yield f"extendedParameters.{parameter}", "extended_properties", str(parameter)


def _quoted(identifier: str) -> str:
    return f"`{clean(identifier, _LONGEST_ID)}`"
