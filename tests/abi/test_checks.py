#!/usr/bin/env python3
"""The guards of the ABI go red on a mutated header and stay green on a legal addition. Ends with `N passed, N failed`."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = (HERE / "../../sdk-plugin-api/include/unigate/plugin.h").read_text()

NEXT_MINOR = ("#define UG_ABI_MINOR 0u", "#define UG_ABI_MINOR 1u")
# What was to change, by a short name: (old text, new text)
BREACHES = {
    "two members change places": (
        "  uint32_t outcome;                /* UG_OUTCOME_* */\n  uint32_t retry;                  /* UG_RETRY_* */\n",
        "  uint32_t retry;                  /* UG_RETRY_* */\n  uint32_t outcome;                /* UG_OUTCOME_* */\n"),
    "a member is renamed": ("  uint32_t attempt; ", "  uint32_t trial; "),
    "a member is retyped": ("  uint32_t attempt; ", "  int32_t attempt; "),
    "a member is widened": ("  uint32_t attempt; ", "  uint64_t attempt; "),
    "a member is removed": ("  struct ug_str provider_code; ", "  /* gone */ "),
    "a member is inserted": ("  struct ug_str provider_code; ", "  struct ug_str extra; struct ug_str provider_code; "),
    "a signature changes": ("void (*end)(struct ug_call *call);", "void (*end)(struct ug_call *call, uint32_t why);"),
    "a frozen struct grows": ("  struct ug_str value;\n};", "  struct ug_str value;\n  uint64_t more;\n};"),
}
CONSTANT_BREACHES = {
    "a constant changes": ("#define UG_OUTCOME_DECLINED 1u", "#define UG_OUTCOME_DECLINED 2u"),
    "a constant is removed": ("#define UG_STEP_SLEEP 4u ", "#define UG_STEP_NAP 4u "),
    "the entry symbol changes": ('"unigate_plugin_v1"', '"unigate_plugin_v2"'),
}
BAD_ADDITIONS = {
    "an addition leaves a hole": "  uint32_t more;\n",
    "an addition is a bool": "  bool more;\n",
    "an addition is a size_t": "  size_t more;\n",
    "an addition is an enum": "  enum ug_kind more;\n",
    "an addition is a bit-field": "  uint32_t more : 1;\n  uint32_t rest : 31;\n",
    "a growable struct stands by value": "  struct ug_limits more;\n",
}
LAST_OF_EVENT = "  struct ug_bytes body;\n  int64_t now_unix_ms;\n};\n\n/* ---- plugin"


def changed(text, *replacements):
    for old, new in replacements:
        assert text.count(old) == 1, f"the mutation must hit one place: '{old}' stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def appended(member):
    return (LAST_OF_EVENT, LAST_OF_EVENT.replace("};", member + "};", 1))


class Guards(unittest.TestCase):
    def run_tool(self, tool, header):
        with tempfile.NamedTemporaryFile("w", suffix=".h") as file:
            file.write(header)
            file.flush()
            run = subprocess.run([HERE / tool, "--header", file.name], capture_output=True, text=True)
            self.assertNotIn("Traceback", run.stderr)
            return run.returncode, run.stdout

    def compiles_with_layout(self, header):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "unigate").mkdir()
            (Path(folder) / "unigate/plugin.h").write_text(header)
            run = subprocess.run(["gcc", "-std=c11", "-fsyntax-only", "-x", "c", "-I", folder, HERE / "layout_check.h"],
                                 capture_output=True, text=True)
            return run.returncode == 0

    def test_the_header_as_it_is_passes_all(self):
        for tool in ("prefix", "layout", "anchor_diff"):
            with self.subTest(tool):
                code, text = self.run_tool(tool, HEADER)
                self.assertEqual(code, 0, text)
        self.assertTrue(self.compiles_with_layout(HEADER))

    def test_prefix_refuses_each_breach(self):
        for name, change in {**BREACHES, **CONSTANT_BREACHES}.items():
            with self.subTest(name):
                code, text = self.run_tool("prefix", changed(HEADER, change, NEXT_MINOR))
                self.assertEqual(code, 1, text)

    def test_prefix_refuses_bad_additions(self):
        for name, member in BAD_ADDITIONS.items():
            with self.subTest(name):
                code, text = self.run_tool("prefix", changed(HEADER, appended(member), NEXT_MINOR))
                self.assertEqual(code, 1, text)

    def test_prefix_wants_a_new_minor_for_an_addition(self):
        legal = appended("  uint64_t more;\n")
        self.assertEqual(self.run_tool("prefix", changed(HEADER, legal, NEXT_MINOR))[0], 0)
        self.assertEqual(self.run_tool("prefix", changed(HEADER, legal))[0], 1)

    def test_anchor_diff_sees_each_breach(self):
        for name, change in BREACHES.items():
            with self.subTest(name):
                code, text = self.run_tool("anchor_diff", changed(HEADER, change))
                self.assertEqual(code, 1, text)

    def test_anchor_diff_sees_structs_of_extensions(self):
        for old in ("  struct ug_str provider_event_id;", "  struct ug_str certificate_name; ", "  uint32_t digest;   /*"):
            with self.subTest(old):
                code, _ = self.run_tool("anchor_diff", changed(HEADER, (old, "  uint64_t inserted;\n" + old)))
                self.assertEqual(code, 1)

    def test_anchor_diff_wants_every_struct(self):
        code, text = self.run_tool("anchor_diff", changed(HEADER, ("struct ug_webhook {", "struct ug_new { uint64_t a; };\nstruct ug_webhook {")))
        self.assertEqual(code, 1)
        self.assertIn("ug_new", text)

    def test_layout_asserts_stop_the_compiler(self):
        for name in ("a member is widened", "a member is removed", "a member is inserted", "a frozen struct grows"):
            with self.subTest(name):
                self.assertFalse(self.compiles_with_layout(changed(HEADER, BREACHES[name])))


if __name__ == "__main__":
    outcome = unittest.main(exit=False, verbosity=1).result
    failures = len(outcome.failures) + len(outcome.errors)
    print(f"{outcome.testsRun - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)
