"""Who signs in, and where: the fields that a way to sign in needs, OCIDs, the region and its realm."""

import re
from collections.abc import Iterator
from typing import Final

from ocm_tui.core.oci.model import DEFAULT, Finding, Fix, SetField, Severity
from ocm_tui.core.oci.regions import Region
from ocm_tui.core.oci.rules.subject import Subject
from ocm_tui.core.oci.schemas import AUTHENTICATIONS
from ocm_tui.core.oci.secrecy import concealed

__all__ = ["identity_rules"]

_OCID: Final = re.compile(r"[0-9a-zA-Z_-]+[.:](?:[0-9a-zA-Z_-]*[.:]){3,}[0-9a-zA-Z_-]+")  # as the SDK accepts it
_LONGEST: Final = 255
_REALM: Final = re.compile(r"oc\d+")
_NEEDED: Final = {
    "api_key": ("user", "tenancy", "fingerprint", "region"),
    "security_token": ("security_token_file", "region"),
    "oke_workload_identity": ("region",),
}


def identity_rules(subject: Subject) -> Iterator[Finding]:
    yield from _authentication(subject)
    yield from _missing(subject)
    yield from _ocids(subject)
    yield from _regions(subject)
    yield from _off_cloud(subject)


def _authentication(subject: Subject) -> Iterator[Finding]:
    config = subject.config
    if config.auth is None:
        yield subject.finding(
            "auth-unknown",
            "error",
            f"`authentication = {concealed(config.authentication or '')}` is not known",
            "authentication",
            hint=f"one of {', '.join(AUTHENTICATIONS)}",
        )
    elif subject.source is not None and subject.source.inferred and config.auth == subject.source.config.auth:
        name = "security_token_file" if config.auth == "security_token" else "authentication_type"
        yield subject.finding(
            "auth-inferred",
            "info",
            f"{config.auth} is taken from `{name}`, because there is no `authentication`",
            name,
            hint=f"other tools do not infer it: with the command line tool, use --auth {config.auth}",
            line=subject.source.fields[name].line,
        )


def _missing(subject: Subject) -> Iterator[Finding]:
    auth = subject.config.auth
    missing = [name for name in _NEEDED.get(auth or "", ()) if not subject.text(name)]
    variable = {"api_key": "OCI_REGION", "oke_workload_identity": "OCI_RESOURCE_PRINCIPAL_REGION"}.get(auth or "", "")
    if "region" in missing and subject.around.environment.get(variable):
        missing.remove("region")
    if auth in {"api_key", "security_token"} and not subject.text("key_file") and not subject.text("key_content"):
        missing.append("key_file")
    serves = subject.config.auth_profile == DEFAULT and not subject.around.alone
    severity: Severity = "warning" if serves else "error"
    for name in missing:
        yield subject.finding("field-missing", severity, f"`{name}` is missing: {auth} needs it", name)


def _ocids(subject: Subject) -> Iterator[Finding]:
    if subject.config.auth not in {"api_key", "security_token"}:
        return
    kinds = {name: _kind(subject.text(name)) for name in ("user", "tenancy")}
    if kinds == {"user": "tenancy", "tenancy": "user"}:
        yield _swapped(subject)
        return
    for name, kind in kinds.items():
        text = subject.text(name)
        if text and (len(text) > _LONGEST or not _OCID.fullmatch(text)):
            hint = f"it looks like ocid1.{name}.oc1..aaaa…"
            yield subject.finding("ocid-malformed", "error", f"`{name}` is no OCID", name, hint=hint)
        elif text and kind != name:
            message = f"`{name}` is the OCID of a {kind or 'nameless thing'}, not of a {name}"
            yield subject.finding("ocid-type", "error", message, name)
    compartment = subject.text("genai_compartment_id")
    if compartment and not _OCID.fullmatch(compartment):
        message = "`genai_compartment_id` is no OCID"
        yield subject.finding("ocid-malformed", "warning", message, "genai_compartment_id")


def _swapped(subject: Subject) -> Finding:
    profile, user, tenancy = subject.config.auth_profile, subject.text("user"), subject.text("tenancy")
    fix = Fix("swap them", (SetField(profile, "user", tenancy), SetField(profile, "tenancy", user)))
    return subject.finding("ocid-swapped", "error", "`user` and `tenancy` hold each other's OCID", "user", fix=fix)


def _kind(ocid: str) -> str:
    parts = re.split("[.:]", ocid[:_LONGEST])
    return parts[1] if len(parts) > 1 else ""


def _realm(ocid: str) -> str:
    parts = re.split("[.:]", ocid[:_LONGEST])
    return parts[2] if len(parts) > 2 and _REALM.fullmatch(parts[2]) else ""


def _regions(subject: Subject) -> Iterator[Finding]:
    realm = _realm(subject.text("tenancy")) or _realm(subject.text("user"))
    for name in ("region", "genai_region"):
        word = subject.text(name)
        if not word or "\n" in word:
            continue
        region = subject.around.regions.find(word)
        if region is None:
            yield _unknown(subject, name, word)
        elif realm and region.realm != realm:
            yield subject.finding(
                "realm-mismatch",
                "error",
                f"`{name}` {region.name} is in realm {region.realm}, but the tenancy is in {realm}",
                name,
                hint="a tenancy has regions in one realm only",
            )


def _unknown(subject: Subject, name: str, word: str) -> Finding:
    near: Region | None = subject.around.regions.nearest(word.partition(" ")[0], _realm(subject.text("tenancy")))
    fix = Fix(f"use {near.name}", (SetField(_section(subject, name), name, near.name),)) if near is not None else None
    return subject.finding(
        "region-unknown",
        "warning",
        f"`{name}` {concealed(word)} is no known region: the SDK takes it for one of oraclecloud.com",
        name,
        hint=f"did you mean {near.name}?"
        if near is not None
        else "a new region needs a newer SDK or OCI_REGION_METADATA",
        fix=fix,
    )


def _section(subject: Subject, name: str) -> str:
    written = subject.written(name)
    return DEFAULT if written is not None and written.origin == "DEFAULT" else subject.config.auth_profile


def _off_cloud(subject: Subject) -> Iterator[Finding]:
    around = subject.around
    if subject.config.auth == "instance_principal" and around.on_cloud is False:
        message = "no instance metadata service answers here: an instance principal works on a compute instance only"
        yield subject.finding("off-cloud-principal", "warning", message, "authentication")
    if subject.config.auth == "oke_workload_identity" and not around.environment.get("KUBERNETES_SERVICE_HOST"):
        message = "this is no pod (KUBERNETES_SERVICE_HOST is not set): a workload identity works in a cluster only"
        yield subject.finding("off-cloud-principal", "warning", message, "authentication")
