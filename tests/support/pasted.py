# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifests of Kyma's documentation, as users paste them: the document's own text, its indents among it."""

from __future__ import annotations

_FILESYSTEM = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: default
  namespace: kyma-system
spec:
  storage:
"""
_AZURE = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
    name: default
    namespace: kyma-system
spec:
    storage:
        azure:
            secretName: azure-storage
---
apiVersion: v1
kind: Secret
metadata:
  name: azure-storage
  namespace: kyma-system
data:
  accountKey: "YWNjb3VudEtleQ=="
  accountName: "YWNjb3VudE5hbWU="
  container: "Y29udGFpbmVy"
"""
_S3 = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: default
  namespace: kyma-system
spec:
  storage:
    s3:
      bucket: "bucketName"
      region: "eu-central-1"
      regionEndpoint: "s3-eu-central-1.amazonaws.com"
      encrypt: false
      secure: true
      secretName: "s3-storage"
---
apiVersion: v1
kind: Secret
metadata:
  name: s3-storage
  namespace: kyma-system
data:
  accessKey: "YWNjZXNzS2V5"
  secretKey: "c2VjcmV0S2V5"
"""
_GCS = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: default
  namespace: kyma-system
spec:
  storage:
    gcs:
      bucket: "bucketName"
      secretName: "gcs-secret"
      rootdirectory: "dir"
      chunkSize: 5242880
---
apiVersion: v1
kind: Secret
metadata:
  name: gcs-secret
  namespace: kyma-system
data:
  accountkey: "Z3Njc2VjcmV0"
"""
_BTP = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: default
  namespace: kyma-system
spec:
  storage:
    btpObjectStore:
      secretName: "btp-object-store-secret"
"""
_PVC = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: default
  namespace: kyma-system
spec:
  storage:
    pvc:
      name: "existing-pvc"
"""
DOCUMENTS = {"filesystem": _FILESYSTEM, "azure": _AZURE, "s3": _S3, "gcs": _GCS, "btp": _BTP, "pvc": _PVC}
