"""A controller that treats DockerRegistry objects as Kyma's operator 0.15.0 does, hazards included, for tests."""
