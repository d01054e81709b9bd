#!/usr/bin/env python3
"""Asks Debian's jsonschema about the shipped policies, and about each of them with something changed.

The same changes are put to the program's own reader of schemas by JSONSchemaTests: `mutations.json` says of each whether
the file is still valid, and both have to agree with it.
"""

import copy
import json
import sys
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parent.parent.parent
POLICIES = ROOT / "Sources/Casework/Policies"
MUTATIONS = ROOT / "Tests/CaseworkTests/Fixtures/mutations.json"


def mutated(policy, mutation):
    """The policy with the value at a path set, or taken away if the mutation has none."""
    policy = copy.deepcopy(policy)
    *parents, last = mutation["path"]
    place = policy
    for step in parents:
        place = place[step]
    if "value" in mutation:
        place[last] = mutation["value"]
    else:
        del place[last]
    return policy


def main():
    schema = json.loads((POLICIES / "policy.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    policies = {p.stem: json.loads(p.read_text()) for p in POLICIES.glob("*.json") if p.name != "policy.schema.json"}
    wrong = [f"{name} is not valid" for name, policy in policies.items() if not validator.is_valid(policy)]
    mutations = json.loads(MUTATIONS.read_text())
    for mutation in mutations:
        if validator.is_valid(mutated(policies[mutation["policy"]], mutation)) != mutation["valid"]:
            wrong.append(f"{mutation['policy']} {mutation['path']}: should be {'' if mutation['valid'] else 'in'}valid")
    print("\n".join(wrong) or f"{len(policies)} policies and {len(mutations)} changes judged as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
