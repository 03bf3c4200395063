"""The JSON Schema of config.yaml, for editors: `ocm-tui config schema > config.schema.json`.

It is made from the models, with what they accept beyond plain types: a reference in place of any value, nothing in
place of any value that has a default, and a number in place of the `timeout` mapping.
"""

from typing import Any, Final

from ocm_tui.config.models import ConfigurationFile

__all__ = ["configuration_schema"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Final = {"type": "string", "pattern": r"\$\{(env|file|keyring|aws-secretsmanager):[^}]+\}"}


def configuration_schema() -> dict[str, Any]:
    """Draft 2020-12. Every key has a description; unknown keys are refused."""
    generated = ConfigurationFile.model_json_schema()
    definitions = generated.get("$defs", {})
    for section in (generated, *definitions.values()):
        _loosen(section)
    server = definitions["ServerSection"]["properties"]
    total = definitions["TimeoutSection"]["properties"]["total"]["anyOf"]
    server["timeout"]["anyOf"] = total[:-1] + server["timeout"]["anyOf"]  # nothing is the last of both
    environments = generated["properties"]["environments"]
    environments["additionalProperties"] = False  # a name that does not fit
    for pattern, section in environments["patternProperties"].items():
        environments["patternProperties"][pattern] = {"anyOf": [section, {"type": "null"}]}
    return {"$schema": _DIALECT, **generated, "title": "ocm-tui configuration"}


def _loosen(section: dict[str, Any]) -> None:
    required = section.get("required", [])
    for name, declared in section.get("properties", {}).items():
        declared.pop("title", None)
        if "const" in declared:
            continue
        alternatives = _alternatives(declared)
        if any(alternative.get("type") in ("integer", "number", "boolean") for alternative in alternatives):
            alternatives.append(_REFERENCE)
        nothing = {"type": "null"}
        if name not in required and nothing not in alternatives:
            alternatives.append(nothing)
        declared.update({"anyOf": alternatives} if len(alternatives) > 1 else alternatives[0])


def _alternatives(declared: dict[str, Any]) -> list[dict[str, Any]]:
    """Take what a value may be out of `declared`, and leave what is said about it."""
    if "anyOf" in declared:
        return list(declared.pop("anyOf"))
    about = ("description", "default")
    return [{key: declared.pop(key) for key in list(declared) if key not in about}]
