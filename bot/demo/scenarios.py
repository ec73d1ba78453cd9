"""What the demo can play, by name."""

from bot.demo.bad_deploy import BAD_DEPLOY
from bot.demo.storm import STORM

SCENARIOS = {scenario.name: scenario for scenario in (BAD_DEPLOY, STORM)}
