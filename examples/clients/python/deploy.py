"""Applies a manifest and follows the rollout to its end, with a client generated from the contract.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python -m grpc_tools.protoc -I ../../../proto --python_out=. --grpc_python_out=. \
        ../../../proto/supplant/v1/{common,audit,gates,rollouts,services}.proto
    SUPPLANT_TOKEN_FILE=.supplant/api.token venv/bin/python deploy.py 127.0.0.1:7700 supplant.yaml

The token is in SUPPLANT_TOKEN, or in the file that SUPPLANT_TOKEN_FILE names (`supplant dev` prints where that is).
"""

import os
import sys
import uuid

import grpc
from supplant.v1 import rollouts_pb2, rollouts_pb2_grpc, services_pb2, services_pb2_grpc


def credentials():
    """What proves who calls, as metadata of every call."""
    token = os.environ.get("SUPPLANT_TOKEN")
    if not token:
        with open(os.environ.get("SUPPLANT_TOKEN_FILE", ".supplant/api.token"), encoding="utf-8") as file:
            token = file.read().strip()
    return [("authorization", f"Bearer {token}")]


def follow(rollouts, name, metadata):
    """Yields how the rollout stands; a lost connection is resumed where it was."""
    sequence = 0
    while True:
        try:
            request = rollouts_pb2.WatchRolloutRequest(name=name, after_sequence=sequence)
            for message in rollouts.WatchRollout(request, wait_for_ready=True, metadata=metadata):
                sequence = message.sequence
                if message.HasField("event"):
                    print(message.event.type)
                elif message.HasField("rollout"):
                    yield message.rollout
            return
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise


def main(address, manifest):
    metadata = credentials()
    with grpc.insecure_channel(address) as channel, open(manifest, encoding="utf-8") as text:
        services = services_pb2_grpc.ServiceServiceStub(channel)
        request = services_pb2.ApplyServiceRequest(
            manifest_yaml=text.read(), reason="from Python", request_id=str(uuid.uuid4())
        )
        receipt = services.ApplyService(request, metadata=metadata).receipt
        if receipt.unchanged:
            print("unchanged")
            return 0
        state = rollouts_pb2.Rollout.STATE_UNSPECIFIED
        rollouts = rollouts_pb2_grpc.RolloutServiceStub(channel)
        for rollout in follow(rollouts, receipt.rollout, metadata):
            state = rollout.state
        print(rollouts_pb2.Rollout.State.Name(state))
        return 0 if state == rollouts_pb2.Rollout.STATE_SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
