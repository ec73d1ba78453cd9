"""How well decisions were made on cases whose truth is known. Pure."""
