"""How the bot itself is doing: gathered, judged by rules, told in words."""
