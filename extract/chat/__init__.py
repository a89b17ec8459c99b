"""The conversation as data: messages, request, reply, SSE decoding, error classification, endpoint rows."""
