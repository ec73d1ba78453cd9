"""The analysis by a language model: asked within a budget, checked against the evidence, or done without."""
