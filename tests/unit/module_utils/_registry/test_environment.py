# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables registry_env may set. tests/distribution holds the table against the registry itself."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment import check_environment
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment_table import REGISTRY
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.tests.support.each import check_each

TABLES = (REGISTRY, *catalog.library_variables())
CREDENTIALS = tuple(name for table in TABLES for name in table.credentials)


def _codes(environment: dict[Any, Any]) -> list[tuple[str, str]]:
    return [(item.code, item.severity) for item in check_environment(environment, catalog.library_variables())]


MOVES = (
    "REGISTRY_STORAGE",
    "REGISTRY_STORAGE_S3",
    "REGISTRY_STORAGE_S3_BUCKET",
    "REGISTRY_STORAGE_S3AWS_BUCKET",
    "REGISTRY_STORAGE_GCS_BUCKET",
    "REGISTRY_STORAGE_AZURE_CONTAINER",
    "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
    "REGISTRY_STORAGE_INMEMORY",
    "REGISTRY_STORAGE_OSS_BUCKET",
    "REGISTRY_STORAGE_",
    "REGISTRY_STORAGE_s3_bucket",
    "registry_storage_s3_bucket",
    "REGISTRY_STORAGE_CACHES",
    "STORAGE_EMULATOR_HOST",
    "GOOGLE_CLOUD_UNIVERSE_DOMAIN",
)


def test_what_moves_images() -> None:
    """The section as a whole, each driver's, whatever the case (the parser lowers it), and what Google's library reads."""

    def check(name: str) -> None:
        (found,) = check_environment({name: "other"}, catalog.library_variables())
        assert (found.code, found.severity, found.path) == ("env-moves-images", "error", f"registry_env.{name}")
        assert "other." not in found.text()

    check_each(MOVES, check, str)


REJECTIONS: tuple[tuple[str, str, str], ...] = (
    ("REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED", "env-managed", "registry_readonly"),
    ("REGISTRY_STORAGE_REDIRECT_DISABLE", "env-managed", "registry_redirect"),
    ("REGISTRY_STORAGE_DELETE_ENABLED", "env-managed", "deleteEnabled"),
    ("REGISTRY_AUTH", "env-opens-registry", "registry_password"),
    ("REGISTRY_AUTH_HTPASSWD_PATH", "env-opens-registry", "registry_password"),
    ("REGISTRY_PROXY_REMOTEURL", "env-managed", "separate registry"),
    ("REGISTRY_HTTP_ADDR", "env-managed", "Remove"),
    ("REGISTRY_HTTP_SECRET", "env-managed", "Remove"),
    ("REGISTRY_HTTP_TLS_CERTIFICATE", "env-managed", "in front"),
    ("REGISTRY_HTTP_DEBUG_ADDR", "env-managed", "Remove"),
    ("REGISTRY_REDIS_ADDR", "env-form", "REGISTRY_REDIS_ADDRS"),
    ("REGISTRY_REDIS_ADDRS_0", "env-unknown", "REGISTRY_REDIS_ADDRS"),
    ("REGISTRY_LOGLEVEL", "env-unknown", "REGISTRY_LOG_LEVEL"),
    ("REGISTRY_STORAGES_S3_BUCKET", "env-unknown", ""),
    ("AWS_ENDPOINT_URL", "env-unknown", ""),
    ("OTEL_TRACE_EXPORTER", "env-unknown", "OTEL_TRACES_EXPORTER"),
    *((name, "env-credential", "") for name in CREDENTIALS),
)


def test_what_is_rejected() -> None:
    """Each with its code and the way to go on; the value occurs nowhere."""

    def check(row: tuple[str, str, str]) -> None:
        name, code, remedy = row
        (found,) = check_environment({name: "c4n4ry"}, catalog.library_variables())
        assert (found.code, found.severity, found.path) == (code, "error", f"registry_env.{name}")
        assert remedy in found.remedy and found.remedy and "c4n4ry" not in found.text()

    check_each(REJECTIONS, check, lambda row: row[0])


