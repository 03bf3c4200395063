"""References: their grammar, where their values come from, and what is said when there is none."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocm_tui.config.masking import mask_url
from ocm_tui.config.references import MalformedReference, SecretRef, Template, parse
from ocm_tui.config.sources import MAX_FILE_BYTES, Reference, Sources, Unresolvable
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.problems import Place
from ocm_tui.core.secret import Secret, known_secrets
from tests.unit.config.support import as_plain_user

PLACE = Place(Path("config.yaml"), 3, 7, "environments.dev.server.auth.password")


def template(text: str, base: Path = Path(), **environ: str) -> Template:
    return Template(parse(text), PLACE, Sources(base, environ))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("$5 {and} $$ more}", ("$5 {and} $$ more}",)),
        ("${env:A}", (Reference("env", "A"),)),
        ("a${env:A_1}b${file:/x y}", ("a", Reference("env", "A_1"), "b", Reference("file", "/x y"))),
        ("$${env:A}", ("${env:A}",)),
        ("$$${env:A}", ("$${env:A}",)),
        ("x$${y${env:A}", ("x${y", Reference("env", "A"))),
        ("${keyring:ocm/prod/me@x}", (Reference("keyring", "ocm/prod/me@x"),)),
        (
            "${aws-secretsmanager:arn:aws:secretsmanager:eu-1:1:secret:x#k}",
            (Reference("aws-secretsmanager", "arn:aws:secretsmanager:eu-1:1:secret:x#k"),),
        ),
        ("${aws-secretsmanager:oauth/x}", (Reference("aws-secretsmanager", "oauth/x"),)),
    ],
)
def test_parse(text: str, parts: tuple[str | Reference, ...]) -> None:
    assert parse(text) == parts


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("${env:A", "not closed", "${env:NAME}"),
        ("hunter22${", "not closed", "$${"),
        ("${HUNTER22}", "does not say where its value is", "write ${env:NAME}"),
        ("${hunter 22}", "does not say where its value is", "${file:PATH}"),
        ("${}", "does not say where its value is", "${env:NAME}"),
        ("${evn:HUNTER22}", "a source that does not exist", "did you mean ${env:NAME}?"),
        ("${keychain:hunter22}", "a source that does not exist", "did you mean ${keyring:SERVICE/USER}?"),
        ("${hunter22:x}", "a source that does not exist", "${env:NAME}"),
        ("${env:}", "not complete", "write ${env:NAME}"),
        ("${env:HUNTER-22}", "not complete", "write ${env:NAME}"),
        ("${file: }", "not complete", "write ${file:PATH}"),
        ("${file:a\nb}", "not complete", "write ${file:PATH}"),
        ("${keyring:hunter22}", "not complete", "write ${keyring:SERVICE/USER}"),
        ("${keyring:hunter22/}", "not complete", "write ${keyring:SERVICE/USER}"),
        ("${aws-secretsmanager:#hunter22}", "not complete", "write ${aws-secretsmanager:NAME#KEY}"),
        ("${aws-secretsmanager:hunter22#}", "not complete", "write ${aws-secretsmanager:NAME#KEY}"),
    ],
)
def test_malformed_references_are_not_quoted(text: str, message: str, hint: str) -> None:
    with pytest.raises(MalformedReference) as caught:
        parse(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "hunter" not in f"{caught.value.message}{caught.value.hint}".lower()


def test_a_template_is_resolved_when_it_is_asked() -> None:
    assert template("https://${env:HOST}:${env:PORT}/x", HOST="pf", PORT="9999").resolve() == "https://pf:9999/x"


def failing(text: str, base: Path = Path(), **environ: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        SecretRef.of(template(text, base, **environ)).resolve()
    error = caught.value
    assert error.title.startswith(f"config.yaml:3:7: `{PLACE.key}`: ")
    return error


def test_variable_that_is_not_set() -> None:
    error = failing("${env:PF_PASSWORD}")
    assert "the environment variable PF_PASSWORD is not set" in error.title
    assert error.hint == "export PF_PASSWORD=…"


def test_variable_that_is_empty() -> None:
    assert "PF_PASSWORD is empty" in failing("${env:PF_PASSWORD}", PF_PASSWORD="").title


def test_variable_that_is_not_utf8() -> None:
    assert "not UTF-8" in failing("${env:X}", X=os.fsdecode(b"\xff\xfe")).title


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("geheim-ß\n", "geheim-ß"),
        ("geheim\r\n", "geheim"),
        ("two\nlines\n\n", "two\nlines\n"),
        ("  kept  ", "  kept  "),
    ],
)
def test_file_relative_to_the_configuration(tmp_path: Path, content: str, value: str) -> None:
    (tmp_path / "secret").write_bytes(content.encode())
    assert SecretRef.of(template("${file:secret}", tmp_path)).resolve() == Secret(value)


def test_file_in_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "secret").write_text("of-the-home")
    assert template("${file:~/secret}", Path("/nowhere")).resolve() == "of-the-home"


def test_file_of_a_user_who_does_not_exist() -> None:
    assert "the home directory in the path cannot be found" in failing("${file:~nobody-has-this-name/x}").title


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\xff", "is not UTF-8"),
        (b"x" * (MAX_FILE_BYTES + 1), "is larger than 64 KiB"),
    ],
)
def test_file_without_a_value(tmp_path: Path, content: bytes | None, fragment: str) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    assert fragment in failing("${file:secret}", tmp_path).title


def test_file_that_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in failing("${file:pipe}", tmp_path).title
    assert "is a directory" in failing("${file:.}", tmp_path).title


def test_file_that_nobody_may_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0)
    with as_plain_user():
        assert "permission denied" in failing("${file:secret}", tmp_path).title


def test_file_that_everyone_may_read_is_used_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("for-all-to-read")
    sources, reference = Sources(tmp_path, {}), Reference("file", "secret")
    path.chmod(0o644)
    problem = sources.check(reference)
    assert problem is not None
    assert "readable by everyone" in problem.message
    assert problem.hint == f"chmod 600 {path}"
    assert sources.read(reference) == "for-all-to-read"
    path.chmod(0o640)
    assert sources.check(reference) is None


# Keyring and AWS: their packages are optional, so stand-ins with the same interface take their place.


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory first on the path, whose keyring, boto3 and botocore are the ones that are imported."""
    directory = tmp_path / "packages"
    directory.mkdir()
    monkeypatch.syspath_prepend(str(directory))
    names = ("keyring", "boto3", "botocore")
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in names}
    for name in kept:
        del sys.modules[name]
    yield directory
    for name in [name for name in sys.modules if name.partition(".")[0] in names]:
        del sys.modules[name]
    sys.modules.update(kept)


