#!/usr/bin/env python3
"""Writes docs/policies.md: where each rule comes from, where it stands in the policy, and which test shows it.

With --check it changes nothing, and ends with 1 if the page is stale.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs/policies.md"
FIXTURES = ROOT / "Tests/CaseworkTests/Fixtures"
REGIONS = ["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"]
HEAD = """# The five regions' rules

Each rule with the line of the region's document from which it comes (000 to 004, as policies.md numbers them), its place in the policy file, and
what proves it: a row of `Tests/CaseworkTests/Fixtures/rules.json`, which changes a sound case until the rule shows, and the cases in which it is expected.
`Tests/Policies/document.py` writes this page; a test fails when it is stale.
"""


def rules(policy):
    """Every rule of a policy as code, source, place and sentence, in the file's order."""
    for stage, conditions in enumerate(policy["stages"]):
        for index, rule in enumerate(conditions["conditions"]):
            yield rule["code"], rule["source"], f"stages[{stage}].conditions[{index}]", rule["text"]
    for member in ("holds", "corrections", "prompts", "materials"):
        for index, rule in enumerate(policy[member]):
            yield rule["code"], rule["source"], f"{member}[{index}]", rule.get("text", rule.get("name"))
    for pickup, checks in enumerate(policy["pickups"]):
        for index, rule in enumerate(checks["checks"]):
            yield rule["code"], rule["source"], f"pickups[{pickup}].checks[{index}]", rule["text"]


def limits(item):
    texts = [f"{x['workingDays']} from {x['from']}" + (f" ({x['path']})" if "path" in x else "") for x in item.get("limits", [])]
    return "; ".join(texts) or "–"


def page():
    rows = json.loads((FIXTURES / "rules.json").read_text())
    cases = {p.stem: json.loads(p.read_text()) for p in sorted((FIXTURES / "cases").glob("*.json"))}
    expected = {number: json.dumps(case["expect"], ensure_ascii=False) for number, case in cases.items()}
    out = [HEAD]
    for region in REGIONS:
        policy = json.loads((ROOT / f"Sources/Casework/Policies/{region}.json").read_text())
        out += [f"## {policy['title']}\n", f"[{region}.json](../Sources/Casework/Policies/{region}.json)\n"]
        out += ["| rule | sentence or paper | document | place | changes | cases |", "|---|---|---|---|---|---|"]
        for code, source, place, text in rules(policy):
            mine = [row for row in rows if row["code"] == code]
            changes = sum(len(row["tries"]) + len(row.get("quiet", [])) for row in mine)
            shown = [number for number in expected if f'"{code}"' in expected[number]]
            out.append(f"| {code} | {text} | {source} | `{place}` | {changes} | {', '.join(shown) or '–'} |")
        out += ["", "| service | department | choice | after | working days | document |", "|---|---|---|---|---|---|"]
        for item in policy["items"]:
            after = ", ".join(item["after"]) or "–"
            out.append(f"| `{item['code']}` {item['name']} | {item['department']} | {item['choice']} | {after} | {limits(item)} | {item['source']} |")
        number = [n for n, case in cases.items() if case["jurisdiction"] == region]
        out += ["", f"Cases of this region: {', '.join(number)}.", ""]
    return "\n".join(out)


def main():
    text = page()
    if "--check" in sys.argv:
        stale = not PAGE.exists() or PAGE.read_text() != text
        print("docs/policies.md is stale: run Tests/Policies/document.py" if stale else "docs/policies.md is as the policies are")
        return 1 if stale else 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
