"""`python -m ocm_tui.tui.keys_table`: the README's table of keys, made from the action table."""

from ocm_tui.tui.actions import all_actions

__all__ = ["PANES", "keys_table"]

PANES = {
    "app": "Everywhere",
    "clients": "Clients",
    "log": "Log",
    "compare": "Comparison",
    "minimise": "Minimise",
    "apply": "Plan and apply",
    "form": "Form",
    "conflict": "Conflict",
    "oci": "OCI profiles",
    "oci_form": "OCI profile form",
    "registry": "Registry",
    "registry_form": "Registry row form",
    "letters": "Dead letters",
}


def keys_table() -> str:
    lines = ["| where | key | what it does |", "|---|---|---|"]
    for action in all_actions():
        where = PANES[action.pane]
        lines.append(f"| {where} | `{action.key_text}` | {action.title}: {action.help} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(keys_table())  # noqa: T201
