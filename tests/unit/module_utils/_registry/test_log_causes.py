# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry's last words and what they mean: a line for each row of the table, in each form in which it is logged."""

from __future__ import annotations

import json

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import log_causes
from ansible_collections.kyma.docker_registry.tests.support.each import check_each
from ansible_collections.kyma.docker_registry.tests.support.store_answers import ANSWERS, Answer
from hypothesis import given
from hypothesis import strategies as st

# A message as the registry logs it, and words of the cause that it must have. Several lines for a row that has alternatives.
LINES = [
    ("filesystem: mkdir /var/lib/registry/docker: no space left on device", "the volume is full"),
    ("write /var/lib/registry/x: disk quota exceeded", "the volume is full"),
    ("filesystem: mkdir /var/lib/registry/docker: read-only file system", "mounted read-only"),
    ("listen tcp :80: bind: permission denied", "no permission to listen on that port"),
    ("filesystem: mkdir /var/lib/registry/docker: permission denied", "user (1000, group 1000)"),
    ("configuration error: open /etc/distribution/config.yml: permission denied", "user (1000, group 1000)"),
    ("chown /var/lib/registry: operation not permitted", "user (1000, group 1000)"),
    ("mkdir /var/lib/registry/docker: not a directory", "a file in the place of a folder"),
    ("read /var/lib/registry: input/output error", "the volume has an I/O error"),
    ("stat /var/lib/registry: stale file handle", "the volume has an I/O error"),
    ("stat /var/lib/registry: transport endpoint is not connected", "the volume has an I/O error"),
    ("panic: multiple storage drivers specified in configuration or environment: filesystem, s3", "two storage drivers"),
    ("configuration error: error parsing config.yml: must provide exactly one storage type", "two storage drivers"),
    ("configuration error: no storage configuration provided", "no storage driver is configured"),
    ("panic: StorageDriver not registered: swift", "does not contain this storage driver"),
    ('panic: invalid credentials type: ""', "credentials type of Azure is missing"),
    ("panic: decode account key: illegal base64 data at input byte 3", "is not base64"),
    ("* 'accountname' expected type 'string', got unconvertible type 'int', value: '12'", "a driver parameter as a number or a boolean"),
    ("panic: no bucket parameter provided", "a required driver parameter is missing"),
    ("panic: no region parameter provided", "a required driver parameter is missing"),
    ("panic: invalid region provided: mars-1", "does not support that region"),
    ("panic: the chunksize 10 parameter should be a number that is larger than or equal to 5242880", "chunk size"),
    ("panic: google: could not find default credentials. See the documentation", "no credentials for its store"),
    ("s3aws: NoCredentialProviders: no valid providers in chain. Deprecated.", "no credentials for its store"),
    ('panic: google: read JWT from JSON credentials: "type" field is "authorized_user"', "key file of a service account"),
    ("panic: credentials were not specified in the correct format", "key file of a service account"),
    ("panic: readonly config key must contain additional keys", "wrong form"),
    ("panic: invalid type for redirect config: []interface {}", "wrong form"),
    ("panic: Unable to parse upload purge configuration: age missing", "wrong form"),
    ("configuration error: invalid loglevel trace Must be one of [error, warn, info, debug]", "log level or format"),
    ('unsupported logging formatter: "xml"', "log level or format"),
    ('panic: the encrypt parameter should be a boolean', "a value that the driver does not accept"),
    ("panic: maxthreads config error: parameter must be an integer, x is invalid", "a value that the driver does not accept"),
    ("panic: storageclass must be one of [STANDARD]", "a value that the driver does not accept"),
    ("panic: invalid value for objectacl: Private", "a value that the driver does not accept"),
    ("configuration error: error parsing config.yml: parsing environment variable REGISTRY_AUTH_PORT: yaml", "Kubernetes set"),
    ("parsing environment variable REGISTRY_STORAGE_SERVICE_HOST: yaml: x", "Kubernetes set that variable"),
    ("parsing environment variable REGISTRY_STORAGE_SERVICE_PORT: yaml: x", "Kubernetes set that variable"),
    ("parsing environment variable REGISTRY_AUTH_PORT_5000_TCP_ADDR: yaml: x", "Kubernetes set that variable"),
    ("configuration error: error parsing config.yml: parsing environment variable REGISTRY_HTTP_X: yaml: y", "(YAML)"),
    ("panic: redis configuration required to use for layerinfo cache", "configured to use Redis"),
    ("error connecting to redis: x", "configured to use Redis"),
    ("configuration error: error parsing config.yml: unsupported version: 0.2", "version of the configuration"),
    ("panic: unable to configure authorization (htpasswd): realm", "cannot use its htpasswd file"),
    ("listen tcp :5000: bind: address already in use", "cannot listen on its address"),
    ("listen tcp 1.2.3.4:5000: bind: cannot assign requested address", "cannot listen on its address"),
    ("configuration error: error parsing config.yml: yaml: line 3", "cannot read its config.yml"),
    ("configuration error: open /etc/distribution/config.yml: no such file or directory", "cannot read its config.yml"),
    ("s3aws: RequestError: tls: x509: certificate signed by unknown authority", "certificate of its store"),
    ("s3aws: RequestError: x509: certificate has expired", "certificate of its store"),
    ("azure: Head x: http: server gave HTTP response to HTTPS client", "certificate of its store"),
    ("dial tcp: lookup bucket.host: no such host", "name of the store cannot be resolved"),
    ("dial tcp: lookup bucket.host on 10.0.0.10:53: server misbehaving", "name of the store cannot be resolved"),
    ("dial tcp 10.0.0.1:443: connect: connection refused", "the store does not respond"),
    ("dial tcp 10.0.0.1:443: i/o timeout", "the store does not respond"),
    ("dial tcp 10.0.0.1:443: connect: no route to host", "the store does not respond"),
    ("dial tcp 10.0.0.1:443: connect: network is unreachable", "the store does not respond"),
    ("s3aws: context deadline exceeded", "the store does not respond"),
    ("gcs: retry failed with context canceled; last error: Get", "the store does not respond"),
    ("s3aws: RequestTimeTooSkewed: The difference between the request time and the current time is too large.", "clocks"),
    ("s3aws: RequestExpired: x", "clocks"),
    ('{"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token"}', "clocks"),
    ("s3aws: SignatureDoesNotMatch: The request signature we calculated does not match", "does not accept the credentials"),
    ("s3aws: InvalidAccessKeyId: The AWS Access Key Id you provided does not exist", "does not accept the credentials"),
    ("azure: GET https://x RESPONSE 403: ERROR CODE: AuthenticationFailed", "does not accept the credentials"),
    ('gcs: oauth2: cannot fetch token: 400 Bad Request Response: {"error": "invalid_grant"}', "does not accept the credentials"),
    ('azure: ClientSecretCredential authentication failed: {"error":"invalid_client"}', "does not accept the credentials"),
    ("gcs: googleapi: Error 401: Invalid Credentials, authError", "does not accept the credentials"),
    ("gcs: Get x: private key should be a PEM or plain PKCS1 or PKCS8", "does not accept the credentials"),
    ("azure: GET https://x RESPONSE 403: ERROR CODE: AuthorizationFailure", "or its firewall"),
    ("s3aws: NoSuchBucket: The specified bucket does not exist.", "bucket or container does not exist"),
    ("azure: RESPONSE 404: ERROR CODE: ContainerNotFound", "bucket or container does not exist"),
    ("gcs: storage: bucket doesn't exist", "bucket or container does not exist"),
    ("gcs: googleapi: Error 404: The specified bucket does not exist., notFound", "bucket or container does not exist"),
    ("s3aws: AuthorizationHeaderMalformed: the region is wrong", "another region"),
    ("s3aws: BucketRegionError: incorrect region", "another region"),
    ("s3aws: PermanentRedirect: use the other endpoint", "another region"),
    ("s3aws: AccessDenied: Access Denied.", "do not have the permissions that a registry needs"),
    ("azure: ERROR CODE: AuthorizationPermissionMismatch", "do not have the permissions that a registry needs"),
    ("gcs: googleapi: Error 403: x does not have storage.objects.get access", "do not have the permissions that a registry needs"),
    ("s3aws: SerializationError: failed to unmarshal error message", "not an object store of this type"),
    ("azure: DefaultAzureCredential: failed to acquire a token", "no credentials for its store"),
    ("panic: stat /some/key.json: no such file or directory", "a file is missing"),
    ("fatal error: runtime: out of memory", "ran out of memory"),
    ("runtime: cannot allocate memory", "ran out of memory"),
    *((answer.line(), answer.cause) for answer in ANSWERS),
    ("s3aws: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity\n\tstatus code: 403", "assume the role"),
    ("s3aws: WebIdentityErr: failed to retrieve credentials\ncaused by: InvalidIdentityToken: No OpenIDConnect provider found in your account "
     "for https://oidc.eks.eu-central-1.amazonaws.com/id/0\n\tstatus code: 400", "no identity provider for this cluster"),
    ("s3aws: EC2RoleRequestError: no EC2 instance role found\ncaused by: EC2MetadataError: failed to make EC2Metadata request\n\tstatus code: 401",
     "the node has no role"),
    ('azure: WorkloadIdentityCredential authentication failed. RESPONSE 401 Unauthorized {"error":"invalid_client","error_description":"AADSTS70021: '
     "No matching federated identity record found for presented assertion. Assertion Issuer: 'https://issuer/'.\"}", "no federated credential"),
    ('azure: WorkloadIdentityCredential authentication failed. {"error":"invalid_client","error_description":"AADSTS700213: No matching federated '
     "identity record found for presented assertion subject 'system:serviceaccount:kyma-system:dockerregistry'.\"}", "no federated credential"),
    ('azure: ClientSecretCredential authentication failed. {"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret '
     'provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."}', "client secret is wrong"),
    ('azure: {"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys for app are expired."}',
     "client secret is wrong"),
    ('azure: {"error":"unauthorized_client","error_description":"AADSTS700016: Application with identifier was not found in the directory"}',
     "does not find the application"),
    ("s3aws: MissingRegion: could not find region configuration", "has no region"),
    ("s3aws: RequestError: send request failed caused by: remote error: tls: handshake failure", "no TLS version or cipher"),
    ("azure: remote error: tls: protocol version not supported", "no TLS version or cipher"),
    ("gcs: googleapi: Error 403: Object 'images/x' is subject to bucket's retention policy and cannot be deleted or overwritten until 2027, "
     "retentionPolicyNotMet", "overwriting and deleting"),
    ("gcs: googleapi: Error 429: The rate of change requests to the object exceeds the rate limit., rateLimitExceeded", "too many requests"),
    ("s3aws: InvalidPartOrder: The list of parts was not in ascending order.", "parts of an upload"),
    ("azure: RESPONSE 409 ERROR CODE: ResourceTypeMismatch", "hierarchical namespace"),
]  # fmt: skip


