"""The Web API, one module per family; `METHODS` is the whole table."""

from sandbox.slack.methods import chat, conversations, extras, files, people, views
from sandbox.slack.methods.call import Method

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **people.METHODS,
    **views.METHODS,
    **files.METHODS,
    **extras.METHODS,
}
