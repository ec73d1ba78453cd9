"""The canary: a trial webhook that goes the whole way, and the service level that it measures."""