RECEIVER = {"name": "a", "url": "http://receiver/"}
WITH_CREDENTIAL: tuple[tuple[str, Any], ...] = (
    ("GITHUB_TOKEN", "c4n4ry"),
    ("WEBHOOK_SECRET", "c4n4ry"),
    ("MY_SETTINGS", {"password": "c4n4ry"}),
    ("MY_DATABASE", "postgres://user:c4n4ry@db/x"),
    ("MY_ACCOUNT", "Name=x;AccountKey=c4n4ry=="),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", [{**RECEIVER, "headers": {"Authorization": ["Bearer c4n4ry"]}}]),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", [{**RECEIVER, "headers": {"X-Receiver": ["c4n4ry"]}}]),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", [{"url": "http://user:c4n4ry@receiver/"}]),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", '[{"headers": {"authorization": ["c4n4ry"]}}]'),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", "[{headers: {Authorization: [Bearer c4n4ry]}}]"),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", "[{headers: {X-Receiver: [c4n4ry]}, a: *b}]"),
    ("REGISTRY_NOTIFICATIONS", {"endpoints": [{**RECEIVER, "headers": {"Cookie": ["c4n4ry"]}}]}),
    ("REGISTRY_HEALTH_HTTPCHECKERS", [{"uri": "http://a/", "headers": {"Authorization": ["c4n4ry"]}}]),
    ("REGISTRY_LOG_FIELDS", {"api_key": "c4n4ry"}),
    ("REGISTRY_REDIS_ADDRS", ["user:c4n4ry@redis:6379"]),
    ("REGISTRY_REDIS_ADDRS", '["redis:6379", ":c4n4ry@redis:6379"]'),
    ("MYSECRET", "c4n4ry"),
    ("DB_PWD", "c4n4ry"),
    ("MY_CREDENTIALS", "c4n4ry"),
    ("DB_PASSWORD_1", "c4n4ry"),
    ("PASSWORDS", ["c4n4ry"]),
    ("MY_HEADER", "Bearer c4n4ry-of-the-test"),
    ("MY_KEY", "-----BEGIN PRIVATE KEY-----\\nc4n4ry"),
    ("MY_LISTS", "[" * 3000),
    ("REGISTRY_REDIS_ADDRS", "[" * 100000 + "]" * 100000),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://user:c4n4ry@collector"),
)


def test_what_holds_a_credential() -> None:
    """By the name of the variable, by a name within a structure or its text, or by the value; no value occurs in the finding."""

    def check(row: tuple[str, Any]) -> None:
        name, value = row
        (found,) = check_environment({name: value}, catalog.library_variables())
        assert (found.code, found.severity, found.path) == ("env-credential", "error", f"registry_env.{name}")
        assert found.remedy and "c4n4ry" not in found.text()

    check_each(WITH_CREDENTIAL, check, str)


def test_credential_of_a_proxy() -> None:
    """A proxy may accept nothing without one, so it is a warning. Go reads an address without a scheme too, and a password with any character."""

    def check(row: tuple[str, str]) -> None:
        name, address = row
        (found,) = check_environment({name: address}, ())
        assert (found.code, found.severity) == ("env-proxy-credential", "warning") and "c4n4ry" not in found.text()

    check_each(
        (
            ("HTTPS_PROXY", "http://user:c4n4ry@proxy:3128"),
            ("http_proxy", "http://c4n4ry@proxy:3128"),
            ("HTTPS_PROXY", "user:c4n4ry@proxy:3128"),
            ("HTTP_PROXY", "//user:c4n4ry@proxy"),
            ("HTTP_PROXY", "http:/user:c4n4ry@proxy"),
            ("https_proxy", "http://user:c4n/4ry@proxy"),
            ("HTTPS_PROXY", "http://user:c4n#4ry@proxy"),
            ("HTTPS_PROXY", "http://user:c4n?4ry@proxy"),
            ("HTTPS_PROXY", "http://user:c4n 4ry@proxy"),
            ("HTTPS_PROXY", "http://user:c4n4ry@sha256:1"),
        ),
        check,
        str,
    )


def test_a_name_with_a_value_in_it() -> None:
    """YAML reads it so if the space after the colon is missing. It is not shown."""
    (found,) = check_environment({"DB_PASSWORD:c4n4ry": None}, ())
    assert (found.code, found.path) == ("env-credential", "registry_env.(hidden)")


NO_CREDENTIALS: tuple[tuple[str, Any], ...] = (
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", [{**RECEIVER, "headers": {"Accept": ["a/b"], "User-Agent": ["registry"]}}]),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", [{**RECEIVER, "headers": {}}]),
    ("REGISTRY_HTTP_HEADERS", {"X-Receiver": ["a"]}),
    ("REGISTRY_MIDDLEWARE", {"storage": [{"name": "cloudfront", "options": {"privatekey": "/keys/a.pem"}}]}),
    ("OTEL_RESOURCE_ATTRIBUTES", "service.name=registry,deployment.environment=test"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"),
)


