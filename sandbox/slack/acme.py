"""The default workspace: a small company with an incident channel."""

from __future__ import annotations

from sandbox.slack.clock import MessageClock
from sandbox.slack.state import Channel, User, UserGroup, Workspace

PILOT = User("U0PILOT", "pilot", "IncidentPilot", is_bot=True)
SLACKBOT = User("USLACKBOT", "slackbot", "Slackbot", is_bot=True)
PRIYA = User("U0PRIYA", "priya", "Priya Nair", "Checkout, on call")
MARCO = User("U0MARCO", "marco", "Marco Silva", "Payments")
AIKO = User("U0AIKO", "aiko", "Aiko Tanaka", "Platform")
SAM = User("U0SAM", "sam", "Sam Okafor", "Support")

PEOPLE = (PRIYA, MARCO, AIKO, SAM)


def acme(clock: MessageClock) -> Workspace:
    """#incidents, #checkout and #ops with the bot in them, #random and a private channel without."""
    everyone = {user.id for user in PEOPLE}
    with_bot = {*everyone, PILOT.id}
    return Workspace(
        clock,
        bot_user=PILOT,
        users=(*PEOPLE, SLACKBOT),
        channels=(
            Channel("C0INCIDENTS", "incidents", topic="What is broken now", members=set(with_bot)),
            Channel("C0CHECKOUT", "checkout", topic="The checkout team", members=set(with_bot)),
            Channel("C0OPS", "ops", topic="How the bot itself is doing", members=set(with_bot)),
            Channel("C0RANDOM", "random", topic="Everything else", members=set(everyone)),
            Channel("G0SECURITY", "security", is_private=True, members={PRIYA.id, AIKO.id}),
        ),
        usergroups=(
            UserGroup("S0CHECKOUT", "checkout-oncall", "Checkout on call", (PRIYA.id, MARCO.id)),
            UserGroup("S0PLATFORM", "platform", "Platform", (AIKO.id,)),
        ),
    )