def test_every_row_has_a_line() -> None:
    """Every alternative of every row is reached by a line above, and by no line of another row before it."""
    store = {log_causes.explain_line(line).cause for line, _words in LINES}
    assert store == {cause for _code, _pattern, cause, _remedy in log_causes.ROWS}
    assert all(remedy for _code, _pattern, _cause, remedy in log_causes.ROWS)
    assert len({cause for _code, _pattern, cause, _remedy in log_causes.ROWS}) == len(log_causes.ROWS)


@pytest.mark.parametrize("row", log_causes.ROWS, ids=[row[1][:30] for row in log_causes.ROWS])
def test_no_alternative_is_hidden(row: tuple[str, str, str, str]) -> None:
    """Each alternative of the pattern is what some line is explained by, under the row's code."""
    code, pattern, cause, _remedy = row
    alternatives = pattern.split("|") if "(" not in pattern else [pattern]
    for words in alternatives:
        mine = [line for line, _words in LINES if log_causes.explain_line(line).cause == cause]
        assert {log_causes.explain_line(line).code for line in mine} == {code}
        assert any(log_causes.re.search(words, line, log_causes.re.IGNORECASE) for line in mine), words


def test_rows() -> None:
    """Every line above by its cause."""
    check_each(LINES, _check_row)


