"""How evidence leaves the server: as an attachment that no browser opens as a page of ours."""

from io import BytesIO

from flask import Response, current_app, send_file

from survey_app.config import settings_of
from survey_app.evidence import Evidence, content_of

#: Whatever opens the file anyway may do nothing with it.
_SANDBOX = "default-src 'none'; sandbox"


def attachment(evidence: Evidence) -> Response:
    """Give the file under its title.

    Raises:
        GoneError: it was withdrawn, or is no longer there.
        ConflictError: it was altered since it was stored.
    """
    response = send_file(
        BytesIO(content_of(settings_of(current_app), evidence)),
        mimetype=evidence.media_type,
        as_attachment=True,
        download_name=evidence.download_name,
        etag=False,
    )
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response
