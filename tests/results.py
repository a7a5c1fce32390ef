#!/usr/bin/env python3
"""Counts the tests in JUnit files: prints "passed failed skipped". Used by tests/run.

A CTest entry that is a Catch2 program counts with its test cases, any other entry as one test.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

ALL_PASSED = re.compile(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)")
SUMMARY = re.compile(r"^test cases:\s*(\d+)(.*)$", re.MULTILINE)


def of_case(case):
    output = "".join(case.itertext())
    status = case.get("status", "run")
    if case.find("skipped") is not None or status in ("notrun", "disabled"):
        # CTest says "notrun" of a program that is missing, which is no reason to rejoice.
        return (0, 0, 1) if status != "notrun" or case.find("skipped") is not None and "Disabled" in output else (0, 1, 0)
    failed = case.find("failure") is not None or case.find("error") is not None or status == "fail"
    summary = SUMMARY.search(output)
    if summary:
        counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed)", summary[2])}
        return counts.get("passed", 0), max(counts.get("failed", 0), 1 if failed else 0), 0
    passed = sum(int(number) for number in ALL_PASSED.findall(output))
    if passed:
        return passed, 1 if failed else 0, 0
    return (0, 1, 0) if failed else (1, 0, 0)


def main(files):
    total = (0, 0, 0)
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            total = tuple(a + b for a, b in zip(total, of_case(case)))
    print(*total)


if __name__ == "__main__":
    main(sys.argv[1:])
