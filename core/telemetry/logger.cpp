#include "telemetry/logger.hpp"

#include <fcntl.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "base/card_guard.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"

namespace unigate::telemetry {

namespace {

constexpr std::size_t kTextBytesMax = 512;
constexpr std::size_t kIdCharsMax = 80;

std::string_view levelText(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      break;
  }
  return "error";
}

spdlog::level::level_enum toSpdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      break;
  }
  return spdlog::level::err;
}

void appendString(std::string& line, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      line += "\\u00";
      line += kHex[byte >> 4];
      line += kHex[byte & 15];
    } else {
      line += c;
    }
  }
  line += '"';
}

bool isIdText(std::string_view value) {
  return value.size() <= kIdCharsMax &&
         value.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
             "_.:-/{} ") == std::string_view::npos;
}

// A key has the alphabet of an id, and a card number too.
bool isSecretLike(std::string_view value) {
  constexpr std::string_view kKeyPrefix = "unf_";
  return value.find(kKeyPrefix) != std::string_view::npos ||
         value.find("sk_") != std::string_view::npos || base::looksLikeCardNumber(value);
}

void appendText(std::string& line, std::string_view text) {
  // Masked before it is cut, so that no half of a secret remains at the end.
  auto masked =
      base::isUtf8(text) ? maskSecrets(text) : maskSecrets(base::printable(text, kTextBytesMax));
  if (masked.size() > kTextBytesMax) {
    std::size_t end = kTextBytesMax;
    while (end > 0 && (static_cast<unsigned char>(masked[end]) & 0xc0) == 0x80) --end;
    masked.resize(end);
    masked += "...";
  }
  appendString(line, masked);
}

// Writes lines to a file descriptor and tells when it has been flushed.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DescriptorSink(const std::string& file) {
    if (file.empty()) return;
    fd_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd_ < 0) {
      throw std::runtime_error("cannot write the log file " + file + ": " + std::strerror(errno));
    }
  }
  ~DescriptorSink() override {
    if (fd_ != STDERR_FILENO) ::close(fd_);
  }
  // Flushes that have come through the queue.
  std::uint64_t flushes() const { return flushes_; }
  void waitForFlush(std::uint64_t before, std::chrono::milliseconds atMost) {
    std::unique_lock lock(flushMutex_);
    flushed_.wait_for(lock, atMost, [&] { return flushes_ > before; });
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    line_.assign(message.payload.data(), message.payload.size());
    line_ += '\n';
    std::string_view rest(line_);
    while (!rest.empty()) {
      const auto wrote = ::write(fd_, rest.data(), rest.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return;  // a full disk must not stop the gateway
      rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }
  void flush_() override {
    const std::lock_guard lock(flushMutex_);
    ++flushes_;
    flushed_.notify_all();
  }

 private:
  int fd_ = STDERR_FILENO;
  std::string line_;
  std::mutex flushMutex_;
  std::condition_variable flushed_;
  std::atomic<std::uint64_t> flushes_{0};
};

}  // namespace

Field Field::id(Literal name, std::string_view value) {
  return {name, Kind::text, 0, isIdText(value) && !isSecretLike(value) ? value : "invalid", true};
}

std::string renderLine(std::int64_t unixMs, Level level, Literal message,
                       std::string_view requestId, std::initializer_list<Field> fields) {
  std::string line;
  line.reserve(256);
  line += "{\"ts\":\"";
  line += base::toRfc3339(unixMs);
  line += "\",\"level\":\"";
  line += levelText(level);
  line += "\",\"msg\":";
  appendString(line, message.text());
  if (!requestId.empty()) {
    line += ",\"request_id\":";
    appendString(line, Field::id("request_id", requestId).string());
  }
  for (const auto& field : fields) {
    line += ',';
    appendString(line, field.fieldName());
    line += ':';
    switch (field.kind()) {
      case Field::Kind::integer:
        line += std::to_string(field.number());
        break;
      case Field::Kind::boolean:
        line += field.number() != 0 ? "true" : "false";
        break;
      case Field::Kind::text:
        if (field.checked()) {
          appendString(line, field.string());
        } else {
          appendText(line, field.string());
        }
        break;
    }
  }
  line += '}';
  return line;
}

struct Logger::Impl {
  base::SystemClock clock;
  std::shared_ptr<DescriptorSink> sink;  // shared: spdlog's interfaces want it
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

Logger::Logger(const LogSettings& settings) : impl_(std::make_unique<Impl>()) {
  impl_->sink = std::make_shared<DescriptorSink>(settings.file);
  impl_->pool = std::make_shared<spdlog::details::thread_pool>(settings.queueMax, 1);
  impl_->logger = std::make_shared<spdlog::async_logger>(
      "unigate", impl_->sink, impl_->pool, spdlog::async_overflow_policy::overrun_oldest);
  impl_->logger->set_level(toSpdlog(settings.level));
}

Logger::~Logger() {
  flush();
}

bool Logger::enabled(Level level) const {
  return impl_->logger->should_log(toSpdlog(level));
}

void Logger::log(Level level, Literal message, std::string_view requestId,
                 std::initializer_list<Field> fields) noexcept {
  if (!enabled(level)) return;
  try {
    const auto line = renderLine(impl_->clock.unixMs(), level, message, requestId, fields);
    impl_->logger->log(spdlog::source_loc{}, toSpdlog(level), spdlog::string_view_t(line));
  } catch (const std::exception&) {
    // Out of memory: serving goes on without this line.
    return;
  }
}

void Logger::flush() {
  constexpr std::chrono::milliseconds kPatience{100};
  const auto before = impl_->sink->flushes();
  while (impl_->sink->flushes() == before) {
    impl_->logger->flush();  // asked again, for a full queue may have dropped the request
    impl_->sink->waitForFlush(before, kPatience);
  }
}

std::uint64_t Logger::dropped() const {
  return impl_->pool->overrun_counter();
}

}  // namespace unigate::telemetry
