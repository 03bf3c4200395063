"""An inventory of every style, an edit of one of its clients, and what it has changed."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ocm_tui.core.provisioning.inventory_edit import edited_inventory
from ocm_tui.core.provisioning.inventory_loading import load_inventory

__all__ = ["IN_ONE_LINE", "TEXT", "changed_lines", "edit"]


TEXT = """\
# Who owns this: team orders
version: 1
defaults:
  grantTypes: [CLIENT_CREDENTIALS]
  clientAuth: {type: SECRET}      # for all
templates:
  web: {requireDpop: true, oidcPolicy: {logoutMode: NONE, pingAccessLogoutCapable: true}}
clients:
  # the first
  - clientId: a   # comment of a
    description: "Größe 1 😀"   # comment of the description

    # above the scopes
    restrictScopes: true
    restrictedScopes:
      - openid    # always
      # the next is for reports
      - reports:read
      - profile
    oidcPolicy:
      policyGroup: {id: default}   # which policy
      logoutUris: [https://a.example.com, https://b.example.com]
    # where it comes from
    secret: keep

  - {clientId: b, template: web, restrictScopes: true, restrictedScopes: [openid]}   # in one line

  - clientId: c
    template: web
    description: |-
      several
      lines
    environments:
      dev:
        enabled: false     # not yet
      prod: {enabled: true}
# the end
"""


IN_ONE_LINE = "  - {clientId: b, template: web, restrictScopes: true, restrictedScopes: [openid]}   # in one line"


def edit(path: Path, client_id: str, change: Callable[[dict[str, Any]], Any], environment: str = "dev") -> str:
    """The text after the change of what the client declares."""
    declared = {one.client_id: one.document for one in load_inventory([path], environment=environment).clients}
    document = copy.deepcopy(declared[client_id])
    change(document)
    old, new = edited_inventory(path, client_id, document, environment=environment)
    assert old == path.read_bytes().decode()
    return new


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    before, after = old.splitlines(), new.splitlines()
    while before and after and before[0] == after[0]:
        before.pop(0)
        after.pop(0)
    while before and after and before[-1] == after[-1]:
        before.pop()
        after.pop()
    return before, after
