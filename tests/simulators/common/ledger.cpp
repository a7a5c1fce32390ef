#include "common/ledger.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace simulators {
namespace {

constexpr std::string_view kMovementStart = R"({"rec":"movement",)";
constexpr std::string_view kResetLine = "{\"rec\":\"reset\"}\n";

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Ledger::Ledger(std::string path) : path_(std::move(path)) {
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) fail("ledger " + path_);
  struct stat status {};
  if (::fstat(file_, &status) != 0) fail("ledger " + path_);
  if (!S_ISREG(status.st_mode)) throw std::runtime_error("ledger " + path_ + " is no regular file");
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) fail("ledger " + path_ + " (another process has it)");
  const auto size = ::lseek(file_, 0, SEEK_END);
  if (size < 0) fail("ledger " + path_);
  char last = '\n';
  if (size > 0 && ::pread(file_, &last, 1, size - 1) != 1) fail("ledger " + path_);
  if (last != '\n') append("\n");  // a line torn by a crash must not swallow the next one
  std::int64_t offset = 0;
  forEachLine(0, [&](std::string_view line) {
    offset += static_cast<std::int64_t>(line.size()) + 1;
    if (line.starts_with(kMovementStart)) ++lastSequence_;
    if (line == kResetLine.substr(0, kResetLine.size() - 1)) reportedFrom_ = offset;
  });
}

Ledger::~Ledger() {
  ::close(file_);
}

void Ledger::append(std::string_view lines) {
  while (!lines.empty()) {
    const auto written = ::write(file_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("ledger " + path_);
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string Ledger::line(const Movement& movement) {
  JsonWriter json;
  json.beginObject();
  json.field("rec", "movement");
  json.field("seq", ++lastSequence_);
  json.field("provider", movement.provider);
  json.field("type", movement.type);
  json.field("id", movement.id);
  json.field("payment", movement.payment);
  json.field("amount", movement.amount);
  json.field("currency", movement.currency);
  json.textOrNull("idempotency_key", movement.idempotencyKey);
  json.field("account", movement.account);
  json.field("key_last4", movement.keyLast4);
  json.field("livemode", movement.livemode);
  json.beginObject("metadata");
  for (const auto& [key, value] : movement.metadata) json.field(key, value);
  json.endObject();
  json.field("at_ms", movement.atMs);
  json.endObject();
  return json.text() + "\n";
}

void Ledger::forEachLine(std::int64_t offset,
                         const std::function<void(std::string_view)>& visit) const {
  std::ifstream in(path_, std::ios::binary);
  in.seekg(offset);
  std::string line;
  while (std::getline(in, line)) visit(line);
}

void Ledger::forEachRecord(const Visitor& visit) const {
  forEachLine(0, [&](std::string_view line) {
    JsonDocument record;
    record.Parse(line.data(), line.size());
    if (!record.HasParseError() && record.IsObject()) visit(record, line);
  });
}

void Ledger::forEachMovement(const Visitor& visit) const {
  forEachLine(reportedFrom_, [&](std::string_view line) {
    if (!line.starts_with(kMovementStart)) return;
    JsonDocument record;
    record.Parse(line.data(), line.size());
    if (!record.HasParseError()) visit(record, line);
  });
}

void Ledger::markReset() {
  append(kResetLine);
  reportedFrom_ = ::lseek(file_, 0, SEEK_END);
}

std::int64_t nowMs() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace simulators