def test_what_holds_no_credential() -> None:
    """Harmless headers of requests, headers of responses, files of keys."""
    check_each(NO_CREDENTIALS, lambda row: _expect({row[0]: row[1]}, []), str)
    for harmless in ({"USE_TOKEN": True}, {"MY_TOKEN": ""}, {"MY_KEYFILE": "/keys/a.json"}, {"TOKEN_FILE": "/x"}):
        _expect(harmless, [("env-unchecked", "warning")])


def _expect(environment: dict[str, Any], codes: list[tuple[str, str]]) -> None:
    assert _codes(environment) == codes


FORMS: tuple[tuple[str, Any, bool], ...] = (
    ("REGISTRY_HTTP_DRAINTIMEOUT", "1h30m", True),
    ("REGISTRY_HTTP_DRAINTIMEOUT", "0", True),
    ("REGISTRY_HTTP_DRAINTIMEOUT", 30, False),
    ("REGISTRY_HTTP_DRAINTIMEOUT", "7d", False),
    ("REGISTRY_LOG_REPORTCALLER", True, True),
    ("REGISTRY_LOG_REPORTCALLER", "False", True),
    ("REGISTRY_LOG_REPORTCALLER", "maybe", False),
    ("REGISTRY_LOG_REPORTCALLER", None, False),
    ("REGISTRY_CATALOG_MAXENTRIES", "1000", True),
    ("REGISTRY_CATALOG_MAXENTRIES", True, False),
    ("REGISTRY_CATALOG_MAXENTRIES", "many", False),
    ("REGISTRY_REDIS_ADDRS", ["redis:6379"], True),
    ("REGISTRY_REDIS_ADDRS", '["redis:6379"]', True),
    ("REGISTRY_REDIS_ADDRS", "redis:6379", False),
    ("REGISTRY_CATALOG_MAXENTRIES", "9" * 20, False),
    ("REGISTRY_TAGS_MAXTAGS", 0, True),
    ("REGISTRY_TAGS_MAXTAGS", -3, False),
    ("REGISTRY_HTTP_HOST", "https://registry.example.com:5000/images%20", True),
    ("REGISTRY_HTTP_HOST", "http://[::1]:5000", True),
    ("REGISTRY_HTTP_HOST", "", True),
    ("REGISTRY_HTTP_HOST", None, False),
    ("REGISTRY_HTTP_HOST", "registry.example.com", False),
    ("REGISTRY_HTTP_HOST", "http://[::1", False),
    ("REGISTRY_HTTP_HOST", "https://registry.example.com:port", False),
    ("REGISTRY_HTTP_HOST", "https://a b", False),
    ("REGISTRY_HTTP_HOST", "https://registry.example.com/%zz", False),
    ("REGISTRY_HTTP_HEADERS", {"X-Content-Type-Options": ["nosniff"]}, True),
    ("REGISTRY_HTTP_HEADERS", '{"X-Content-Type-Options": ["nosniff"]}', True),
    ("REGISTRY_HTTP_HEADERS", {"X-Content-Type-Options": "nosniff"}, False),
    ("REGISTRY_HTTP_HEADERS", '{"X-Content-Type-Options": "nosniff"}', False),
    ("REGISTRY_HTTP_HEADERS", "{X-Content-Type-Options: [nosniff]}", True),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", '["http://127.0.0.1/"]', False),
    ("REGISTRY_HEALTH_HTTPCHECKERS", ["http://127.0.0.1/"], False),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", [{"name": "a"}], True),
    ("REGISTRY_NOTIFICATIONS_ENDPOINTS", ["http://127.0.0.1/"], False),
    ("GOMEMLIMIT", "400MiB", True),
    ("GOMEMLIMIT", 400000000, True),
    ("GOMEMLIMIT", "off", True),
    ("GOMEMLIMIT", "400Mi", False),
    ("GOMEMLIMIT", "1GB", False),
    ("OTEL_TRACES_EXPORTER", "none", True),
    ("OTEL_TRACES_EXPORTER", "jaeger", False),
    ("REGISTRY_LOG_FIELDS", {"service": "registry"}, True),
    ("REGISTRY_LOG_FIELDS", "service", False),
    (
        "REGISTRY_MIDDLEWARE",
        {"storage": [{"name": "redirect", "options": {"baseurl": "https://cdn.example.com"}}]},
        True,
    ),
    ("REGISTRY_MIDDLEWARE", '{"storage": [{"name": "rewrite"}, {"name": "cloudfront"}], "registry": []}', True),
    ("REGISTRY_MIDDLEWARE", {}, True),
    ("REGISTRY_MIDDLEWARE", {"storage": [{"name": "nonsense"}]}, False),
    ("REGISTRY_MIDDLEWARE", {"storage": [{"options": {}}]}, False),
    ("REGISTRY_MIDDLEWARE", {"storage": {"name": "redirect"}}, False),
    ("REGISTRY_MIDDLEWARE", {"storage": ["redirect"]}, False),
    ("REGISTRY_MIDDLEWARE", {"registry": [{"name": "redirect"}]}, False),
    ("REGISTRY_MIDDLEWARE", {"repository": [{"name": "redirect"}]}, False),
    ("REGISTRY_MIDDLEWARE", {"storages": [{"name": "redirect"}]}, False),
    ("REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW", ["^https://", "(?i)example"], True),
    ("REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW", ["^https://", "(?!http:)"], False),
    ("REGISTRY_VALIDATION_MANIFESTS_URLS_DENY", '["("]', False),
    ("REGISTRY_VALIDATION_MANIFESTS_URLS_DENY", [{"a": "b"}], False),
    ("REGISTRY_LOG_LEVEL", "Debug", True),
    ("REGISTRY_LOG_LEVEL", "loud", False),
    ("HTTPS_PROXY", "http://proxy:3128", True),
    ("https_proxy", "", True),
    ("NO_PROXY", ["a"], False),
    ("GOMAXPROCS", 2, True),
)