KEYRING = """
from keyring import errors
def get_password(service, user):
    if service == "locked":
        raise errors.KeyringLocked("the collection is locked\\nsecond line")
    if service == "none":
        raise errors.NoKeyringError("no backend")
    return {("ocm/prod", "me"): "kept-in-the-ring"}.get((service, user))
"""
KEYRING_ERRORS = """
class KeyringError(Exception): ...
class KeyringLocked(KeyringError): ...
class NoKeyringError(KeyringError, RuntimeError): ...
"""


@pytest.fixture
def keyring(packages: Path) -> None:
    (packages / "keyring").mkdir()
    (packages / "keyring" / "__init__.py").write_text(KEYRING)
    (packages / "keyring" / "errors.py").write_text(KEYRING_ERRORS)


@pytest.mark.usefixtures("keyring")
def test_keyring() -> None:
    assert SecretRef.of(template("${keyring:ocm/prod/me}")).resolve() == Secret("kept-in-the-ring")


@pytest.mark.usefixtures("keyring")
@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("${keyring:ocm/nobody}", "no value for service ocm, user nobody", "keyring set ocm nobody"),
        ("${keyring:locked/me}", "did not give the value: the collection is locked", "unlock"),
        ("${keyring:none/me}", "no keyring that can be used", "${env:NAME}"),
    ],
)
def test_keyring_without_the_value(text: str, message: str, hint: str) -> None:
    error = failing(text)
    assert message in error.title
    assert hint in error.hint
    assert "second line" not in error.title


