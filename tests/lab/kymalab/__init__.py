"""The lab: a real one-node Kubernetes from source, for tests on machines without a cluster."""
