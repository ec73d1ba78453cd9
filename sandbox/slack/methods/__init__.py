"""The Web API, one module per family; `METHODS` is the whole table."""

from sandbox.slack.methods import canvases, chat, conversations, extras, files, making_channels, people, views
from sandbox.slack.methods.call import Method

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **making_channels.METHODS,
    **canvases.METHODS,
    **people.METHODS,
    **views.METHODS,
    **files.METHODS,
    **extras.METHODS,
}
