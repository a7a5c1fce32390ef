#!/usr/bin/env python3
"""Every rule of tests/tidy goes red on a fault planted in an otherwise clean tree, and so does the comparison of the
docs' code. Ends with `N passed, N failed`."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent

CLEAN = {
    "core/base/dependencies.txt": "sdk-plugin-api\n",
    "core/base/result.hpp": "#pragma once\n#include <unigate/json.hpp>\n",
    "core/engine/dependencies.txt": "base\n",
    "core/engine/engine.cpp": '#include "base/result.hpp"\n#include "engine/engine.hpp"\n',
    "core/engine/engine.hpp": "#pragma once\n#include <vector>\n",
    "core/gateway/dependencies.txt": "engine # joins it\nnet\n",
    "core/gateway/driver.cpp": '#include "engine/engine.hpp"\n#include "net/edge.hpp"\n',
    "core/net/dependencies.txt": "base\n",
    "core/net/edge.hpp": '#include "base/result.hpp"\n',
    "plugins/stripe/src/stripe.cpp": "#include <unigate/plugin.h>\n// Stripe is named here\n",
    "tests/e2e/test_it.py": "print('fine')\n",
}


def verdict(changes):
    """Failed rule names of the clean tree with `changes` (path -> text, None deletes)."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**CLEAN, **changes}.items():
            if text is not None:
                file = Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        run = subprocess.run([sys.executable, HERE / "run", "--root", folder], capture_output=True, text=True)
        failed = {line.split()[1] for line in run.stdout.splitlines() if line.startswith("FAILED ")}
        last = run.stdout.splitlines()[-1]
        assert last.endswith(f" passed, {len(failed)} failed"), run.stdout + run.stderr
        assert run.returncode == (1 if failed else 0), run.stdout
        return failed


class EachRuleGoesRed(unittest.TestCase):
    def assert_only(self, rule, changes):
        self.assertEqual(verdict(changes), {rule})

    def test_a_clean_tree_passes(self):
        self.assertEqual(verdict({}), set())

    def test_include_that_is_not_listed(self):
        self.assert_only("dependencies-listed", {"core/engine/engine.hpp": '#include "net/edge.hpp"\n'})

    def test_plugin_header_where_plugins_are_unknown(self):
        self.assert_only("dependencies-listed", {"core/engine/engine.hpp": "#include <unigate/plugin.h>\n"})

    def test_sdk_that_is_not_listed(self):
        self.assert_only("dependencies-listed",
                         {"core/gateway/more.cpp": "#include <unigate/plugin.h>\n"})

    def test_relative_include(self):
        self.assert_only("dependencies-listed", {"core/engine/engine.hpp": '#include "../base/result.hpp"\n'})

    def test_include_in_a_comment_is_no_include(self):
        self.assertEqual(verdict({"core/engine/engine.hpp": '// #include "net/edge.hpp"\n/*\n#include "net/x.hpp"\n*/\n'}),
                         set())

    def test_missing_dependencies_file(self):
        self.assertIn("dependencies-legal", verdict({"core/net/dependencies.txt": None}))

    def test_strangers_are_kept_apart(self):
        self.assert_only("dependencies-legal", {"core/engine/dependencies.txt": "base\nnet\n",
                                                "core/engine/engine.hpp": '#include "net/edge.hpp"\n'})

    def test_arrow_upwards(self):
        self.assert_only("dependencies-legal", {"core/base/dependencies.txt": "sdk-plugin-api\nidentity\n",
                                                "core/base/more.hpp": '#include "identity/keys.hpp"\n',
                                                "core/identity/dependencies.txt": "",
                                                "core/identity/keys.hpp": "#pragma once\n"})

    def test_unknown_layer(self):
        self.assert_only("dependencies-legal", {"core/helpers/dependencies.txt": "",
                                                "core/helpers/misc.hpp": "#pragma once\n"})

    def test_arrow_that_nothing_uses(self):
        self.assert_only("dependencies-used", {"core/gateway/dependencies.txt": "engine\nnet\nbase\n"})

    def test_circle(self):
        self.assertIn("no-circles", verdict({"core/base/dependencies.txt": "sdk-plugin-api\nengine\n",
                                             "core/base/more.hpp": '#include "engine/engine.hpp"\n'}))

    def test_plugin_that_includes_core(self):
        self.assert_only("plugins-know-the-sdk-alone",
                         {"plugins/stripe/src/stripe.cpp": '#include "base/result.hpp"\n'})

    def test_plugin_that_includes_another(self):
        self.assert_only("plugins-know-the-sdk-alone",
                         {"plugins/paypal/src/a.cpp": '#include "../../stripe/src/stripe.hpp"\n'})

    def test_provider_in_code_comment_sql_and_file_name(self):
        for path, text in {"core/engine/more.cpp": 'auto x = "Stripe";\n', "core/net/more.hpp": "// as PayPal does\n",
                           "core/engine/one.sql": "select 'razorpay';\n", "core/net/api.yaml": "provider: twilio\n",
                           "core/engine/stripe_rules.cpp": "int x;\n"}.items():
            with self.subTest(path):
                self.assert_only("no-provider-in-core", {path: text})

    def test_long_file(self):
        self.assert_only("file-length", {"core/engine/long.cpp": "int x;\n" * 800})
        self.assertEqual(verdict({"core/engine/long.cpp": "int x;\n" * 799}), set())

    def test_banned_calls(self):
        for call in ("strcpy(a, b)", "sprintf(a, b)", "std::system(a)", "system (a)", "rand()", "std::rand()"):
            with self.subTest(call):
                self.assert_only("banned-calls", {"core/engine/bad.cpp": f"void f() {{ {call}; }}\n"})

    def test_look_alikes_of_banned_calls_are_fine(self):
        self.assertEqual(verdict({"core/engine/fine.cpp":
                                  'int n = snprintf(a, 1, "strcpy(a)"); // rand()\nerror.system(x); operand(); 1\'000\'000;\n'}),
                         set())

    def test_sleep_in_a_test(self):
        sleep = "void f() { std::this_thread::sleep_for(x); }\n"
        self.assert_only("banned-calls", {"core/engine/engine_test.cpp": sleep})
        self.assert_only("banned-calls", {"tests/simulators/sim.cpp": sleep})
        self.assertEqual(verdict({"core/engine/engine.cpp": sleep, "core/engine/dependencies.txt": ""}), set())

    def test_using_namespace_in_a_header(self):
        self.assert_only("no-using-namespace-in-headers", {"core/engine/bad.hpp": "using namespace std;\n"})

    def test_markers(self):
        for text in ("# TODO later\n", "# FIXME\n", "# XXX\n"):
            with self.subTest(text):
                self.assert_only("no-markers", {"tests/e2e/test_it.py": text})

    def test_exception_excuses_and_goes_stale(self):
        excuse = {"tests/tidy/exceptions.txt": "no-markers tests/e2e/test_it.py # why\n"}
        self.assertEqual(verdict({**excuse, "tests/e2e/test_it.py": "# TODO\n"}), set())
        self.assert_only("exceptions", excuse)


