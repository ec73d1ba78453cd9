"""The sandbox's REST API, a module per resource."""
