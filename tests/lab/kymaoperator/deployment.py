"""The Deployment of the chart."""

from __future__ import annotations

from typing import Any

from kymaoperator.errors import RenderError
from kymaoperator.gotypes import go_print, plain_scalar, truthy
from kymaoperator.strvals import Values

REGISTRY_IMAGE = "europe-docker.pkg.dev/kyma-project/prod/external/library/registry:3.1.1"
INIT_IMAGE = "europe-docker.pkg.dev/kyma-project/prod/registry-init:v20240506-57d31b1d"
_TEMPLATE = "docker-registry/templates/deployment.yaml"
_HTPASSWD = (
    "htpasswd -Bbn $(cat /regcred/username.txt) $(cat /regcred/password.txt) > ./data/htpasswd\n"
    'echo "Generated htpasswd file for docker-registry..."\n'
)
_FOLDER = "/var/lib/registry"
_SECRET = "dockerregistry-secret"
_SELECTOR = {"app": "docker-registry", "release": "dockerregistry"}
_RESTRICTED: dict[str, Any] = {
    "privileged": False,
    "allowPrivilegeEscalation": False,
    "procMount": "Default",
    "readOnlyRootFilesystem": True,
}


def deployment(values: Values, namespace: str, http_secret: str, *, fast: bool = False) -> dict[str, Any]:
    """Return the Deployment. fast: the one thing that is not the chart's own: its Pods count as ready at once."""
    common = {name: go_print(value) for name, value in values["commonLabels"].items()}
    own = {
        "app.kubernetes.io/component": "dockerregistry",
        "app.kubernetes.io/instance": "dockerregistry-deployment",
    }
    annotations = {"rollme": go_print(values["rollme"]), "sidecar.istio.io/inject": "false"}
    template = {
        "metadata": {"labels": common | {"release": "dockerregistry"}, "annotations": annotations},
        "spec": _pod(values, http_secret, {"periodSeconds": 1} if fast else {}),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "dockerregistry", "namespace": namespace, "labels": common | own},
        "spec": {
            "selector": {"matchLabels": _SELECTOR},
            "replicas": values["replicaCount"],
            "strategy": {"type": "Recreate", "rollingUpdate": None},
            "minReadySeconds": 0 if fast else 5,
            "template": template,
        },
    }


