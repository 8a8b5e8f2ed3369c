"""A backend in Python that asks the sidecar. It needs Python 3.9 or newer and nothing but its standard library.

    SIDECAR_SECRET=… python3 client.py "What is a resumable stream?"

`--lose-after N` closes the connection after N frames, once, and goes on from there; `--cancel-after N` stops the answer.
At the end it compares the bytes that it received with the length and the SHA-256 of the stored answer.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

SIDECAR = os.environ.get("SIDECAR_URL", "http://127.0.0.1:4000")
SECRET = os.environ.get("SIDECAR_SECRET", "").encode()
USER = os.environ.get("USER_ID", "alice")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(user_id):
    """A JWT (HS256) that names the user for whom we ask. It is valid for five minutes."""
    claims = {"sub": user_id, "aud": "sidecar", "exp": int(time.time()) + 300}
    signed = b".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (signed + b"." + base64url(hmac.new(SECRET, signed, hashlib.sha256).digest())).decode()


def call(method, path, body=None, headers=None):
    request = urllib.request.Request(SIDECAR + "/v1" + path, method=method, headers=headers or {})
    request.add_header("Authorization", "Bearer " + token(USER))
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    return urllib.request.urlopen(request, timeout=60)


def frames(stream_id, after, log):
    """Yields the frames after an id as (id, data) until the connection ends, and adds their bytes to `log`."""
    headers = {"Accept": "text/event-stream"}
    if after:
        headers["Last-Event-ID"] = after
    data = None
    try:
        with call("GET", f"/streams/{stream_id}/events", headers=headers) as response:
            if response.headers.get("X-Stream-Reset"):
                log.clear()  # the log has changed: the answer begins again
            for line in response:
                if line.startswith(b"data: "):
                    data = line
                elif line.startswith(b"id: ") and line.endswith(b"\n"):
                    log += data + line + b"\n"
                    yield line[4:-1].decode(), data[6:-1].decode()
    except urllib.error.HTTPError as refusal:
        if refusal.code < 500:
            raise  # for example, the stream is gone or not ours: trying again does not help
    except (urllib.error.URLError, ConnectionError, TimeoutError, http.client.HTTPException):
        pass  # the connection was cut or refused: the caller tries again with the last id


def follow(stream_id, log, lose_after, cancel_after):
    """Yields the texts of an answer, and reconnects after a cut. Returns the id of the last frame."""
    last_id, seen = None, 0
    while True:
        for last_id, data in frames(stream_id, last_id, log):
            if data == "[DONE]":
                return last_id
            chunk = json.loads(data)
            if chunk["type"] == "text-delta":
                yield chunk["delta"]
            seen += 1
            if seen == cancel_after:
                call("DELETE", f"/streams/{stream_id}").close()
            if seen == lose_after:
                print(f"lost the connection after {last_id}", file=sys.stderr)
                break
        time.sleep(0.1)  # then reconnect after the last id


def show(texts):
    while True:
        try:
            print(next(texts), end="", flush=True)
        except StopIteration as end:
            return end.value


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("question")
    arguments.add_argument("--model", default="demo")
    arguments.add_argument("--lose-after", type=int)
    arguments.add_argument("--cancel-after", type=int)
    options = arguments.parse_args()

    start = {
        "chatId": str(uuid.uuid4()),
        "messageId": str(uuid.uuid4()),  # a start with the same id returns the same stream, so it can be repeated
        "modelId": options.model,
        "messages": [{"role": "user", "content": options.question}],
    }
    with call("POST", "/streams", start) as response:
        stream_id = json.load(response)["streamId"]
    log = bytearray()
    last_id = show(follow(stream_id, log, options.lose_after, options.cancel_after))
    with call("GET", f"/streams/{stream_id}") as response:
        state = json.load(response)
    print(f"\n{state['status']}, {state['bytes']} bytes", file=sys.stderr)
    end = int(last_id.rsplit("-", 1)[1])
    begun_at = end - len(log)  # above 0: the answer was restarted, and only its last attempt is sent
    if end != state["bytes"] or (begun_at == 0 and hashlib.sha256(log).hexdigest() != state["sha256"]):
        sys.exit(f"{len(log)} bytes were received. They are not the stored answer.")
    print("received exactly, by length and SHA-256", file=sys.stderr)


def explained(error):
    """One sentence about what went wrong, from the body of the sidecar's response if there is one."""
    if not isinstance(error, urllib.error.HTTPError):
        return f"No answer from the sidecar at {SIDECAR}: {getattr(error, 'reason', error)}"
    try:
        problem = json.load(error)
        return f"{error.code} {problem['code']}: {problem['title']} {problem.get('detail', '')}"
    except (ValueError, KeyError):
        return f"{error.code} from {SIDECAR}. Is this a sidecar?"


if __name__ == "__main__":
    if not SECRET:
        sys.exit("Set SIDECAR_SECRET to the secret of the sidecar.")
    try:
        main()
    except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
        sys.exit(explained(error))
    except KeyboardInterrupt:
        sys.exit(130)