@pytest.mark.parametrize(
    ("module", "text", "command"),
    [
        ("keyring", "${keyring:a/b}", "pip install 'ocm-tui[keyring]'"),
        ("boto3", "${aws-secretsmanager:a#b}", "pip install 'ocm-tui[aws]'"),
    ],
)
def test_missing_extra(monkeypatch: pytest.MonkeyPatch, module: str, text: str, command: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    error = failing(text)
    assert f"{module} is not installed" in error.title
    assert error.hint == command


BOTO3 = """
import botocore.exceptions as e
SECRETS = {"json": '{"key": "from-aws", "number": 7, "list": [], "empty": ""}', "text": "plain-from-aws", "list": "[1]"}
def client(service, region_name=None, config=None):
    assert service == "secretsmanager" and config.settings["connect_timeout"] <= 10
    if region_name is not None:
        raise e.EndpointConnectionError("Could not connect to the endpoint in " + region_name)
    return Client()
class Client:
    def get_secret_value(self, SecretId):
        if SecretId == "no-region":
            raise e.NoRegionError("You must specify a region.")
        if SecretId == "no-credentials":
            raise e.NoCredentialsError("Unable to locate credentials")
        if SecretId == "binary":
            return {"SecretBinary": b"x"}
        if SecretId == "forbidden":
            raise e.ClientError("AccessDeniedException")
        if SecretId not in SECRETS:
            raise e.ClientError("ResourceNotFoundException")
        return {"SecretString": SECRETS[SecretId]}
"""
BOTOCORE_CONFIG = """
class Config:
    def __init__(self, **settings):
        self.settings = settings
"""
BOTOCORE_EXCEPTIONS = """
class BotoCoreError(Exception): ...
class NoRegionError(BotoCoreError): ...
class NoCredentialsError(BotoCoreError): ...
class PartialCredentialsError(BotoCoreError): ...
class EndpointConnectionError(BotoCoreError): ...
class ClientError(Exception):
    def __init__(self, code):
        super().__init__("An error occurred (%s) when calling GetSecretValue" % code)
        self.response = {"Error": {"Code": code}}
"""


@pytest.fixture
def aws(packages: Path) -> None:
    (packages / "boto3.py").write_text(BOTO3)
    (packages / "botocore").mkdir()
    (packages / "botocore" / "__init__.py").write_text("")
    (packages / "botocore" / "config.py").write_text(BOTOCORE_CONFIG)
    (packages / "botocore" / "exceptions.py").write_text(BOTOCORE_EXCEPTIONS)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("argument", "value"), [("json#key", "from-aws"), ("json#number", "7"), ("text", "plain-from-aws")]
)
def test_aws(argument: str, value: str) -> None:
    assert SecretRef.of(template(f"${{aws-secretsmanager:{argument}}}")).resolve() == Secret(value)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("argument", "message", "hint"),
    [
        ("absent#key", "refused the secret absent: ResourceNotFoundException", "AWS_REGION"),
        ("forbidden#key", "AccessDeniedException", "secretsmanager:GetSecretValue"),
        ("json#absent", "has no key absent", ""),
        ("json#list", "something else than text under the key list", ""),
        ("json#empty", "is empty", ""),
        ("text#key", "not a JSON object", "the whole text is used"),
        ("list#key", "not a JSON object", "the whole text is used"),
        ("binary#key", "is binary", ""),
        ("no-region#key", "no AWS region is known", "AWS_REGION"),
        ("no-credentials#key", "no AWS credentials are known", "AWS_PROFILE"),
        ("arn:aws:secretsmanager:eu-north-1:1:secret:x#key", "connect to the endpoint in eu-north-1", ""),
    ],
)
def test_aws_without_the_value(argument: str, message: str, hint: str) -> None:
    error = failing(f"${{aws-secretsmanager:{argument}}}")
    assert message in error.title
    assert hint in error.hint
    assert "plain-from-aws" not in f"{error.title}{error.hint}"


# What is shown


@pytest.mark.parametrize(
    ("text", "shown", "literal"),
    [
        ("hunter22", "***", True),
        ("${env:A}", "${env:A}", False),
        ("pre-${env:A}-${file:b}", "***${env:A}***${file:b}", False),
    ],
)
def test_a_secret_shows_its_references_only(text: str, shown: str, literal: bool) -> None:
    reference = SecretRef.of(template(text, A="resolved-value"))
    assert (reference.shown, reference.literal) == (shown, literal)
    for visible in (str(reference), repr(reference), f"{reference}"):
        assert "hunter22" not in visible
        assert "resolved-value" not in visible


