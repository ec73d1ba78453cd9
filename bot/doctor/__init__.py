"""`pilot doctor`: whatever must be right on the outside is looked at, each failure with its remedy."""
