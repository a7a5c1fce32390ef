#include "plugin_host/check/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/clock.hpp"

namespace unigate::plugin_host::check {
namespace {

// Ends the text, so that a child that calls _exit(0) in the middle is seen.
constexpr char kEndMark = '\x04';

constexpr std::int64_t kTestTimeoutMs = 600'000;

// Seconds without progress after which the kernel ends this process; 0 outside of a child.
unsigned hangSeconds = 0;

[[noreturn]] void childMain(const std::function<std::string()>& body, int out) {
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0) {
    ::dup2(nowhere, STDIN_FILENO);
    ::dup2(nowhere, STDOUT_FILENO);
    if (std::getenv("UNIGATE_CHECK_STDERR") == nullptr) ::dup2(nowhere, STDERR_FILENO);
  }
  noteProgress();
  std::string text = body();
  ::alarm(0);
  text.push_back(kEndMark);
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::write(out, text.data() + sent, text.size() - sent);
    if (count < 0 && errno != EINTR) ::_exit(2);
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  ::_exit(0);
}

// Reads until the child closes its end or the deadline passes; true when it closed it.
bool readAll(int in, std::int64_t timeoutMs, std::string& text) {
  const base::SystemClock clock;
  const std::int64_t deadlineUs = clock.monotonicUs() + timeoutMs * 1000;
  for (;;) {
    const std::int64_t leftMs = (deadlineUs - clock.monotonicUs()) / 1000;
    if (leftMs <= 0) return false;
    pollfd waiting{in, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(leftMs)) <= 0) continue;
    char buffer[8192];
    const ssize_t count = ::read(in, buffer, sizeof(buffer));
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) return true;
    if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace

void noteProgress() {
  if (hangSeconds != 0) ::alarm(hangSeconds);
}

ChildResult runInChild(const std::function<std::string()>& body, std::int64_t hangTimeoutMs) {
  ChildResult result;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    result.trouble = "no pipe: " + std::string(std::strerror(errno));
    return result;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    hangSeconds = static_cast<unsigned>((hangTimeoutMs + 999) / 1000);
    childMain(body, ends[1]);
  }
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    result.trouble = "no process: " + std::string(std::strerror(errno));
    return result;
  }
  const bool closed = readAll(ends[0], kTestTimeoutMs, result.text);
  if (!closed) ::kill(child, SIGKILL);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const bool whole = !result.text.empty() && result.text.back() == kEndMark;
  if (!closed) {
    result.trouble = "not done after " + std::to_string(kTestTimeoutMs / 1000) + " s";
  } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    result.trouble = "hangs: no function returned for " + std::to_string(hangTimeoutMs) + " ms";
  } else if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    result.trouble = "crashed: signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  } else if (!whole) {
    result.trouble = "the process ended by itself with code " + std::to_string(WEXITSTATUS(status));
  } else {
    result.text.pop_back();
    result.finished = true;
  }
  return result;
}

}  // namespace unigate::plugin_host::check
