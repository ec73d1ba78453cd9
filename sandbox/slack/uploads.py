"""The bytes of files: taken once from the upload address, shown on the page."""

from __future__ import annotations

from aiohttp import web

from sandbox.slack.state import StoredFile, Workspace

PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}


def add_file_routes(app: web.Application, workspace: Workspace) -> None:
    """POST /upload/v1/{id} and GET /files/{id}."""

    async def upload(request: web.Request) -> web.Response:
        file = _find(workspace, request)
        if request.content_type.startswith("multipart/"):
            part = next(iter((await request.post()).values()), None)
            content = part.file.read() if isinstance(part, web.FileField) else b""
        else:
            content = await request.read()
        if not content or len(content) > file.length or file.content:
            raise web.HTTPBadRequest(text="the upload is empty, longer than announced, or a repetition")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def show(request: web.Request) -> web.Response:
        file = _find(workspace, request)
        kind = PICTURES.get(file.name.rpartition(".")[2].lower())
        return web.Response(
            body=file.content,
            content_type=kind or "application/octet-stream",
            headers={
                "Content-Disposition": "inline" if kind else "attachment",
                "X-Content-Type-Options": "nosniff",
            },
        )

    app.router.add_post("/upload/v1/{id}", upload)
    app.router.add_get("/files/{id}", show)


def _find(workspace: Workspace, request: web.Request) -> StoredFile:
    file = workspace.files.get(request.match_info["id"])
    if file is None:
        raise web.HTTPNotFound(text="no such file")
    return file
