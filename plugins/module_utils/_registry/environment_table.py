# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Environment variables that the registry's process reads: what registry_env may set, and what it must not. Pure.

Sources: configuration/configuration.go and configuration/parser.go of Distribution 3.1.1 (a name is the path of Go field names in upper case,
a value is YAML), the OpenTelemetry SDK, Go's runtime. The driver of a store declares the variables of its library
(`Driver.library`).
"""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.variables import (
    MOVES_IMAGES,
    Form,
    RejectedVariable,
    Variables,
)

_KNOWN: dict[str, Form] = {
    # Distribution: log
    "REGISTRY_LOG_LEVEL": "text",
    "REGISTRY_LOG_FORMATTER": "text",
    "REGISTRY_LOG_FIELDS": "mapping",
    "REGISTRY_LOG_REPORTCALLER": "boolean",
    "REGISTRY_LOG_ACCESSLOG_DISABLED": "boolean",
    # Distribution: http
    "REGISTRY_HTTP_HOST": "address",
    "REGISTRY_HTTP_RELATIVEURLS": "boolean",
    "REGISTRY_HTTP_DRAINTIMEOUT": "duration",
    "REGISTRY_HTTP_HEADERS": "headers",
    "REGISTRY_HTTP_HTTP2_DISABLED": "boolean",
    "REGISTRY_HTTP_H2C_ENABLED": "boolean",
    # Distribution: the rest
    "REGISTRY_CATALOG_MAXENTRIES": "integer",
    "REGISTRY_TAGS_MAXTAGS": "count",
    "REGISTRY_HEALTH_STORAGEDRIVER_ENABLED": "boolean",
    "REGISTRY_HEALTH_STORAGEDRIVER_INTERVAL": "duration",
    "REGISTRY_HEALTH_STORAGEDRIVER_THRESHOLD": "integer",
    "REGISTRY_HEALTH_FILECHECKERS": "mappings",
    "REGISTRY_HEALTH_HTTPCHECKERS": "mappings",
    "REGISTRY_HEALTH_TCPCHECKERS": "mappings",
    "REGISTRY_MIDDLEWARE": "middlewares",
    "REGISTRY_NOTIFICATIONS": "mapping",
    "REGISTRY_NOTIFICATIONS_ENDPOINTS": "mappings",
    "REGISTRY_NOTIFICATIONS_EVENTCONFIG_INCLUDEREFERENCES": "boolean",
    "REGISTRY_POLICY_REPOSITORY_CLASSES": "list",
    "REGISTRY_REDIS_ADDRS": "list",
    "REGISTRY_REDIS_CLIENTNAME": "text",
    "REGISTRY_REDIS_DB": "integer",
    "REGISTRY_REDIS_DIALTIMEOUT": "duration",
    "REGISTRY_REDIS_MASTERNAME": "text",
    "REGISTRY_REDIS_MAXRETRIES": "integer",
    "REGISTRY_REDIS_POOLSIZE": "integer",
    "REGISTRY_REDIS_READTIMEOUT": "duration",
    "REGISTRY_REDIS_USERNAME": "text",
    "REGISTRY_REDIS_WRITETIMEOUT": "duration",
    "REGISTRY_VALIDATION_DISABLED": "boolean",
    "REGISTRY_VALIDATION_ENABLED": "boolean",
    "REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS": "text",
    "REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMLIST": "mappings",
    "REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW": "patterns",
    "REGISTRY_VALIDATION_MANIFESTS_URLS_DENY": "patterns",
    # OpenTelemetry
    "OTEL_BSP_EXPORT_TIMEOUT": "integer",
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "integer",
    "OTEL_BSP_MAX_QUEUE_SIZE": "integer",
    "OTEL_BSP_SCHEDULE_DELAY": "integer",
    "OTEL_EXPORTER_OTLP_CERTIFICATE": "text",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "text",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY": "text",
    "OTEL_EXPORTER_OTLP_COMPRESSION": "text",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "text",
    "OTEL_EXPORTER_OTLP_INSECURE": "boolean",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "text",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "integer",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE": "text",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE": "text",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY": "text",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "text",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "text",
    "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "boolean",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "text",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "integer",
    "OTEL_PROPAGATORS": "text",
    "OTEL_RESOURCE_ATTRIBUTES": "text",
    "OTEL_SDK_DISABLED": "boolean",
    "OTEL_SERVICE_NAME": "text",
    "OTEL_TRACES_EXPORTER": "text",
    "OTEL_TRACES_SAMPLER": "text",
    "OTEL_TRACES_SAMPLER_ARG": "text",
    # Go
    "GODEBUG": "text",
    "GOGC": "text",
    "GOMAXPROCS": "integer",
    "GOMEMLIMIT": "memory",
    "GOTRACEBACK": "text",
    "HTTP_PROXY": "text",
    "HTTPS_PROXY": "text",
    "NO_PROXY": "text",
    "SSL_CERT_DIR": "text",
    "SSL_CERT_FILE": "text",
    "TZ": "text",
}
# Addresses of proxies. Go's HTTP client reads them and NO_PROXY in both spellings.
PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY"})
_KNOWN.update({name.lower(): _KNOWN[name] for name in (*sorted(PROXIES), "NO_PROXY")})

# Variables that turn tracing on: the exporter, and where a collector is.
EXPORTER = "OTEL_TRACES_EXPORTER"
COLLECTORS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
TRACING = (EXPORTER, *COLLECTORS)

# Values that a variable accepts, if there are few. The first two are compared without regard to case.
CHOICES: dict[str, tuple[str, ...]] = {
    "REGISTRY_LOG_LEVEL": ("error", "warn", "info", "debug"),
    "REGISTRY_LOG_FORMATTER": ("text", "json", "logstash"),
    "REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS": ("all", "none", "list"),
    EXPORTER: ("otlp", "console", "none"),
}

# What Distribution wraps with a middleware, and the names that it has for each: registry/storage/driver/middleware. Its program ends if it does
# not know a name, and answers each request with an error if it is one of a repository.
MIDDLEWARES: dict[str, frozenset[str]] = {
    "storage": frozenset({"cloudfront", "redirect", "rewrite"}),
    "registry": frozenset(),
    "repository": frozenset(),
}

_CREDENTIALS = {
    "OTEL_EXPORTER_OTLP_HEADERS": "Use a collector in the cluster that adds the credentials.",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "Use a collector in the cluster that adds the credentials.",
    "REGISTRY_REDIS_PASSWORD": "Use a Redis in the cluster that a network policy protects, without a password.",
    "REGISTRY_REDIS_SENTINELPASSWORD": "Use a Redis in the cluster that a network policy protects, without a password.",
}

_STORAGE = "Use registry_storage or registry_driver_parameters."
_ROLE = "is set by the collection, which works only with this value."
_OPEN = "controls who can push and pull. Another value can give access to everyone who can reach a node."

# Sections that the role itself passes to an operator's Deployment (registry_readonly, registry_redirect), as whole mappings.
ROLE_SECTIONS = frozenset({"REGISTRY_STORAGE_MAINTENANCE", "REGISTRY_STORAGE_REDIRECT"})

_REJECTED = (
    RejectedVariable("REGISTRY_STORAGE", "env-moves-images", MOVES_IMAGES, _STORAGE),
    RejectedVariable("REGISTRY_STORAGE_MAINTENANCE", "env-managed", _ROLE, "Use registry_readonly: true."),
    RejectedVariable(
        "REGISTRY_STORAGE_DELETE",
        "env-managed",
        "is set by deleteEnabled in registry_storage.",
        "Use deleteEnabled in registry_storage.",
    ),
    RejectedVariable(
        "REGISTRY_STORAGE_REDIRECT", "env-managed", "is set by registry_redirect.", "Use registry_redirect."
    ),
    RejectedVariable("REGISTRY_STORAGE_CACHE", "env-managed", _ROLE, "Remove it."),
    RejectedVariable("REGISTRY_STORAGE_TAG", "env-managed", _ROLE, "Remove it."),
    RejectedVariable("REGISTRY_AUTH", "env-opens-registry", _OPEN, "Use registry_username and registry_password."),
    RejectedVariable(
        "REGISTRY_PROXY",
        "env-managed",
        "makes the registry a pull-through cache, which rejects pushes and can delete images that expire.",
        "Deploy a pull-through cache as a separate registry, without this collection.",
    ),
    RejectedVariable("REGISTRY_HTTP_ADDR", "env-managed", _ROLE, "Remove it."),
    RejectedVariable("REGISTRY_HTTP_NET", "env-managed", _ROLE, "Remove it."),
    RejectedVariable("REGISTRY_HTTP_PREFIX", "env-managed", _ROLE, "Remove it."),
    RejectedVariable("REGISTRY_HTTP_DEBUG", "env-managed", _ROLE, "Remove it."),
    RejectedVariable("REGISTRY_HTTP_SECRET", "env-managed", "is set from a Secret of the collection.", "Remove it."),
    RejectedVariable("REGISTRY_HTTP_TLS", "env-managed", _ROLE, "Terminate TLS in a proxy in front of the registry."),
    RejectedVariable("REGISTRY_CONFIGURATION_PATH", "env-managed", _ROLE, "Remove it."),
    RejectedVariable(
        "REGISTRY_REDIS_ADDR",
        "env-form",
        "does not exist in Distribution 3.",
        'Use REGISTRY_REDIS_ADDRS with a list, for example ["redis:6379"].',
    ),
)

REGISTRY = Variables(
    prefixes=("REGISTRY_", "OTEL_"),
    names=frozenset({"GODEBUG", "GOMAXPROCS", "GOMEMLIMIT", "GOGC", "GOTRACEBACK"}),
    known=_KNOWN,
    credentials=_CREDENTIALS,
    rejected=_REJECTED,
)
