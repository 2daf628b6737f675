"""Kyma's operator in the lab: the controller of kymaoperator, or another command, and the Deployment that shows that it runs."""
