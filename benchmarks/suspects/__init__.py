"""Generated crashes with known causes, and how well suspects are ranked on them."""