def _check_row(row: tuple[str, str]) -> None:
    """Cause and remedy of a line, alone and as the last words of a log in text and in JSON."""
    line, words = row
    found = log_causes.explain_line(line)
    assert words in found.cause and found.remedy and found.cause in found.text()
    text = json.dumps(line)[1:-1]
    forms = (
        f'time="2026-01-01T00:00:00Z" level=fatal msg="{text}" go.version=go1.25',
        f'time="2026-01-01T00:00:00Z" level=fatal msg="cannot start" error="{text}"',
        f'time="2026-01-01T00:00:00Z" level=error msg="storage driver health check: {text}"',
        f'time="2026-01-01T00:00:00Z" level=error msg="response completed with error" err.detail="{text}" err.code=unknown',
        json.dumps({"level": "fatal", "msg": line, "time": "x"}),
        json.dumps({"level": "panic", "msg": line}),
        json.dumps({"level": "fatal", "msg": "cannot start", "error": line}),
        json.dumps({"level": "error", "msg": "response completed with error", "err.detail": line, "err.message": "x"}),
        json.dumps({"level": "error", "msg": "response completed with error", "err.message": line}),
        f"panic: {' '.join(line.split())}\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:15 +0x1b",
    )
    for log in forms:
        reported = log_causes.find_cause(f"starting\n{log}\n")
        assert reported is not None and reported.cause == found.cause, log


