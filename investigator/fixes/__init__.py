"""What may be proposed to mend an incident, and the pull request that carries it, once a person says so."""