@pytest.mark.parametrize(
    ("text", "shown", "secrets"),
    [
        ("postgresql://host/db", "postgresql://host/db", ()),
        ("postgresql://me@host/db", "postgresql://***@host/db", ()),
        ("postgresql://me:hunter22@host/db", "postgresql://***@host/db", ("hunter22",)),
        ("redis://:hunter22@host:1/0", "redis://***@host:1/0", ("hunter22",)),
        ("postgresql://me:a%40b%3Ac@host/db", "postgresql://***@host/db", ("a%40b%3Ac", "a@b:c")),
        ("postgresql://me:p@ss/w?r#d@host/db", "postgresql://***@host/db", ("p@ss/w?r#d",)),
        ("postgresql://me:${env:P}@host/db", "postgresql://***:${env:P}@host/db", ()),
        ("postgresql://${env:U}:${env:P}@host/db", "postgresql://${env:U}:${env:P}@host/db", ()),
        ("postgresql://me:x${env:P}y@host/db", "postgresql://***:***${env:P}***@host/db", ("x", "y")),
        ("${env:URL}", "${env:URL}", ()),
        ("${env:BASE}me:hunter22@host", "${env:BASE}***:***@host", ("hunter22",)),
        ("${env:BASE}hunter22", "${env:BASE}***", ()),
        ("redis://me:hunter22", "redis://***", ("hunter22",)),
        ("redis://me:hunter22/0?x=1", "redis://***/0?x=1", ("hunter22",)),
        ("redis://[::1]:6379/0", "redis://[::1]:6379/0", ()),
        ("redis://[::1]", "redis://[::1]", ()),
        ("postgresql://a:1,b:2,c/db", "postgresql://a:1,b:2,c/db", ()),
        ("redis://h:${env:PORT}/0", "redis://h:${env:PORT}/0", ()),
        ("postgresql://h/d?user=me&password=hunter22", "postgresql://h/d?user=me&password=***", ("hunter22",)),
        ("postgresql://h/d?password=hunter22&x=1", "postgresql://h/d?password=***", ("hunter22", "hunter22&x=1")),
        ("postgresql://h/d?password=${env:P}&x=1", "postgresql://h/d?password=${env:P}&x=1", ()),
        ("postgresql://h/d?password=${env:P}", "postgresql://h/d?password=${env:P}", ()),
        ("unix:///run/redis.sock?db=0", "unix:///run/redis.sock?db=0", ()),
    ],
)
def test_urls_hide_their_credentials(text: str, shown: str, secrets: tuple[str, ...]) -> None:
    masked = mask_url(parse(text))
    assert (masked.shown, masked.secrets) == (shown, tuple(sorted(secrets)))


def test_a_url_is_checked_once_it_is_known() -> None:
    schemes = ("redis", "rediss")
    reference = SecretRef.of(template("${env:URL}", URL="redis://:pa55-of-redis@host"), schemes=schemes)
    assert reference.resolve().reveal() == "redis://:pa55-of-redis@host"
    assert "pa55-of-redis" not in known_secrets.scrub("AUTH pa55-of-redis")
    wrong = SecretRef.of(template("${env:URL}", URL="http://:pa56-of-redis@host"), schemes=schemes)
    with pytest.raises(ConfigError, match=r"the value of \$\{env:URL\} is not a URL") as caught:
        wrong.resolve()
    assert "pa56" not in f"{caught.value}{caught.value.hint}"


def test_what_is_no_secret_in_a_url_stays_readable_elsewhere() -> None:
    SecretRef.of("redis://cache.example.com:6379", schemes=("redis",)).resolve()
    text = "cannot connect to redis://cache.example.com:6379"
    assert known_secrets.scrub(text) == text


def test_an_unresolvable_reference_says_so_without_a_place() -> None:
    with pytest.raises(Unresolvable, match="not set"):
        Sources(Path(), {}).read(Reference("env", "X"))
