"""What one `Extractor.extract` costs beside a hand-written httpx post plus `model_validate_json`, in CPU time of the client.

Same run, same loopback server (a process of its own), alternating batches; the median of the batches' ratios is the figure.
The aim is at most 1.5.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import socket
import statistics
import sys
import time
from multiprocessing import get_context

import httpx
from pydantic import BaseModel

from extract import Extractor

SOURCE = "ACME Stationery Ltd., 12 Mill Lane. Invoice 2041 of 3 May 2026: a fountain pen for 24.50, blue ink for 6.20."


class Item(BaseModel):
    name: str
    price: float


class Invoice(BaseModel):
    seller: str
    number: str
    items: list[Item]


ANSWER = '{"seller":"ACME Stationery Ltd.","number":"2041","items":[{"name":"fountain pen","price":24.5},{"name":"blue ink","price":6.2}]}'
BODY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 120, "completion_tokens": 40, "total_tokens": 160},
    }
).encode()
REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


def serve(listener: socket.socket) -> None:
    """Answer every request on one connection at a time with the same reply."""
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        held = b""
        while data := connection.recv(65536):
            held += data
            head, found, rest = held.partition(b"\r\n\r\n")
            if not found:
                continue
            length = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
            )
            if len(rest) >= length:
                connection.sendall(REPLY)
                held = rest[length:]


def cpu_s(call: object, times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        call()  # type: ignore[operator]
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--batches", type=int, default=9)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    servers = [get_context("fork").Process(target=serve, args=(listener,), daemon=True) for listener in listeners]
    for server in servers:
        server.start()
    urls = [f"http://127.0.0.1:{listener.getsockname()[1]}/v1" for listener in listeners]
    extractor = Extractor("m", base_url=urls[0], api_key="k")
    body = dict(extractor.request(Invoice, SOURCE).body)
    client = httpx.Client()

    def ours() -> object:
        return extractor.extract(Invoice, SOURCE)

    def by_hand() -> object:
        response = client.post(f"{urls[1]}/chat/completions", json=body, headers={"Authorization": "Bearer k"})
        response.raise_for_status()
        return Invoice.model_validate_json(response.json()["choices"][0]["message"]["content"])

    assert ours() == by_hand()
    cpu_s(ours, 50), cpu_s(by_hand, 50)
    if given.profile:
        with cProfile.Profile() as profile:
            cpu_s(ours, given.times)
        pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(28)
        return
    pairs = [(cpu_s(ours, given.times), cpu_s(by_hand, given.times)) for _ in range(given.batches)]
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(column) / given.times * 1e3 for column in zip(*pairs, strict=True))
    print(
        f"one extract call: {mine:.3f} ms CPU; httpx.post + model_validate_json: {theirs:.3f} ms; ratio {ratio:.2f} (aim: at most 1.5)"
    )
    for server in servers:
        server.terminate()


if __name__ == "__main__":
    main()