class DocsQuoteCompiledCode(unittest.TestCase):
    CODE = "int a;\n  // [guide:part]\n  int b;\n    int c;\n  // [guide:end]\n"
    QUOTE = "text\n\n<!-- snippet: src/a.cpp part -->\n```cpp\nint b;\n  int c;\n```\n"

    def snippets(self, document, code=CODE, *options):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {"docs/plugin-author-guide.md": document, "src/a.cpp": code}.items():
                (Path(folder) / path).parent.mkdir(exist_ok=True)
                (Path(folder) / path).write_text(text)
            run = subprocess.run([sys.executable, HERE / "snippets", "--root", folder, *options],
                                 capture_output=True, text=True)
            return run.returncode, (Path(folder) / "docs/plugin-author-guide.md").read_text()

    def test_equal_code_passes(self):
        self.assertEqual(self.snippets(self.QUOTE)[0], 0)

    def test_code_that_changed_fails_until_written(self):
        changed = self.CODE.replace("int b", "int bb")
        self.assertEqual(self.snippets(self.QUOTE, changed)[0], 1)
        code, written = self.snippets(self.QUOTE, changed, "--write")
        self.assertEqual(code, 0)
        self.assertEqual(written, self.QUOTE.replace("int b", "int bb"))
        self.assertEqual(self.snippets(written, changed)[0], 0)

    def test_code_that_is_quoted_from_nowhere_fails(self):
        self.assertEqual(self.snippets(self.QUOTE + "\n```cpp\nint d;\n```\n")[0], 1)

    def test_a_part_that_is_not_there_fails(self):
        self.assertEqual(self.snippets(self.QUOTE.replace(" part ", " other "))[0], 1)

    def test_a_document_without_any_code_fails(self):
        self.assertEqual(self.snippets("text\n")[0], 1)


if __name__ == "__main__":
    outcome = unittest.main(exit=False, verbosity=1).result
    failures = len(outcome.failures) + len(outcome.errors)
    print(f"{outcome.testsRun - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)
