"""The sandbox's GraphQL API: a subset of GitHub's schema, resolved by git."""
