"""Refresh tokens and persistent grants, the device flow, and CIBA: most override a setting of the server."""

from typing import Final

from ocm_tui.core.clients.fields.spec import FieldSpec
from ocm_tui.core.clients.fields.values import (
    JWS_ASYMMETRIC,
    OVERRIDE,
    REUSABLE_GRANT_TYPES,
    SERVER_DEFAULT,
    THREE_WAY,
)

__all__ = ["DEVICE_AND_CIBA", "REFRESH"]

_EXPIRY: Final = ("INDEFINITE_EXPIRY", *OVERRIDE)
_GRANT_UNITS: Final = ("MINUTES", "HOURS", "DAYS")

REFRESH: Final = (
    FieldSpec(
        path="refreshRolling",
        label="Roll refresh tokens",
        group="Refresh and grants",
        kind="enum",
        values=(SERVER_DEFAULT, "DONT_ROLL", "ROLL"),
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(
        path="refreshTokenRollingIntervalType",
        label="Rolling interval",
        group="Refresh and grants",
        kind="enum",
        values=OVERRIDE,
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(
        path="refreshTokenRollingInterval",
        label="Interval",
        group="Refresh and grants",
        kind="integer",
        minimum=0,
        governed_by="refreshTokenRollingIntervalType",
    ),
    FieldSpec(
        path="refreshTokenRollingIntervalTimeUnit",
        label="Interval unit",
        group="Refresh and grants",
        kind="enum",
        values=("SECONDS", "MINUTES", "HOURS"),
        since=(12, 1),
        fill="HOURS",
    ),
    FieldSpec(
        path="refreshTokenRollingGracePeriodType",
        label="Rolling grace period",
        group="Refresh and grants",
        kind="enum",
        values=OVERRIDE,
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(
        path="refreshTokenRollingGracePeriod",
        label="Grace period (seconds)",
        group="Refresh and grants",
        kind="integer",
        minimum=0,
        governed_by="refreshTokenRollingGracePeriodType",
    ),
    FieldSpec(
        path="persistentGrantExpirationType",
        label="Grant lifetime",
        group="Refresh and grants",
        kind="enum",
        values=_EXPIRY,
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(
        path="persistentGrantExpirationTime",
        label="Lifetime",
        group="Refresh and grants",
        kind="integer",
        minimum=-1,
        governed_by="persistentGrantExpirationType",
        help="-1: without end.",
    ),
    FieldSpec(
        path="persistentGrantExpirationTimeUnit",
        label="Lifetime unit",
        group="Refresh and grants",
        kind="enum",
        values=_GRANT_UNITS,
        fill="DAYS",
    ),
    FieldSpec(
        path="persistentGrantIdleTimeoutType",
        label="Grant idle timeout",
        group="Refresh and grants",
        kind="enum",
        values=_EXPIRY,
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(
        path="persistentGrantIdleTimeout",
        label="Idle timeout",
        group="Refresh and grants",
        kind="integer",
        minimum=-1,
        governed_by="persistentGrantIdleTimeoutType",
        help="-1: without end.",
    ),
    FieldSpec(
        path="persistentGrantIdleTimeoutTimeUnit",
        label="Idle timeout unit",
        group="Refresh and grants",
        kind="enum",
        values=_GRANT_UNITS,
        fill="DAYS",
    ),
    FieldSpec(
        path="persistentGrantReuseType",
        label="Reuse grants",
        group="Refresh and grants",
        kind="enum",
        values=OVERRIDE,
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(
        path="persistentGrantReuseGrantTypes",
        label="Reuse for",
        group="Refresh and grants",
        kind="set",
        values=REUSABLE_GRANT_TYPES,
    ),
    FieldSpec(
        path="requireOfflineAccessScopeToIssueRefreshTokens",
        label="Refresh needs offline_access",
        group="Refresh and grants",
        kind="enum",
        values=THREE_WAY,
        since=(12, 1),
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(
        path="offlineAccessRequireConsentPrompt",
        label="offline_access needs consent",
        group="Refresh and grants",
        kind="enum",
        values=THREE_WAY,
        since=(12, 1),
        fill=SERVER_DEFAULT,
        help="Only when refresh needs offline_access.",
    ),
)

DEVICE_AND_CIBA: Final = (
    FieldSpec(
        path="deviceFlowSettingType",
        label="Device flow",
        group="Device and CIBA",
        kind="enum",
        values=OVERRIDE,
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(path="userAuthorizationUrlOverride", label="Verification URL", group="Device and CIBA", kind="text"),
    FieldSpec(
        path="pendingAuthorizationTimeoutOverride",
        label="Code timeout (seconds)",
        group="Device and CIBA",
        kind="integer",
        minimum=0,
        governed_by="deviceFlowSettingType",
    ),
    FieldSpec(
        path="devicePollingIntervalOverride",
        label="Device polling (seconds)",
        group="Device and CIBA",
        kind="integer",
        minimum=0,
        governed_by="deviceFlowSettingType",
    ),
    FieldSpec(
        path="bypassActivationCodeConfirmationOverride",
        label="Bypass code confirmation",
        group="Device and CIBA",
        kind="bool",
        governed_by="deviceFlowSettingType",
    ),
    FieldSpec(
        path="cibaDeliveryMode",
        label="CIBA delivery",
        group="Device and CIBA",
        kind="enum",
        values=("POLL", "PING"),
        fill="POLL",
        help="PING needs a notification endpoint.",
    ),
    FieldSpec(path="cibaNotificationEndpoint", label="CIBA notification URL", group="Device and CIBA", kind="text"),
    FieldSpec(
        path="cibaPollingInterval",
        label="CIBA polling (seconds)",
        group="Device and CIBA",
        kind="integer",
        minimum=0,
        maximum=3600,
        fill=3,
    ),
    FieldSpec(
        path="cibaRequireSignedRequests", label="CIBA signed requests", group="Device and CIBA", kind="bool", fill=False
    ),
    FieldSpec(
        path="cibaRequestObjectSigningAlgorithm",
        label="CIBA request algorithm",
        group="Device and CIBA",
        kind="enum",
        values=JWS_ASYMMETRIC,
    ),
    FieldSpec(path="cibaUserCodeSupported", label="CIBA user codes", group="Device and CIBA", kind="bool", fill=False),
    FieldSpec(path="requestPolicyRef.id", label="CIBA request policy", group="Device and CIBA", kind="reference"),
)
