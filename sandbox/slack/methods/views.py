"""views.*: modals and the home tab."""

from __future__ import annotations

import secrets

from sandbox.slack import limits
from sandbox.slack.actions import with_ids
from sandbox.slack.methods.call import Call, Method
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.shapes import view_shape
from sandbox.slack.state import OpenView, Workspace

MODALS_STACKED = 3


def open_view(call: Call) -> Json:
    """views.open: one modal for the person behind the trigger."""
    user = call.tickets.redeem_trigger(call.args.needed("trigger_id"))
    return _show(call, new_modal(call.workspace, user, call.args.structure("view")))


def push_view(call: Call) -> Json:
    """views.push: on top of the open modal, three at most."""
    user = call.tickets.redeem_trigger(call.args.needed("trigger_id"))
    if sum(1 for each in call.workspace.views.values() if each.user == user) >= MODALS_STACKED:
        raise Refused("push_limit_reached")
    return _show(call, new_modal(call.workspace, user, call.args.structure("view")))


def update_view(call: Call) -> Json:
    """views.update: by view_id or external_id; `hash` guards against a view changed meanwhile."""
    view = limits.judge_view(call.args.structure("view"), "modal")
    view_id, external_id = call.args.text("view_id"), call.args.text("external_id")
    opened = call.workspace.views.get(view_id) or next(
        (
            each
            for each in call.workspace.views.values()
            if external_id and each.view.get("external_id") == external_id
        ),
        None,
    )
    if opened is None:
        raise Refused("not_found")
    _unchanged(call, opened)
    opened.view = finished_view(call.workspace, view)
    call.workspace.touch()
    return {"view": view_shape(call.workspace, opened)}


def publish_view(call: Call) -> Json:
    """views.publish: the home tab of one person; `hash` as for `views.update`."""
    user = call.args.needed("user_id")
    if user not in call.workspace.users:
        raise Refused("user_not_found")
    view = limits.judge_view(call.args.structure("view"), "home")
    if user in call.workspace.homes:
        _unchanged(call, call.workspace.homes[user])
    opened = OpenView(call.workspace.next_id("V"), user, finished_view(call.workspace, view))
    call.workspace.homes[user] = opened
    call.workspace.touch()
    return {"view": view_shape(call.workspace, opened)}


def new_modal(workspace: Workspace, user: str, view: object) -> OpenView:
    """A judged modal, ready to be shown."""
    judged = limits.judge_view(view, "modal")
    return OpenView(workspace.next_id("V"), user, finished_view(workspace, judged))


def finished_view(workspace: Workspace, view: Json) -> Json:
    """The view as Slack keeps it: with ids and a hash that is new each time."""
    blocks = view["blocks"]
    kept = with_ids(workspace, blocks) if isinstance(blocks, list) else []
    return {**view, "blocks": kept, "hash": f"{workspace.clock.next_ts()}.{secrets.token_hex(4)}"}


def _unchanged(call: Call, opened: OpenView) -> None:
    expected = call.args.text("hash")
    if expected and expected != opened.view["hash"]:
        raise Refused("hash_conflict")


def _show(call: Call, opened: OpenView) -> Json:
    call.workspace.keep_view(opened)
    return {"view": view_shape(call.workspace, opened)}


METHODS = {
    "views.open": Method(open_view),
    "views.push": Method(push_view),
    "views.update": Method(update_view),
    "views.publish": Method(publish_view),
}
