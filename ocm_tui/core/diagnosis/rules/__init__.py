"""The rules, each a pure function over one exchange. They are asked in this order; findings are ranked, not rules."""

from typing import Final

from ocm_tui.core.diagnosis.case import Rule
from ocm_tui.core.diagnosis.rules.access import forbidden, not_authenticated, proxy_wants_credentials
from ocm_tui.core.diagnosis.rules.addresses import not_found, page_instead_of_api, redirected, wrong_method
from ocm_tui.core.diagnosis.rules.clock import clock_skew
from ocm_tui.core.diagnosis.rules.connection import broken_answer, no_answer
from ocm_tui.core.diagnosis.rules.last_resorts import unexplained
from ocm_tui.core.diagnosis.rules.limits import server_failed, too_large, too_many, wrong_content_type
from ocm_tui.core.diagnosis.rules.token_endpoint import token_error, token_without_code
from ocm_tui.core.diagnosis.rules.validation import body_not_json, named_fields, unnamed_fields, unwanted_deletion

__all__ = ["LAST_RESORTS", "RULES"]

RULES: Final[tuple[Rule, ...]] = (
    no_answer,
    broken_answer,
    proxy_wants_credentials,
    not_authenticated,
    forbidden,
    not_found,
    wrong_method,
    redirected,
    page_instead_of_api,
    body_not_json,
    wrong_content_type,
    named_fields,
    unwanted_deletion,
    unnamed_fields,
    too_many,
    too_large,
    server_failed,
    token_error,
    token_without_code,
    clock_skew,
)
LAST_RESORTS: Final[tuple[Rule, ...]] = (unexplained,)
