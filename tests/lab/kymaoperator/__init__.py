"""A controller that treats DockerRegistry objects as Kyma's operator 0.15.0 does, risks included, for tests."""
