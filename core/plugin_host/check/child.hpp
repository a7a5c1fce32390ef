// Runs a function in a child process, so that a crash or a hang of the plugin is a test's result
// and not the end of the kit. Used by plugin_check.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace unigate::plugin_host::check {

struct ChildResult {
  bool finished = false;  // the function returned and its text came through
  std::string trouble;    // else why not: "crashed: signal 11 (Segmentation fault)", "hangs: ..."
  std::string text;       // what the function returned
};

// Forks, runs `body` there and hands back its text. The child's standard output and error go
// nowhere. It is killed when it calls `noteProgress` not once in `hangTimeoutMs`, and after ten
// minutes in any case. Call it while the process has one thread.
ChildResult runInChild(const std::function<std::string()>& body, std::int64_t hangTimeoutMs);

// Called by tests before each entry into the plugin. Does nothing outside of runInChild. Any
// thread.
void noteProgress();

}  // namespace unigate::plugin_host::check
