#!/usr/bin/env python3
"""tus_client.py COLLECTION TOKEN FILE CHUNK [--url URL] [--stop-at BYTES] [--checksum] [--retries N]

Uploads a file with tuspy, somebody else's tus client, and prints the upload's address; with --url it goes on with that one.
Ends with 1 when the upload broke; what is then at --url can be gone on with.
"""

import argparse
import sys

from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed


def main():
    parser = argparse.ArgumentParser()
    for name in ("collection", "token", "file"):
        parser.add_argument(name)
    parser.add_argument("chunk", type=int)
    parser.add_argument("--url")
    parser.add_argument("--stop-at", type=int)
    parser.add_argument("--checksum", action="store_true")
    parser.add_argument("--retries", type=int, default=0)
    given = parser.parse_args()
    client = TusClient(given.collection, headers={"Authorization": "Bearer " + given.token})
    try:
        uploader = client.uploader(
            given.file, chunk_size=given.chunk, url=given.url, retries=given.retries, retry_delay=1,
            metadata={"filename": "photo.jpg"}, upload_checksum=given.checksum)
        if not uploader.url:
            uploader.set_url(uploader.create_url())
        print(uploader.url, flush=True)
        uploader.upload(given.stop_at)
    except (TusCommunicationError, TusUploadFailed) as error:
        print("broken:", getattr(error, "status_code", None), file=sys.stderr)
        return 1
    print(uploader.get_offset())
    return 0


if __name__ == "__main__":
    sys.exit(main())
