"""Configuration files as they are found in the wild, with every finding that each must have.

Nothing but the findings named may be there, except those of `inherited-field`, which are only compared where a case
names one. `@FP@` is the fingerprint of the good key; what the files name is laid out by `samples`.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from ocm_tui.core.oci.model import Severity
from tests.unit.core.oci.samples import PHRASE, TENANCY, USER, fingerprint, rsa_key

_SEVERITIES: Final[dict[str, Severity]] = {"E": "error", "W": "warning", "I": "info"}


@dataclass(frozen=True)
class Case:
    name: str
    text: str | bytes
    expected: tuple[str, ...] = ()  # "code E 7" or "code W 7 x2": a line is `-` where there is none
    environment: dict[str, str] = field(default_factory=dict)
    on_cloud: bool | None = None
    mode: int = 0o600

    def content(self) -> bytes:
        return self.text if isinstance(self.text, bytes) else self.text.replace("@FP@", fingerprint(rsa_key())).encode()

    def findings(self) -> Counter[tuple[str, Severity, int | None]]:
        found: Counter[tuple[str, Severity, int | None]] = Counter()
        for words in self.expected:
            code, severity, line, *times = words.split()
            found[code, _SEVERITIES[severity], None if line == "-" else int(line)] += int(times[0][1:]) if times else 1
        return found


GOOD = f"[A]\nuser={USER}\ntenancy={TENANCY}\nfingerprint=@FP@\nkey_file=~/.oci/key.pem\nregion=us-ashburn-1\n"


def _with(**changes: str | None) -> str:
    """The good profile: user is line 2, tenancy 3, fingerprint 4, key_file 5, region 6, what is new 7."""
    fields: dict[str, str | None] = {
        "user": USER,
        "tenancy": TENANCY,
        "fingerprint": "@FP@",
        "key_file": "~/.oci/key.pem",
        "region": "us-ashburn-1",
    }
    fields |= changes
    return "[A]\n" + "".join(f"{name}={value}\n" for name, value in fields.items() if value is not None)


def _session(token: str, **changes: str | None) -> str:
    """Lines 2 to 5: token, key, region, authentication."""
    fields: dict[str, str | None] = {
        "security_token_file": f"~/.oci/{token}",
        "key_file": "~/.oci/key.pem",
        "region": "us-ashburn-1",
        "authentication": "security_token",
    }
    fields |= changes
    return "[S]\n" + "".join(f"{name}={value}\n" for name, value in fields.items() if value is not None)


def _odd(name: str, text: str | bytes, *expected: str) -> Case:
    return Case(name, text, expected)


SITE = json.dumps(
    {"realmKey": "oc1", "realmDomainComponent": "example.com", "regionKey": "XXS", "regionIdentifier": "xx-site-1"}
)
INSTANCE = "[I]\nauthentication=instance_principal\n"
WORKLOAD = "[O]\nauthentication=oke_workload_identity\nregion=iad\n"

FILES = (
    _odd("empty", ""),
    _odd("only a comment", "# nothing\n; here\n"),
    _odd("good", GOOD),
    _odd("good without a last newline", GOOD.rstrip("\n")),
    _odd("spaces and colons", GOOD.replace("=", "  :  ")),
    _odd("upper-case keys", GOOD.replace("user=", "USER=").replace("region=", "Region = ")),
    _odd("per cent signs", _with(additional_user_agent="100%")),
    _odd("doubled per cent signs", _with(additional_user_agent="100%%")),
    _odd("comments between", GOOD.replace("region", "# a comment\n   ; another\nregion")),
    _odd("CR endings", GOOD.replace("\n", "\r")),
    _odd("CRLF", GOOD.replace("\n", "\r\n"), "crlf I 1"),
    _odd("CRLF in one line", GOOD.replace("region=", "x=1\r\nregion="), "crlf I 6"),
    _odd("BOM", b"\xef\xbb\xbf" + Case("", GOOD).content(), "bom E 1"),
    _odd("BOM only", b"\xef\xbb\xbf", "bom E 1"),
    _odd("no header", "user=x\n" + GOOD, "syntax E 1"),
    _odd("no header at all", "user=x\nregion=y\n", "syntax E 1"),
    _odd("bare key", GOOD + "bare\n", "syntax E 7"),
    _odd("two bare keys", GOOD + "bare\nbare2\n", "syntax E 7", "syntax E 8"),
    _odd("value without a name", GOOD + "=x\n", "syntax E 7"),
    _odd("unfinished header", GOOD + "[B\n", "syntax E 7"),
    _odd("empty header", GOOD + "[]\n", "syntax E 7"),
    _odd("not UTF-8", Case("", GOOD).content() + b"x=\xff\xfe\n", "encoding E 7"),
    _odd("UTF-16", GOOD.encode("utf-16"), "encoding E 1", "syntax E 1"),
    _odd("NUL bytes", GOOD + "x=a\0b\n"),
    _odd("section twice", GOOD + GOOD, *(f"dup-key E {line}" for line in range(8, 13)), "dup-section E 7"),
    _odd("section twice, other keys", GOOD + "[A]\nx=1\n", "dup-section E 7"),
    _odd("DEFAULT twice is legal", "[DEFAULT]\n[DEFAULT]\n" + GOOD),
    _odd("key twice", GOOD + "region=us-phoenix-1\n", "dup-key E 7"),
    _odd("key twice in other case", GOOD + "REGION=us-phoenix-1\n", "dup-key E 7"),
    _odd("names differ in case", GOOD + GOOD.replace("[A]", "[a]"), "dup-case W 7"),
    _odd("blank in a header", GOOD.replace("[A]", "[ A]"), "section-space W 1"),
    _odd("blank around DEFAULT", GOOD + "[ DEFAULT ]\nx=1\n", "section-space W 7", "field-missing E 7 x5"),
    _odd("a switch that is neither on nor off", GOOD + "log_requests=maybe\n", "switch-unknown W 7"),
    _odd("a switch that is off", GOOD + "log_requests = NO\n"),
    Case("open file", GOOD, ("file-perm W -",), mode=0o644),
    Case("file of the group", GOOD, ("file-perm W -",), mode=0o660),
    Case("readable by nobody else", GOOD, (), mode=0o400),
)  # fmt: skip

VALUES = (
    _odd("inline comment", _with(region="us-ashburn-1 # home"), "inline-comment W 6", "region-unknown W 6"),
    _odd("inline semicolon", _with(x="1 ; 2"), "inline-comment W 7"),
    _odd("hash inside a word", _with(x="a#b")),
    _odd("quotes", _with(region='"us-ashburn-1"'), "quotes W 6", "region-unknown W 6"),
    _odd("single quotes", _with(x="'1'"), "quotes W 7"),
    _odd("glued line", GOOD + "  x=1\n", "continuation W 7"),
    _odd("glued behind a comment", GOOD + "# c\n\n  x=1\n", "continuation W 9"),
    _odd("key in the file", _with(key_content="abcdefgh"), "key-content-in-file E 7", "key-malformed E 7"),
    _odd("inherited region", GOOD.replace("region=us-ashburn-1\n", "[DEFAULT]\nregion=us-ashburn-1\n"),
         "inherited-field I 7", "field-missing W 6 x4"),
    _odd("inherited quotes", "[DEFAULT]\nx='1'\n" + GOOD, "quotes W 2", "quotes W 2",
         "inherited-field I 2", "field-missing W 1 x5"),
)  # fmt: skip

IDENTITY = (
    _odd("nothing", "[A]\n", "field-missing E 1 x5"),
    _odd("no region", _with(region=None), "field-missing E 1"),
    Case("no region, but OCI_REGION", _with(region=None), ("env-override I -",), {"OCI_REGION": "us-ashburn-1"}),
    _odd("empty region", _with(region=""), "field-missing E 6"),
    _odd("unknown way to sign in", _with(authentication="kerberos"), "auth-unknown E 7"),
    _odd("upper-case way to sign in", _with(authentication="API_KEY")),
    _odd("user malformed", _with(user="me"), "ocid-malformed E 2"),
    _odd("tenancy malformed", _with(tenancy="ocid1.tenancy"), "ocid-malformed E 3"),
    _odd("tenancy of another kind", _with(tenancy=USER), "ocid-type E 3"),
    _odd("user is a compartment", _with(user=USER.replace("user", "compartment", 1)), "ocid-type E 2"),
    _odd("swapped", _with(user=TENANCY, tenancy=USER), "ocid-swapped E 2"),
    _odd("old OCIDs", _with(user=USER.replace("ocid1.user.oc1.", "ocidv1:user:oc1:"))),
    _odd("mistyped region", _with(region="us-ashbrun-1"), "region-unknown W 6"),
    _odd("region of the future", _with(region="xx-nowhere-9"), "region-unknown W 6"),
    _odd("short region", _with(region="iad")),
    _odd("upper-case region", _with(region="US-ASHBURN-1")),
    _odd("government region", _with(region="us-gov-phoenix-1"), "realm-mismatch E 6"),
    _odd("short government region", _with(region="tus"), "realm-mismatch E 6"),
    _odd("other realm throughout", _with(region="ltn", tenancy=TENANCY.replace("oc1", "oc4"), user=USER)),
    _odd("GenAI region unknown", _with(genai_region="us-chikago-1"), "region-unknown W 7"),
    _odd("GenAI compartment malformed", _with(genai_compartment_id="x"), "ocid-malformed W 7"),
    Case("region of this site", _with(region="xx-site-1"), (), {"OCI_REGION_METADATA": SITE}),
    _odd("instance principal", INSTANCE),
    Case("instance principal at home", INSTANCE, ("off-cloud-principal W 2",), on_cloud=False),
    Case("instance principal in the cloud", INSTANCE, (), on_cloud=True),
    _odd("the SDK's word for it", "[I]\nauthentication_type=instance_principal\n", "auth-inferred I 2"),
    _odd("workload at home", WORKLOAD, "off-cloud-principal W 2"),
    Case("workload in a pod", WORKLOAD, (), {"KUBERNETES_SERVICE_HOST": "x"}),
    Case("workload without a region", "[O]\nauthentication=oke_workload_identity\n", ("field-missing E 1",),
         {"KUBERNETES_SERVICE_HOST": "x"}),
)  # fmt: skip

KEYS = (
    _odd("no key", _with(key_file=None), "field-missing E 1"),
    _odd("key missing", _with(key_file="~/.oci/none.pem"), "key-missing E 5"),
    _odd("key of an unknown home", _with(key_file="~nobody-at-all/key.pem"), "key-missing E 5"),
    _odd("key is a directory", _with(key_file="~/.oci/directory.pem"), "key-dir E 5"),
    _odd("key is relative", _with(key_file=".oci/key.pem"), "key-relative W 5"),
    _odd("key with a label", _with(key_file="~/.oci/labelled.pem")),
    _odd("public key", _with(key_file="~/.oci/public.pem"), "key-is-public E 5"),
    _odd("EC key", _with(key_file="~/.oci/ec.pem"), "key-not-rsa E 5"),
    _odd("small key", _with(key_file="~/.oci/small.pem", fingerprint=fingerprint(rsa_key(1024))), "key-small E 5"),
    _odd("damaged key", _with(key_file="~/.oci/garbage.pem"), "key-malformed E 5"),
    _odd("no PEM", _with(key_file="~/.oci/notes.txt"), "key-malformed E 5"),
    _odd("empty key", _with(key_file="~/.oci/empty.pem"), "key-malformed E 5"),
    _odd("key that others may read", _with(key_file="~/.oci/open.pem"), "file-perm W 5"),
    _odd("key with NUL in its name", _with(key_file="~/.oci/a\0b"), "key-missing E 5"),
    _odd("encrypted, no phrase", _with(key_file="~/.oci/locked.pem"), "key-encrypted-no-phrase E 5"),
    _odd("encrypted, empty phrase", _with(key_file="~/.oci/locked.pem", pass_phrase=""), "key-encrypted-no-phrase E 5"),
    _odd("encrypted, right phrase", _with(key_file="~/.oci/locked.pem", pass_phrase=PHRASE)),
    _odd("wrong phrase", _with(key_file="~/.oci/locked.pem", pass_phrase="wrong-phrase"), "phrase-wrong E 7"),
    _odd("phrase of other letters", _with(key_file="~/.oci/locked.pem", pass_phrase="größer"), "phrase-non-ascii E 7"),
    _odd("phrase for a plain key", _with(pass_phrase="not-needed"), "phrase-unused W 7"),
    _odd("fingerprint of another key", _with(key_file="~/.oci/other.pem"), "fingerprint-mismatch E 4"),
    _odd("upper-case fingerprint", _with(fingerprint=fingerprint(rsa_key()).upper()), "fingerprint-format E 4"),
    _odd("no colons", _with(fingerprint=fingerprint(rsa_key()).replace(":", "")), "fingerprint-format E 4"),
    _odd("short fingerprint", _with(fingerprint="aa:bb"), "fingerprint-format E 4"),
)  # fmt: skip

TOKENS = (
    _odd("session", _session("token")),
    _odd("session, inferred", _session("token", authentication=None), "auth-inferred I 2"),
    _odd("token file in DEFAULT is no session", "[DEFAULT]\nsecurity_token_file=~/.oci/token\n" + GOOD,
         "auth-inferred I 2", "inherited-field I 2", "field-missing W 1 x2"),
    _odd("token missing", _session("none"), "token-missing E 2"),
    _odd("token with a newline", _session("token-newline"), "token-newline E 2"),
    _odd("token malformed", _session("token-garbage"), "token-malformed E 2"),
    _odd("token empty", _session("token-empty"), "token-malformed E 2"),
    _odd("token expired", _session("token-expired"), "token-expired E 2"),
    _odd("token expiring", _session("token-expiring"), "token-expiring W 2"),
    _odd("token for another key", _session("token-other"), "token-key-mismatch W 2"),
    _odd("token that others may read", _session("token-open"), "file-perm W 2"),
    _odd("session without a key", _session("token", key_file=None), "field-missing E 1"),
    _odd("session with a missing key", _session("token", key_file="~/none.pem"), "key-missing E 3"),
    _odd("session without a token", _session("token", security_token_file=None), "field-missing E 1"),
)  # fmt: skip

ENVIRONMENT = (
    Case("another file", GOOD, ("env-override I -",), {"OCI_CLI_CONFIG_FILE": "/x"}),
    Case("another way to sign in", GOOD, ("env-override I -",), {"OCI_CLI_AUTH": "security_token"}),
    Case("a key", GOOD, ("env-override I -",), {"OCI_CLI_KEY_CONTENT": "canary-key-content"}),
    Case(
        "a proxy",
        GOOD,
        ("env-override I -",),
        {"https_proxy": "http://me:canary-password@proxy.example.com"},
    ),
    Case("an empty variable", GOOD, (), {"OCI_CLI_REGION": ""}),
)

CASES = (*FILES, *VALUES, *IDENTITY, *KEYS, *TOKENS, *ENVIRONMENT)