def test_forms() -> None:
    """A value that Distribution could not read is an error before anything rolls."""

    def check(row: tuple[str, Any, bool]) -> None:
        name, value, fits = row
        assert _codes({name: value}) == ([] if fits else [("env-form", "error")])

    check_each(FORMS, check, str)


def test_other_names_pass_with_a_warning() -> None:
    """They may be read by a program that the image has besides."""
    assert _codes({"MY_REGISTRY_STORAGE_S3_BUCKET": "x"}) == [("env-unchecked", "warning")]


def test_traces_without_a_collector() -> None:
    """No collector in the Pod receives them."""
    address = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}
    for given in ({"OTEL_TRACES_EXPORTER": "console"}, {"OTEL_TRACES_EXPORTER": "otlp", **address}, address):
        assert check_environment(given, ()) == []
    (found,) = check_environment({"OTEL_TRACES_EXPORTER": "otlp"}, ())
    assert (found.code, found.severity) == ("env-no-collector", "warning")
    assert found.path == "registry_env.OTEL_TRACES_EXPORTER" and "OTEL_EXPORTER_OTLP_ENDPOINT" in found.remedy


def test_each_is_reported() -> None:
    """In the order of their names; a name that YAML read as a number is unknown."""
    given = {"REGISTRY_STORAGE_S3_BUCKET": "a", "HTTP_PROXY": "b", 1: "c", "REGISTRY_STORAGE": "{}"}
    paths = [item.path for item in check_environment(given, (), "environment")]
    assert paths == ["environment.1", "environment.REGISTRY_STORAGE", "environment.REGISTRY_STORAGE_S3_BUCKET"]


def test_no_name_is_in_two_tables() -> None:
    """A known variable is neither a credential nor in a rejected section, and one library declares it."""
    accepted = [names for table in TABLES for names in (table.known.keys(), table.credentials.keys())]
    assert [first & second for first, second in combinations(accepted, 2) if first & second] == []
    sections = [item.name for table in TABLES for item in table.rejected]
    names = [name for group in accepted for name in group]
    assert [name for name in names for item in sections if name == item or name.startswith(f"{item}_")] == []


def test_a_library_reads_what_it_declares() -> None:
    """The names of a library have its prefixes, so a misspelt one is an error."""
    for table in catalog.library_variables():
        names = [*table.known, *table.credentials, *(item.name for item in table.rejected)]
        assert [name for name in names if not name.startswith(table.prefixes)] == []


READ_BY_THE_REGISTRY: tuple[tuple[str, Any], ...] = (
    ("REGISTRY_HEALTH_TCPCHECKERS", [{"addr": "redis:6379"}]),
    ("REGISTRY_NOTIFICATIONS_EVENTCONFIG_INCLUDEREFERENCES", True),
    ("REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMLIST", [{"architecture": "amd64", "os": "linux"}]),
    ("AWS_USE_FIPS_ENDPOINT", True),
    ("OTEL_BSP_EXPORT_TIMEOUT", 30000),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
    ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", True),
)


@pytest.mark.parametrize(("name", "value"), READ_BY_THE_REGISTRY)
def test_fields_of_the_configuration_and_of_the_libraries(name: str, value: Any) -> None:
    """What the registry reads, and what moves no image, is accepted."""
    assert _codes({name: value}) == []
