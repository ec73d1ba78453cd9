"""Measurements, each against a baseline taken in the same run. `make bench` runs all and writes results/."""