@pytest.mark.parametrize("answer", [ANSWERS[0], next(answer for answer in ANSWERS if answer.driver == "azure")])
def test_the_shown_line_has_the_code_of_the_store(answer: Answer) -> None:
    """Also behind a long address and the rulers that Azure's library draws, on one line."""
    found = log_causes.find_cause(
        f'level=error msg="response completed with error" err.detail={json.dumps(answer.line())}'
    )
    assert found is not None and answer.code in found.line and "----" not in found.line and "\\n" not in found.line


def test_unknown_words() -> None:
    """What is not known is shown as it is."""
    assert log_causes.explain_line("panic: something new") == log_causes.Cause("panic: something new")
    assert log_causes.Cause("line").text() == "line"
    assert log_causes.Cause("line", "meaning").text() == "line (meaning)"


INFO = 'time="2026-01-01T00:00:00Z" level=info msg="listening on [::]:5000" error="connection refused"'
CLIENT = json.dumps({"level": "error", "msg": "response completed with error", "err.code": "manifest unknown"})
CLIENT += '\ntime="x" level=error msg="response completed with error" err.code=unauthorized err.message="authentication required"'
HEALTH = json.dumps({"level": "error", "msg": "storage driver health check: something new"})
STORE = 'level=error msg="response completed with error" err.detail="dial tcp: lookup x: no such host"'
FATAL = 'level=fatal msg="listen tcp :5000: bind: address already in use"'


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("", None),
        (INFO, None),
        (CLIENT, None),
        ("connection refused\nno space left on device", None),
        (f"{HEALTH}\n{CLIENT}\n{INFO}", "storage driver health check: something new"),
        (f"{HEALTH}\n{STORE}\n{CLIENT}", "response completed with error: dial tcp: lookup x: no such host"),
        (f"{STORE}\n{HEALTH}", "storage driver health check: something new"),
        (f"{STORE}\n{FATAL}\n{HEALTH}\npanic: later", "listen tcp :5000: bind: address already in use"),
        ("   panic: indented   ", "panic: indented"),
        ('level=fatal msg=short time="x"', "short"),
        ('msg="level=fatal msg=no" level=info', None),
        ("said panic: in the middle", None),
        ('{"level": "fatal"', None),
        ('{"level": "fatal"}', ""),
        ('{"level": null, "msg": "panic: x"}', None),
        ("[1]\n{}\n" + "{" * 5000, None),
        ('{"level": "fatal", "msg": null, "error": {"a": 1}}', "{'a': 1}"),
    ],
)
def test_first_cause(log: str, line: str | None) -> None:
    """The first fatal line, else the latest error of the store, else nothing."""
    found = log_causes.find_cause(log)
    assert (found.line if found else None) == line


DECODER = """\
panic: 1 error(s) decoding:

* 'accountname' expected type 'string', got unconvertible type 'int', value: '12345678'

goroutine 1 [running]:
"""


def test_decoder_of_many_lines() -> None:
    """The parameter's name is taken from the line below; its value is not shown."""
    found = log_causes.find_cause(DECODER)
    assert found is not None and "accountname" in found.line and "12345678" not in found.text()
    assert "as a number" in found.cause


def test_decoder_without_details() -> None:
    """A log that was cut off there."""
    found = log_causes.find_cause("panic: 2 error(s) decoding:\n\ngoroutine 1 [running]:")
    assert found == log_causes.Cause("panic: 2 error(s) decoding:")


def test_lines_are_bounded_and_single() -> None:
    """Whatever its length, one line of at most 300 characters, and quickly."""
    found = log_causes.explain_line("panic: a\n\tb " + "x" * 500_000)
    assert found.line.startswith("panic: a b xxx") and found.line.endswith("...") and len(found.line) == 300
    assert log_causes.explain_line("x" * 300).line == "x" * 300
    for long in ("level=fatal " + "x" * 200_000, "a=" * 100_000, 'a="' * 50_000, "{" * 100_000):
        log_causes.find_cause(long)


def test_credentials_are_not_in_the_line() -> None:
    """Also where they are what the cause is about."""
    found = log_causes.find_cause('level=fatal msg="panic: dial https://user:hunter2@host: connection refused"')
    assert found is not None and found.cause and "hunter2" not in found.line


@given(st.text() | st.text(alphabet='{}":,=\\ \nlevelfatalmsgpanic*errors()decoding'))
def test_no_log_breaks_it(log: str) -> None:
    """Whatever was logged."""
    found = log_causes.find_cause(log)
    assert found is None or len(found.line) <= log_causes.LONGEST_LINE