def _pod(values: Values, http_secret: str, readiness: dict[str, int]) -> dict[str, Any]:
    return {
        "priorityClassName": "dockerregistry-priority",
        "securityContext": {
            "runAsUser": 1000,
            "runAsGroup": 1000,
            "fsGroup": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "hostNetwork": False,
        "hostPID": False,
        "hostIPC": False,
        "initContainers": [_init_container(values)],
        "containers": [_container(values, http_secret, readiness)],
        "volumes": _volumes(values),
    }


def _in_folder(values: Values) -> bool:
    return bool(values["storage"] == "filesystem")


def _has_key_file(values: Values) -> bool:
    return truthy(values["secrets"].get("gcs", {}).get("accountkey"))


def _init_container(values: Values) -> dict[str, Any]:
    command, mounts = _HTPASSWD, []
    if _in_folder(values):
        command += f'chown -R 1000:1000 "{_FOLDER}/"\n'
        mounts.append({"name": "data", "mountPath": f"{_FOLDER}/"})
    return {
        "name": "generate-htpasswd",
        "image": INIT_IMAGE,
        "securityContext": {
            **_RESTRICTED,
            "runAsUser": 0,
            "runAsGroup": 0,
            "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]},
        },
        "volumeMounts": [
            *mounts,
            {"name": "registry-credentials", "mountPath": "/regcred", "readOnly": True},
            {"name": "htpasswd-data", "mountPath": "/data"},
        ],
        "command": ["sh", "-ec", command],
    }


def _container(values: Values, http_secret: str, readiness: dict[str, int]) -> dict[str, Any]:
    mounts: list[dict[str, Any]] = [{"name": "dockerregistry-config", "mountPath": "/etc/distribution"}]
    if _in_folder(values):
        mounts.insert(0, {"name": "data", "mountPath": f"{_FOLDER}/"})
    if _has_key_file(values):
        mounts.append({"name": _SECRET, "mountPath": "/gcs_secret", "readOnly": True})
    mounts.append({"name": "htpasswd-data", "mountPath": "/data"})
    request = {"httpGet": {"path": "/", "port": 5000}}
    return {
        "name": "docker-registry",
        "image": REGISTRY_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {**_RESTRICTED, "capabilities": {"drop": ["ALL"]}},
        "command": ["/bin/registry", "serve", "/etc/distribution/config.yml"],
        "ports": [{"containerPort": 5000}],
        "livenessProbe": request,
        "readinessProbe": request | readiness,
        "resources": {
            "limits": {"cpu": "400m", "memory": "800Mi"},
            "requests": {"cpu": "10m", "memory": "300Mi"},
        },
        "env": [
            {"name": "REGISTRY_AUTH", "value": "htpasswd"},
            {"name": "REGISTRY_AUTH_HTPASSWD_REALM", "value": "Registry Realm"},
            {"name": "REGISTRY_AUTH_HTPASSWD_PATH", "value": "/data/htpasswd"},
            {"name": "REGISTRY_HTTP_SECRET", "value": http_secret},
            *_storage_environment(values),
        ],
        "volumeMounts": mounts,
    }


def _storage_environment(values: Values) -> list[dict[str, Any]]:
    match values["storage"]:
        case "filesystem":
            return [{"name": "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "value": _FOLDER}]
        case "azure":
            keys = ("AccountName", "AccountKey", "Container")
            return [_from_secret(f"AZURE_{key.upper()}", f"azure{key}") for key in keys]
        case "s3":
            return _s3_environment(values)
        case _:
            return _gcs_environment(values)


def _s3_environment(values: Values) -> list[dict[str, Any]]:
    spec, secret = values["s3"], values["secrets"].get("s3", {})
    found = []
    if truthy(secret.get("secretKey")) and truthy(secret.get("accessKey")):
        found = [_from_secret("S3_ACCESSKEY", "s3AccessKey"), _from_secret("S3_SECRETKEY", "s3SecretKey")]
    found.append(_unquoted("S3_REGION", _required("s3.region", spec.get("region"))))
    if truthy(spec.get("regionEndpoint")):
        found.append(_unquoted("S3_REGIONENDPOINT", spec["regionEndpoint"]))
    found.append(_unquoted("S3_BUCKET", _required("s3.bucket", spec.get("bucket"))))
    # `false` is not written: the registry's own default rules then, which is true for `secure`.
    found += [_quoted(f"S3_{key.upper()}", spec[key]) for key in ("encrypt", "secure") if truthy(spec.get(key))]
    return found


def _gcs_environment(values: Values) -> list[dict[str, Any]]:
    spec = values["gcs"]
    found = [_quoted("GCS_KEYFILE", "/gcs_secret/keyfile.json")] if _has_key_file(values) else []
    found.append(_unquoted("GCS_BUCKET", _required("gcs.bucket", spec.get("bucket"))))
    for key in ("rootdirectory", "chunkSize"):
        if truthy(spec.get(key)):
            found.append(_unquoted(f"GCS_{key.upper()}", spec[key]))
    return found


def _from_secret(name: str, key: str) -> dict[str, Any]:
    return {"name": f"REGISTRY_STORAGE_{name}", "valueFrom": {"secretKeyRef": {"name": _SECRET, "key": key}}}


def _quoted(name: str, value: Any) -> dict[str, Any]:
    return {"name": f"REGISTRY_STORAGE_{name}", "value": go_print(value)}


def _unquoted(name: str, value: Any) -> dict[str, Any]:
    """Return a variable whose value stands bare in the YAML text, where `0123` is a number."""
    return {"name": f"REGISTRY_STORAGE_{name}", "value": _bare(value)}


def _required(name: str, value: Any) -> Any:
    if value is None or value == "":
        raise RenderError(f"execution error at ({_TEMPLATE}): .Values.{name} is required")
    return value


def _bare(value: Any) -> Any:
    try:
        return plain_scalar(go_print(value))
    except ValueError as error:
        raise RenderError(f"YAML parse error on {_TEMPLATE}: error converting YAML to JSON: yaml: {error}") from error


def _volumes(values: Values) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    persistence = values["persistence"]
    if _in_folder(values):
        if truthy(persistence["enabled"]):
            claim = persistence.get("existingClaim")
            name = _bare(claim) if truthy(claim) else "dockerregistry"
            found.append({"name": "data", "persistentVolumeClaim": {"claimName": name}})
        else:
            found.append({"name": "data", "emptyDir": {}})
    found.append({"name": "dockerregistry-config", "configMap": {"name": "dockerregistry-config"}})
    if _has_key_file(values):
        found.append({"name": _SECRET, "secret": {"secretName": _SECRET}})
    items = [{"key": key, "path": f"{key}.txt"} for key in ("username", "password")]
    found.append({"name": "registry-credentials", "secret": {"secretName": "dockerregistry-config", "items": items}})
    found.append({"name": "htpasswd-data", "emptyDir": {}})
    return found
